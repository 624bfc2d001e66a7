/** Kills the built command at the N-th call of a system call, with strace, and runs it again: see kills.test.ts. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSnapshot } from "@gradpool/trainer";

const command = fileURLToPath(new URL("../../packages/cli/bin/gradpool.js", import.meta.url));

export const hasStrace: boolean = spawnSync("strace", ["-V"]).status === 0;

export interface Ended {
  readonly code: number | null;
  readonly killed: boolean;
  readonly stderr: string;
}

const ended = ({ status, signal, stderr }: ReturnType<typeof spawnSync>): Ended => ({
  code: status,
  killed: signal === "SIGKILL" || status === 137,
  stderr: String(stderr),
});

export const gradpool = (cwd: string, args: readonly string[]): Ended =>
  ended(spawnSync(process.execPath, [command, ...args], { cwd }));

/** The same, killed at the `nth` call of `call`, if it makes so many. */
export const killedAt = (cwd: string, args: readonly string[], call: string, nth: number): Ended =>
  ended(
    spawnSync(
      "strace",
      ["-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", `inject=${call}:signal=9:when=${nth}`].concat([
        process.execPath,
        command,
        ...args,
      ]),
      { cwd },
    ),
  );

const hash = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");

/** Every file below a folder and what must not depend on kills: hashes, weights without times, results without costs. */
export function bitsOf(folder: string): Readonly<Record<string, string>> {
  const bits: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    // The older of two newest checkpoints may be from another moment.
    if (entry.name === "previous.gradpool") continue;
    bits[name] = stable(path, entry.name);
  }
  return bits;
}

function stable(path: string, name: string): string {
  if (/^(newest|best)\.gradpool$/.test(name)) {
    const { arrays } = readSnapshot(path);
    return hash([...arrays].map(([key, array]) => `${key} ${hash(Buffer.from(array.buffer as ArrayBuffer))}`).join());
  }
  const text = readFileSync(path);
  if (name === "result.json") {
    const { result, config, dataHash } = JSON.parse(text.toString()) as Record<string, unknown>;
    return hash(JSON.stringify([result, config, dataHash]));
  }
  // Costs differ, and the report shows them.
  if (name === "results.jsonl" || name === "report.html") return "there";
  return hash(text);
}

export interface Story {
  readonly name: string;
  /** Run once, then killed and run again; `out` is its folder. */
  first(out: string): readonly string[];
  again(out: string): readonly string[];
  readonly calls: readonly string[];
  /** What must be there before it, in the working folder. */
  readonly prepare?: (cwd: string, out: string) => void;
}

const shop = "shop(users=80,items=50)";
const train = [
  "train",
  "--data",
  shop,
  "--pool",
  "pcgrad",
  "--epochs",
  "3",
  "--batch",
  "64",
  "--diagnostics-every",
  "2",
];
const bench = ["bench", "--data", shop, "--pools", "ew,pcgrad", "--seeds", "1", "--epochs", "2", "--batch", "64"];
const prepare = [
  "prepare",
  "--format",
  "csv",
  "rows.csv",
  "--columns",
  "user=user,item=item",
  "--split",
  "leave-one-out",
];

export const stories: readonly Story[] = [
  {
    name: "train",
    first: (out) => [...train, "--out", out, "--resume"],
    again: (out) => [...train, "--out", out, "--resume"],
    calls: ["write", "fsync", "rename", "link", "unlink", "mkdir"],
  },
  {
    name: "bench",
    first: (out) => [...bench, "--jobs", "1", "--out", out],
    again: (out) => [...bench, "--jobs", "1", "--out", out],
    calls: ["fsync", "rename", "link", "mkdir"],
  },
  {
    name: "prepare --force",
    prepare: (cwd, out) => void gradpool(cwd, [...prepare, "--out", out]),
    first: (out) => [...prepare, "--force", "--out", out],
    again: (out) => [...prepare, "--force", "--out", out],
    calls: ["fsync", "rename", "mkdir", "unlink"],
  },
];

/** Files in the working folder beside `out`, which nothing may leave there. */
export const besides = (cwd: string, out: string): readonly string[] =>
  existsSync(cwd) ? readdirSync(cwd).filter((name) => name !== out && name !== "rows.csv") : [];
