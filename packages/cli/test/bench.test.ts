import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Summary, TrialRecord } from "@gradpool/bench";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const command = fileURLToPath(new URL("../bin/gradpool.js", import.meta.url));
let folder = "";

/** A pool of a third party: the target's gradient alone, half as long as it was. */
const halfTarget = `export const createPool = () => ({
  spec: 1, name: "half-target", options: {}, needs: "norms", granularity: "model", level: "parameters",
  init: () => null,
  pool(gradients, context, state) {
    const weights = new Float64Array(gradients.tasks);
    weights[context.tasks.target] = 0.5;
    return { combined: gradients.combine({ granularity: "model", weights }), state };
  },
});
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-bench-"));
  writeFileSync(join(folder, "half-target.js"), halfTarget);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", name: "stranger", version: "1.0.0" }));
  const installed = join(folder, "node_modules", "gradpool-half-target");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "index.js"), halfTarget);
  writeFileSync(
    join(installed, "package.json"),
    JSON.stringify({ name: "gradpool-half-target", version: "2.0.0", type: "module", main: "index.js" }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function gradpool(args: readonly string[], meanwhile?: (child: ChildProcess) => void): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [command, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    meanwhile?.(child);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

const small = ["bench", "--data", "shop(users=120,items=60)", "--batch", "128", "--lr", "0.01", "--epochs", "3"];
const summaryOf = (out: string): string => readFileSync(join(folder, out, "summary.json"), "utf8");

describe("gradpool bench", () => {
  it("ends with the same summary whether unbroken, killed and resumed, or run two at a time; finished trials are not repeated", async () => {
    const args = [...small, "--pools", "ew,pcgrad", "--seeds", "2", "--grid", "lr=0.01,0.03"];
    const unbroken = await gradpool([...args, "--out", "unbroken", "--jobs", "1"]);
    expect(unbroken.code).toBe(0);

    const killed = await gradpool([...args, "--out", "killed", "--jobs", "1"], (child) => {
      const trials = join(folder, "killed", "trials");
      const timer = setInterval(() => {
        const finished = existsSync(trials)
          ? readdirSync(trials).filter((id) => existsSync(join(trials, id, "result.json")))
          : [];
        if (finished.length < 3) return;
        clearInterval(timer);
        child.kill("SIGKILL");
      }, 5);
      child.once("close", () => clearInterval(timer));
    });
    expect(killed.code).toBeNull();
    expect(existsSync(join(folder, "killed", "summary.json"))).toBe(false);
    const before = readdirSync(join(folder, "killed", "trials"));
    const resumed = await gradpool([...args, "--out", "killed", "--jobs", "2"]);
    expect(resumed.code).toBe(0);
    expect(summaryOf("killed")).toBe(summaryOf("unbroken"));
    expect(readdirSync(join(folder, "killed", "trials"))).toEqual(expect.arrayContaining(before));

    const written = (): number[] =>
      readdirSync(join(folder, "unbroken", "trials")).map(
        (id) => statSync(join(folder, "unbroken", "trials", id, "result.json")).mtimeMs,
      );
    const first = written();
    expect((await gradpool([...args, "--out", "unbroken", "--jobs", "2"])).code).toBe(0);
    expect(written()).toEqual(first);
    expect(summaryOf("unbroken")).toBe(summaryOf("killed"));
    expect(readFileSync(join(folder, "unbroken", "report.html"), "utf8")).toContain("pcgrad");
  });

  it("compares a third party's file and an installed package with ours", async () => {
    const { code, stdout } = await gradpool([
      ...small,
      "--pools",
      "ew,./half-target.js,gradpool-half-target",
      "--seeds",
      "1",
      "--out",
      "third",
      "--json",
    ]);
    expect(code).toBe(0);
    const summary = JSON.parse(stdout) as Summary;
    const [ours, file, installed] = summary.contenders;
    expect(file?.test).toEqual(installed?.test);
    expect(file?.test["ndcg@10"]?.mean).not.toBe(ours?.test["ndcg@10"]?.mean);
  });

  it("reports a trial that diverges with its step and task, and finishes the others", async () => {
    const args = [
      ...small,
      "--optimizer",
      "sgd",
      "--pools",
      "ew",
      "--seeds",
      "1",
      "--grid",
      "lr=0.1,1e30",
      "--out",
      "diverged",
    ];
    const { code, stderr } = await gradpool(args);
    expect(code).toBe(1);
    const records = readFileSync(join(folder, "diverged", "results.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as TrialRecord);
    expect(records.map(({ status, point }) => [point["lr"], status])).toEqual([
      [0.1, "ok"],
      [1e30, "failed"],
    ]);
    expect(records[1]?.error).toMatch(/step \d+.*task|task.*step \d+/);
    expect(stderr).toMatch(/failed: /);
    const summary = JSON.parse(summaryOf("diverged")) as Summary;
    expect(summary.contenders[0]?.point).toEqual({ lr: 0.1 });
  });

  it.each([
    [["--recipe", "thesiss"], /unknown recipe thesiss.*thesis/],
    [["--recipe", "pmtrec", "--data", "nowhere"], /no prepared set.*nowhere/],
    [["--pools", "ew,pcgradd"], /unknown method pcgradd.*did you mean pcgrad/],
    [["--pools", "ew,./missing.js"], /missing\.js/],
    [["--grid", "eval-evry=1,2"], /nothing is called eval-evry \(--grid\): did you mean eval-every\?.*weight-decay/],
    [["--grid", "evalEvery=1,none"], /--eval-every is none/],
    [["--grid", "lr"], /cannot read lr.*name=value/],
    [["--jobs", "0"], /--jobs is 0/],
    [["--seeds", "many"], /--seeds is many/],
  ] as const)("%j is refused before anything runs, in one line", async (args, pattern) => {
    const { code, stderr } = await gradpool(["bench", ...args, "--out", "bad"]);
    const lines = stderr.trim().split("\n");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(pattern);
    expect(code).not.toBe(0);
    rmSync(join(folder, "bad"), { recursive: true, force: true });
  });
});
