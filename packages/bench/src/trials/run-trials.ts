import { type ChildProcess, fork } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type RunFile, type TrainMessage, writeConfig } from "@gradpool/runs";
import { ownFolder } from "../package/folder.js";
import { readThinned } from "./diagnostics.js";
import { sweepFolder } from "../results/files.js";
import type { TrialRecord, TrialSpec } from "../results/types.js";

export type TrialEvent =
  | { readonly type: "start" | "skip"; readonly trial: TrialSpec }
  | { readonly type: "message"; readonly trial: TrialSpec; readonly message: TrainMessage }
  | { readonly type: "end"; readonly trial: TrialSpec; readonly record: TrialRecord };

export interface RunTrialsOptions {
  readonly folder: string;
  /** Trials at a time. */
  readonly jobs: number;
  readonly onEvent?: (event: TrialEvent) => void;
  /** Lets running trials write a checkpoint and stop; none is started after. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs trials, each in a process of its own. A finished one is not run again, an interrupted one goes on from its
 * checkpoint, a failed one is a record with its error. Records come in the order of the trials, whatever order they end in.
 */
export async function runTrials(
  trials: readonly TrialSpec[],
  options: RunTrialsOptions,
): Promise<readonly TrialRecord[]> {
  const unique = [...new Map(trials.map((trial) => [trial.id, trial])).values()];
  const records = new Map<string, TrialRecord>();
  let next = 0;
  const takeTurns = async (): Promise<void> => {
    while (next < unique.length && options.signal?.aborted !== true) {
      const trial = unique[next++] as TrialSpec;
      const finished = readFinished(options.folder, trial);
      if (finished === null) options.onEvent?.({ type: "start", trial });
      else options.onEvent?.({ type: "skip", trial });
      const record = finished ?? (await runOne(trial, options));
      records.set(trial.id, record);
      options.onEvent?.({ type: "end", trial, record });
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, unique.length) }, takeTurns));
  // One configuration may stand under two labels: each gets its record.
  return trials.flatMap((trial) => {
    const record = records.get(trial.id);
    return record === undefined ? [] : [{ ...record, label: trial.label, point: trial.point, config: trial.config }];
  });
}

const runFile = (folder: string, trial: TrialSpec): string => join(sweepFolder(folder).trial(trial.id), "result.json");

function readFinished(folder: string, trial: TrialSpec): TrialRecord | null {
  const path = runFile(folder, trial);
  if (!existsSync(path)) return null;
  const { result, cost, environment } = JSON.parse(readFileSync(path, "utf8")) as RunFile;
  if (result.stopped === "interrupted") return null;
  return {
    ...trial,
    status: "ok",
    result,
    cost,
    environment,
    diagnostics: readThinned(sweepFolder(folder).trial(trial.id)),
  };
}

async function runOne(trial: TrialSpec, options: RunTrialsOptions): Promise<TrialRecord> {
  const out = sweepFolder(options.folder).trial(trial.id);
  const child = fork(worker, [writeConfig(out, trial.config), out], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...oneThread, ...process.env },
  });
  const stop = (): void => void child.kill("SIGINT");
  options.signal?.addEventListener("abort", stop, { once: true });
  child.on("message", (message: TrainMessage) => options.onEvent?.({ type: "message", trial, message }));
  const { code, lastLine } = await ended(child);
  options.signal?.removeEventListener("abort", stop);
  const finished = code === 0 ? readFinished(options.folder, trial) : null;
  if (finished !== null) return finished;
  const error =
    options.signal?.aborted === true
      ? "interrupted: run the bench again to go on"
      : lastLine || `ended with code ${code}`;
  return { ...trial, status: "failed", error: error.replace(/^gradpool: /, ""), environment: {} };
}

/**
 * TensorFlow on one thread, unless the environment says otherwise: trials run side by side instead (two on two cores train a
 * third faster so than with two threads each), and sums come out the same on any number of cores.
 */
const oneThread = { TF_NUM_INTRAOP_THREADS: "1", TF_NUM_INTEROP_THREADS: "1", OMP_NUM_THREADS: "1" } as const;

/** The build's, from the sources too: a process runs no TypeScript. */
const worker: string = join(ownFolder, "dist", "trials", "worker.js");

/** Exit code and the last line that it wrote to stderr: for a failed run, its error. */
function ended(child: ChildProcess): Promise<{ readonly code: number | string; readonly lastLine: string }> {
  return new Promise((resolve) => {
    let tail = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      tail = (tail + text).slice(-4000);
    });
    const finish = (code: number | string): void => {
      const lines = tail.split("\n").filter((line) => line.trim() !== "");
      resolve({ code, lastLine: lines.findLast((line) => line.startsWith("gradpool: ")) ?? lines.at(-1) ?? "" });
    };
    child.once("error", (error) => finish(error.message));
    child.once("close", (code, signal) => finish(code ?? signal ?? "unknown"));
  });
}
