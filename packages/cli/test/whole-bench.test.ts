import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const command = fileURLToPath(new URL("../bin/gradpool.js", import.meta.url));
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-whole-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Signals the whole group, as a terminal does, or its first process alone, as `kill` does. */
interface Signals {
  readonly group: (signal: NodeJS.Signals | 0) => void;
  readonly alone: (signal: NodeJS.Signals) => void;
}

/** Runs the command in a process group of its own, which `meanwhile` may signal. */
function gradpool(args: readonly string[], meanwhile?: (signals: Signals) => void): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [command, ...args], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    meanwhile?.({
      group: (signal) => process.kill(-child.pid!, signal),
      alone: (signal) => process.kill(child.pid!, signal),
    });
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

const small = "bench --data shop(users=120,items=60) --batch 128 --epochs 3 --pools ew,pcgrad --seeds 1 --jobs 2";
const bench = (out: string, ...more: readonly string[]): readonly string[] => [
  ...small.split(" "),
  "--out",
  out,
  ...more,
];
const read = (...path: readonly string[]): string => readFileSync(join(folder, ...path), "utf8");
const trials = (out: string): readonly string[] => readdirSync(join(folder, out, "trials"));
const trial = (out: string, k: number, ...path: readonly string[]): string =>
  join(folder, out, "trials", trials(out)[k]!, ...path);

/** Waits until something holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Waits until both trials of a bench run, and have something to go on from. */
const bothRun = (out: string): Promise<void> =>
  until(
    () =>
      existsSync(join(folder, out, "trials")) &&
      trials(out).length === 2 &&
      [0, 1].every((k) => existsSync(trial(out, k, "checkpoint", "newest.gradpool"))),
  );

/** Why each trial's training stopped. */
const stops = (out: string): readonly string[] =>
  [0, 1].map((k) => JSON.parse(readFileSync(trial(out, k, "result.json"), "utf8")).result.stopped);

describe("a comparison's folder", () => {
  it("damaged trials are run again, each with a note, to the same summary; damaged summaries are written anew", async () => {
    expect((await gradpool(bench("a"))).code).toBe(0);
    const whole = read("a", "summary.json");
    const result = readFileSync(trial("a", 0, "result.json"), "utf8");
    writeFileSync(trial("a", 0, "result.json"), result.replace(/"ndcg@10": 0\.\d/, '"ndcg@10": 0.9'));
    writeFileSync(trial("a", 1, "diagnostics.jsonl"), "[]\n");
    for (const name of ["summary.json", "results.jsonl", "plan.json"]) {
      writeFileSync(join(folder, "a", name), read("a", name).slice(0, -50));
    }
    const again = await gradpool(bench("a"));
    expect(again.code, again.stderr).toBe(0);
    const notes = again.stderr.split("\n").filter((line) => line.startsWith("a trial is run again: "));
    expect(notes).toHaveLength(2);
    expect(notes.join()).toMatch(/checksum does not match .*result\.json/);
    expect(notes.join()).toMatch(/checksum does not match .*diagnostics\.jsonl/);
    expect(read("a", "summary.json")).toBe(whole);
  });

  it("a trial that was stopped, and whose checkpoints are damaged then, is run again with a note", async () => {
    expect((await gradpool(bench("b"))).code).toBe(0);
    const whole = read("b", "summary.json");
    rmSync(trial("b", 0, "result.json"));
    for (const name of readdirSync(trial("b", 0, "checkpoint")))
      writeFileSync(trial("b", 0, "checkpoint", name), "half");
    const again = await gradpool(bench("b"));
    expect(again.stderr).toMatch(/a trial is run again: no whole checkpoint is left/);
    expect(again.code).toBe(0);
    expect(read("b", "summary.json")).toBe(whole);
  });

  it.each(["plan.json", "results.jsonl", "summary.json", "trials"])(
    "never overwrites a %s of somebody's",
    async (name) => {
      const out = join(folder, "foreign", name);
      mkdirSync(out, { recursive: true });
      if (name === "trials") mkdirSync(join(out, name));
      else writeFileSync(join(out, name), "mine");
      const { code, stderr } = await gradpool(bench(out));
      expect(code).toBe(1);
      expect(stderr.trim()).toMatch(
        new RegExp(`^gradpool: ${name} is there, and is no comparison's .*nothing is overwritten$`),
      );
      expect(readdirSync(out)).toEqual([name]);
      if (name !== "trials") expect(readFileSync(join(out, name), "utf8")).toBe("mine");
    },
  );

  it("that is refused is not made", async () => {
    expect((await gradpool(bench("none", "--metrics", "ndgc@10"))).code).toBe(2);
    expect(existsSync(join(folder, "none"))).toBe(false);
  });
});

