import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFolder } from "@gradpool/files";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readResult, train, type TrainOptions } from "../src/index.js";

let folder = "";
let out = "";
let runs = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-folder-"));
});
beforeEach(() => {
  out = join(folder, String(runs++));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config = { data: "shop(users=60,items=50)", epochs: 4, batch: 32, metrics: ["ndcg@10"], diagnosticsEvery: 3 };

/** Every file below a folder, by its path. */
const filesOf = (at: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(at, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), "hex")]),
  );

/** Trains until the given epoch has been judged, and stops with a checkpoint. */
async function half(change: Partial<TrainOptions> = {}, epoch = 2): Promise<void> {
  const stop = new AbortController();
  const file = await train({
    config,
    out,
    ...change,
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === "evaluation" && event.epoch === epoch) stop.abort();
    },
  });
  expect(file.result.stopped).toBe("interrupted");
}

const textOf = (name: string): string => readFileSync(join(out, name), "utf8");

describe("a new run", () => {
  it.each(["config.json", "metrics.jsonl", "diagnostics.jsonl", "result.json", "checkpoint"])(
    "never overwrites a %s that is no run's",
    async (name) => {
      mkdirSync(out);
      if (name === "checkpoint") mkdirSync(join(out, name));
      else writeFileSync(join(out, name), "mine");
      const before = filesOf(out);
      const line = new RegExp(`^${name} is there, and is no run's .*nothing is overwritten$`);
      await expect(train({ config, out })).rejects.toThrow(line);
      await expect(train({ config, out, resume: true })).rejects.toThrow(line);
      expect(filesOf(out)).toEqual(before);
      expect(readdirSync(out)).toEqual([name]);
    },
  );

  it("leaves other files of the folder alone, and a file in its place as well", async () => {
    mkdirSync(out);
    writeFileSync(join(out, "notes.txt"), "mine");
    await train({ config: { ...config, epochs: 1 }, out });
    expect(textOf("notes.txt")).toBe("mine");
    await expect(train({ config, out: join(out, "notes.txt") })).rejects.toThrow(/^a file is there/);
    expect(textOf("notes.txt")).toBe("mine");
  });

  it("that is refused, or fails before its first checkpoint, leaves no folder", async () => {
    const into = join(out, "deep", "run");
    await expect(train({ config: { ...config, tasks: ["buy", "crat"] }, out: into })).rejects.toThrow("crat");
    await expect(train({ config: { ...config, balance: ["none"] }, out: into })).rejects.toThrow("balance");
    const diverging = { ...config, optimizer: "sgd", lr: 1e30 } as const;
    await expect(train({ config: diverging, out: into })).rejects.toThrow("the loss is NaN");
    expect(existsSync(out)).toBe(false);
  });

  it("is refused where another process writes, in one line, and changes nothing there", async () => {
    const lock = await lockFolder(out);
    const before = filesOf(out);
    await expect(train({ config, out })).rejects.toThrow(/^another process \(\d+\) is writing here/);
    expect(filesOf(out)).toEqual(before);
    lock.release();
    await train({ config: { ...config, epochs: 1 }, out });
    expect(existsSync(join(out, "lock.json"))).toBe(false);
  });
});

/** Lines without the time that they were written at. */
const timeless = (text: string): string => text.replaceAll(/,"time":"[^"]*"/g, "");

