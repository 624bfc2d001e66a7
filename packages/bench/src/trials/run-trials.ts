import { type ChildProcess, fork } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { GradpoolError, isGradpoolError } from "@gradpool/core";
import type { TrainMessage } from "@gradpool/runs";
import { ownFolder } from "../package/folder.js";
import { sweepFolder } from "../results/files.js";
import type { TrialRecord, TrialSpec } from "../results/types.js";
import { readFinished } from "./finished.js";
import { exitDamaged, exitInterrupted, type Job } from "./job.js";

export type TrialEvent =
  | { readonly type: "start" | "skip"; readonly trial: TrialSpec }
  | { readonly type: "message"; readonly trial: TrialSpec; readonly message: TrainMessage }
  | { readonly type: "end"; readonly trial: TrialSpec; readonly record: TrialRecord };

export interface RunTrialsOptions {
  readonly folder: string;
  /** Trials at a time. */
  readonly jobs: number;
  /** What may run where a configuration names code: see `train`. */
  readonly allow?: readonly string[] | undefined;
  readonly onEvent?: (event: TrialEvent) => void;
  /** A line about a trial that is worth knowing once. */
  readonly onNote?: (line: string) => void;
  /** Lets running trials write a checkpoint and stop; none is started after. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs trials, each in a process of its own. A finished one is not run again, an interrupted one goes on from its
 * checkpoint, a failed one is a record with its error. Records come in the order of the trials, whatever order they end in.
 * Error `interrupted` if it was stopped.
 */
export async function runTrials(
  trials: readonly TrialSpec[],
  options: RunTrialsOptions,
): Promise<readonly TrialRecord[]> {
  const unique = [...new Map(trials.map((trial) => [trial.id, trial])).values()];
  const records = new Map<string, TrialRecord>();
  let next = 0;
  let stopped = false;
  const takeTurns = async (): Promise<void> => {
    while (next < unique.length && !stopped && options.signal?.aborted !== true) {
      const trial = unique[next++] as TrialSpec;
      const out = sweepFolder(options.folder).trial(trial.folder ?? trial.id);
      const finished = finishedOf(trial, out, (line) => options.onNote?.(line));
      if (finished === null) options.onEvent?.({ type: "start", trial });
      else options.onEvent?.({ type: "skip", trial });
      const record = finished ?? (await runOne(trial, out, options));
      if (record === null) {
        stopped = true;
        return;
      }
      records.set(trial.id, record);
      options.onEvent?.({ type: "end", trial, record });
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, unique.length) }, takeTurns));
  if (stopped || options.signal?.aborted === true) {
    throw new GradpoolError({
      code: "interrupted",
      what: "the bench was interrupted",
      where: options.folder,
      remedy: "run the same command again: it goes on where it stopped",
    });
  }
  // One configuration may stand under two labels: each gets its record.
  return trials.flatMap((trial) => {
    const record = records.get(trial.id);
    return record === undefined ? [] : [{ ...record, label: trial.label, point: trial.point, config: trial.config }];
  });
}

/**
 * The record of a trial that has ended. Where its files are not what it wrote, it is run again, and a note says so: what is
 * left of it is not worth a doubt.
 */
function finishedOf(trial: TrialSpec, out: string, note: (line: string) => void): TrialRecord | null {
  try {
    return readFinished(out, trial);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    note(`a trial is run again: ${error.what} (${error.where})`);
    rmSync(out, { recursive: true, force: true });
    return null;
  }
}

const isDamaged = (error: unknown): error is GradpoolError => isGradpoolError(error) && error.code === "damaged";

/** The record of a trial; null if it was stopped, with a checkpoint: because the bench was, or by a Ctrl-C of its own. */
async function runOne(trial: TrialSpec, out: string, options: RunTrialsOptions): Promise<TrialRecord | null> {
  let ended = await runOnce(trial, out, options);
  if (ended.code === exitDamaged && options.signal?.aborted !== true) {
    options.onNote?.(`a trial is run again: ${ended.lastLine}`);
    rmSync(out, { recursive: true, force: true });
    ended = await runOnce(trial, out, options);
  }
  const { code, lastLine } = ended;
  const finished = code === 0 ? readFinished(out, trial) : null;
  if (finished !== null) return finished;
  if (options.signal?.aborted === true || code === exitInterrupted) return null;
  return { ...trial, status: "failed", error: lastLine || `ended with code ${code}`, environment: {} };
}

async function runOnce(trial: TrialSpec, out: string, options: RunTrialsOptions): Promise<Ended> {
  const { signal, allow, onEvent } = options;
  const job: Job = { config: trial.config, out, allow };
  const child = fork(worker, [JSON.stringify(job)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...oneThread, ...process.env },
  });
  const stop = (): void => void child.kill("SIGINT");
  signal?.addEventListener("abort", stop, { once: true });
  child.on("message", (message: TrainMessage) => onEvent?.({ type: "message", trial, message }));
  const ended = await endOf(child);
  signal?.removeEventListener("abort", stop);
  return ended;
}

/**
 * TensorFlow on one thread, unless the environment says otherwise: trials run side by side instead (two on two cores train a
 * third faster so than with two threads each), and sums come out the same on any number of cores.
 */
const oneThread = { TF_NUM_INTRAOP_THREADS: "1", TF_NUM_INTEROP_THREADS: "1", OMP_NUM_THREADS: "1" } as const;

/** The build's, from the sources too: a process runs no TypeScript. */
const worker: string = join(ownFolder, "dist", "trials", "worker.js");

/** Exit code and the last line that a trial wrote to stderr: for a failed run, its error. */
interface Ended {
  readonly code: number | string;
  readonly lastLine: string;
}

function endOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    let tail = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      tail = (tail + text).slice(-4000);
    });
    const finish = (code: number | string): void => {
      const lines = tail.split("\n").filter((line) => line.trim() !== "");
      const lastLine = lines.findLast((line) => line.startsWith("gradpool: ")) ?? lines.at(-1) ?? "";
      resolve({ code, lastLine: lastLine.replace(/^gradpool: /, "") });
    };
    child.once("error", (error) => finish(error.message));
    child.once("close", (code, signal) => finish(code ?? signal ?? "unknown"));
  });
}
