/** A comparison on two workers, and what is done to them while it runs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { begin, end, type Running } from "./command.js";
import type { TestRedis } from "./redis.js";

/** A sign of life is missed after so many seconds. */
const silence = 3;

export interface Place {
  readonly cwd: string;
  readonly redis: TestRedis;
  readonly asked: readonly string[];
  /** Of the whole comparison. */
  readonly trials: number;
  /** How often it is done, evenly over the trials. */
  readonly times: number;
}

const workers: Running[] = [];
let started = 0;

/** A comparison of one trial that runs until somebody ends it, or for a while. */
export const long: readonly string[] = [
  "--data",
  "sets/mine",
  "--epochs",
  "400",
  "--patience",
  "400",
  "--model",
  "mf(dim=4)",
  "--pools",
  "ew",
  "--seeds",
  "1",
];

export function startWorker({ cwd, redis }: Pick<Place, "cwd" | "redis">, more: readonly string[] = []): Running {
  const name = `machine-${++started}`;
  const where = ["--queue", redis.url, "--runs", "worked", "--name", name];
  const running = begin(cwd, ["worker", ...where, "--data", "sets", "--silence", String(silence), ...more]);
  workers.push(running);
  return running;
}

export async function endWorkers(): Promise<void> {
  for (const worker of workers) {
    worker.child.kill("SIGCONT");
    worker.child.kill("SIGKILL");
  }
  await Promise.all(workers.splice(0).map(({ ended }) => ended));
}

export type Failure = (place: Place, bench: Running, n: number) => Promise<void>;

/** How a comparison says that a trial's worker has not been heard of. */
const silent: RegExp = / is silent, and the trial goes on/g;

/** The worker that has been there longest; it has begun a trial. */
async function oldest(): Promise<Running> {
  const [worker] = workers;
  if (worker === undefined) throw new Error("there is no worker");
  await worker.says(/ begins$/m);
  return worker;
}

export const failures: Readonly<Record<string, Failure>> = {
  "a worker is killed": async (place) => {
    const worker = await oldest();
    workers.shift();
    await end(worker, "SIGKILL");
    startWorker(place);
  },
  "the Redis is killed and comes back": async ({ redis }) => {
    await redis.kill();
    await pause(500);
    await redis.start();
  },
  "a machine stands still and wakes up again": async (_, bench) => {
    const worker = await oldest();
    workers.push(...workers.splice(0, 1));
    const before = [...bench.said().matchAll(silent)].length;
    worker.child.kill("SIGSTOP");
    // It may have been between two trials: then it has none that could be missed.
    await Promise.race([bench.says(silent, before + 1), pause(4000 * silence)]);
    worker.child.kill("SIGCONT");
  },
};

export interface Ended {
  readonly code: number | null;
  readonly said: string;
  readonly summary: string;
  readonly ids: readonly string[];
}

/** Runs the comparison; answers with its summary, the ids of its results, and what it said. */
export async function compared(place: Place, out: string, fail: Failure | null): Promise<Ended> {
  const { cwd, redis, asked, trials, times } = place;
  startWorker(place);
  startWorker(place);
  const bench = begin(cwd, ["bench", ...asked, "--queue", redis.url, "--out", out]);
  for (let n = 1; fail !== null && n <= times; n++) {
    await bench.says(/^\d+\/\d+ /m, Math.floor((trials * (n - 1)) / times));
    await fail(place, bench, n);
  }
  const code = await bench.ended;
  await endWorkers();
  return {
    code,
    said: bench.said(),
    ...(code === null || code > 1 ? { summary: "", ids: [] } : resultsIn(join(cwd, out))),
  };
}

/** What the folder of a comparison holds. */
export function resultsIn(out: string): { readonly summary: string; readonly ids: readonly string[] } {
  const lines = readFileSync(join(out, "results.jsonl"), "utf8").trimEnd().split("\n");
  return {
    summary: readFileSync(join(out, "summary.json"), "utf8"),
    ids: lines.map((line) => (JSON.parse(line) as { readonly id: string }).id),
  };
}

const local = new Map<string, string>();

/** The summary of the same comparison in processes of this machine, once for each. */
export async function summaryHere(cwd: string, asked: readonly string[]): Promise<string> {
  const key = asked.join(" ");
  const held = local.get(key);
  if (held !== undefined) return held;
  const out = `local-${local.size}`;
  const bench = begin(cwd, ["bench", ...asked, "--jobs", "2", "--out", out]);
  if ((await bench.ended) !== 0) throw new Error(bench.said());
  const { summary } = resultsIn(join(cwd, out));
  local.set(key, summary);
  return summary;
}