describe("a run that is resumed", () => {
  it("needs nothing but its folder, and ends with the files of an unbroken one", async () => {
    await train({ config, out });
    const files = (): string[] =>
      ["metrics.jsonl", "diagnostics.jsonl", "config.json"].map((name) => timeless(textOf(name)));
    const whole = files();
    const { result } = readResult(out)!;
    out = join(folder, String(runs++));
    await half();
    appendFileSync(join(out, "metrics.jsonl"), '{"epoch":99,"st');
    const notes: string[] = [];
    const file = await train({ config: {}, out, resume: true, onNote: (line) => notes.push(line) });
    expect(file.result).toEqual(result);
    expect(files()).toEqual(whole);
    expect(notes).toEqual([]);
  });

  it("is gone on with where another process began it while this one waited for the folder", async () => {
    const { result } = await train({ config, out });
    out = join(folder, String(runs++));
    await half();
    const begun = out;
    out = join(folder, String(runs++));
    const lock = await lockFolder(out);
    const waiting = train({ config, out, resume: true, patience: 20_000 });
    cpSync(begun, out, { recursive: true });
    lock.release();
    expect((await waiting).result).toEqual(result);
  });

  it("says so where there is nothing to resume: no run, no checkpoint yet, or a run that has ended", async () => {
    await expect(train({ config: {}, out, resume: true })).rejects.toThrow(/^there is no run to resume/);
    expect(existsSync(out)).toBe(false);
    const notes: string[] = [];
    const onNote = (line: string): void => void notes.push(line);
    const first = await train({ config, out, resume: true, onNote });
    expect(notes).toEqual(["nothing to resume yet: the run starts from the beginning"]);
    const before = filesOf(out);
    expect(await train({ config: {}, out, resume: true, onNote })).toEqual(first);
    expect(notes[1]).toMatch(/^nothing to resume: the run has ended, after \d+ steps/);
    expect(filesOf(out)).toEqual(before);
  });

  it.each([
    ["another rate", { lr: 0.5 }, /`lr` was 0.001 and is 0.5/],
    ["another seed", { seed: 9 }, /`seed` was 1 and is 9/],
    ["other data", { data: "shop(users=70,items=50)" }, /data was/],
  ])("with %s is refused and changes nothing", async (_, change, told) => {
    await half();
    const before = filesOf(out);
    await expect(train({ config: { ...config, ...change }, out, resume: true })).rejects.toThrow(told);
    expect(filesOf(out)).toEqual(before);
  });

  it("does not go on from logs that are not the run's; once they are deleted it does, and says where they begin", async () => {
    await half();
    const path = join(out, "metrics.jsonl");
    writeFileSync(
      path,
      textOf("metrics.jsonl").replace(/\d/, (digit) => String((Number(digit) + 1) % 10)),
    );
    const before = filesOf(out);
    await expect(train({ config: {}, out, resume: true })).rejects.toThrow(/lines that the run had written .*metrics/);
    expect(filesOf(out)).toEqual(before);
    rmSync(path);
    const notes: string[] = [];
    await train({ config: {}, out, resume: true, onNote: (line) => notes.push(line) });
    expect(notes[0]).toMatch(/^metrics\.jsonl is gone: its lines begin after step \d+/);
  });

  it("whose configuration is damaged says so; with the file gone the options are given again, and the checkpoint judges them", async () => {
    await half();
    const held = textOf("config.json");
    writeFileSync(join(out, "config.json"), held.slice(0, -9));
    await expect(train({ config: {}, out, resume: true })).rejects.toThrow(/not JSON .*put it back, or delete it/);
    rmSync(join(out, "config.json"));
    await expect(train({ config: { ...config, lr: 0.5 }, out, resume: true })).rejects.toThrow(
      /lr was 0.001 and is 0.5/,
    );
    await train({ config, out, resume: true });
    expect(textOf("config.json")).toBe(held);
  });

  it("with a changed result does not pass it on", async () => {
    await train({ config, out });
    writeFileSync(join(out, "result.json"), textOf("result.json").replace(/"ndcg@10": 0\.\d/, '"ndcg@10": 0.9'));
    await expect(train({ config: {}, out, resume: true })).rejects.toThrow(/checksum does not match .*result\.json/);
    rmSync(join(out, "result.json"));
    await train({ config: {}, out, resume: true });
    expect(readResult(out)?.result.stopped).toBe("epochs");
  });
});

describe("code that a configuration names", () => {
  const own = (): string => join(folder, "own.mjs");
  beforeAll(() => {
    writeFileSync(
      own(),
      `import { writeFileSync } from "node:fs";
      writeFileSync(${JSON.stringify(join(folder, "ran"))}, "");
      export const createPool = () => ({
        spec: 1, name: "own", options: {}, needs: "norms", granularity: "model", level: "parameters", init: () => null,
        pool: (gradients, _, state) =>
          ({ combined: gradients.combine({ granularity: "model", weights: new Float64Array(gradients.tasks).fill(1) }), state }),
      });`,
    );
  });

  it.each(["pool", "model"] as const)("as its %s runs only where the caller allows it, resumed too", async (field) => {
    rmSync(join(folder, "ran"), { force: true });
    const named = { ...config, [field]: own() };
    await expect(train({ config: named, out, allow: [] })).rejects.toThrow(
      /only data names would run .*--allow .*own\.mjs/,
    );
    expect(existsSync(join(folder, "ran"))).toBe(false);
    if (field === "model") return;
    await half({ config: named, allow: [own()] });
    await expect(train({ config: {}, out, resume: true, allow: [] })).rejects.toThrow(/only data names would run/);
    const file = await train({ config: {}, out, resume: true, allow: [own()] });
    expect(file.result.stopped).toBe("epochs");
  });
});

it("a process that was killed before its first checkpoint leaves a folder that can be gone on with", async () => {
  const program = `
    import { train } from ${JSON.stringify(join(import.meta.dirname, "../dist/index.js"))};
    await train({ config: ${JSON.stringify(config)}, out: ${JSON.stringify(out)}, onEvent: () => process.kill(process.pid, 9) });`;
  const killed = spawnSync(process.execPath, ["--input-type=module", "-e", program]);
  expect(killed.signal, killed.stderr.toString()).toBe("SIGKILL");
  const notes: string[] = [];
  const file = await train({ config: {}, out, resume: true, onNote: (line) => notes.push(line) });
  expect(notes).toEqual(["nothing to resume yet: the run starts from the beginning"]);
  expect(file.result.stopped).toBe("epochs");
  expect(readdirSync(out).sort()).toEqual([
    "card.json",
    "card.md",
    "checkpoint",
    "config.json",
    "data.gradpool",
    "diagnostics.jsonl",
    "metrics.jsonl",
    "result.json",
  ]);
});