describe("Ctrl-C to the whole group", () => {
  it("saves every running trial and exits 130, and the same command ends as if nothing had been", async () => {
    const long = ["--epochs", "400", "--eval-every", "400"];
    const args = (out: string): readonly string[] =>
      bench(out).filter((word, k, all) => word !== "--epochs" && all[k - 1] !== "--epochs");
    expect((await gradpool([...args("unbroken"), ...long])).code).toBe(0);
    const stopped = await gradpool([...args("stopped"), ...long], ({ group }) => {
      void bothRun("stopped").then(() => {
        group("SIGINT");
        group("SIGINT");
      });
    });
    expect(stopped.code, stopped.stderr).toBe(130);
    expect(stops("stopped")).toEqual(["interrupted", "interrupted"]);
    expect(stopped.stderr).not.toMatch(/ failed: /);
    expect((await gradpool([...args("stopped"), ...long])).code).toBe(0);
    expect(read("stopped", "summary.json")).toBe(read("unbroken", "summary.json"));
  });
});

describe("SIGINT to the command alone", () => {
  it("stops and saves every trial, exits 130, and leaves no process behind", async () => {
    const args = bench("alone").map((word, k, all) => (all[k - 1] === "--epochs" ? "1000000" : word));
    let left: Signals["group"] = () => undefined;
    const stopped = await gradpool([...args, "--eval-every", "1000000"], ({ group, alone }) => {
      left = group;
      void bothRun("alone").then(() => alone("SIGINT"));
    });
    expect(stopped.code, stopped.stderr).toBe(130);
    expect(stopped.stderr.trim().split("\n").at(-1)).toMatch(/^gradpool: the bench was interrupted .*it goes on where/);
    expect(stops("alone")).toEqual(["interrupted", "interrupted"]);
    expect(() => left(0)).toThrow(/ESRCH/);
  });
});

describe("code that a recipe names", () => {
  it("runs only where the command line names it, in trials as well", async () => {
    writeFileSync(
      join(folder, "own.js"),
      `import { writeFileSync } from "node:fs";
      writeFileSync("ran", "");
      export const createPool = () => ({
        spec: 1, name: "own", options: {}, needs: "norms", granularity: "model", level: "parameters", init: () => null,
        pool: (gradients, _, state) =>
          ({ combined: gradients.combine({ granularity: "model", weights: new Float64Array(gradients.tasks).fill(1) }), state }),
      });`,
    );
    const contenders = [
      { label: "EW", pool: "ew" },
      { label: "Own", pool: "./own.js" },
    ];
    const base = { data: "shop(users=60,items=50)", epochs: 1 };
    writeFileSync(join(folder, "recipe.json"), JSON.stringify({ base, contenders, seeds: [1] }));
    const run = (...more: readonly string[]): Promise<Ended> =>
      gradpool(["bench", "--recipe", "./recipe.json", "--out", "own", "--jobs", "1", ...more]);
    const refused = await run();
    expect(refused.code).toBe(2);
    expect(refused.stderr.trim()).toMatch(/^gradpool: a file that only data names would run .*--allow \.\/own\.js$/);
    expect(existsSync(join(folder, "ran"))).toBe(false);
    expect(existsSync(join(folder, "own"))).toBe(false);
    const allowed = await run("--allow", "./own.js");
    expect(allowed.code, allowed.stderr).toBe(0);
  });
});

it("two that write to one folder at once: one runs, the other is refused in one line", async () => {
  const both = await Promise.all([gradpool(bench("two")), gradpool(bench("two"))]);
  expect(both.map(({ code }) => code).sort()).toEqual([0, 2]);
  const { stderr } = both.find(({ code }) => code === 2)!;
  expect(stderr.trim()).toMatch(/^gradpool: another process \(\d+\) is writing here \(two\): wait until it ends/);
});
