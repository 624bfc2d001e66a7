import { given, GradpoolError } from "@gradpool/core";
import type { TrainMessage } from "@gradpool/runs";
import { sweepFolder } from "../results/files.js";
import type { TrialRecord, TrialSpec } from "../results/types.js";
import { boardFolder } from "./board.js";
import { exitInterrupted } from "./job.js";
import { runTrial } from "./run-trial.js";
import type { TrialRunner } from "./runner.js";

export type TrialEvent =
  | { readonly type: "start" | "skip"; readonly trial: TrialSpec }
  | { readonly type: "message"; readonly trial: TrialSpec; readonly message: TrainMessage; readonly machine?: string }
  | { readonly type: "end"; readonly trial: TrialSpec; readonly record: TrialRecord; readonly machine?: string };

export interface RunTrialsOptions {
  readonly folder: string;
  readonly runner: TrialRunner;
  /** What may run where a configuration names code: see `train`. */
  readonly allow?: readonly string[] | undefined;
  /** Folder for event files, a folder a trial. */
  readonly tensorboard?: string | undefined;
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
      const record = await runOne(trial, options);
      if (record === null) {
        stopped = true;
        return;
      }
      records.set(trial.id, record);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.runner.jobs, unique.length) }, takeTurns));
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

/** The record of a trial; null if it was stopped, with a checkpoint: because the bench was, or by a Ctrl-C of its own. */
async function runOne(trial: TrialSpec, options: RunTrialsOptions): Promise<TrialRecord | null> {
  const { folder, runner, allow, tensorboard, signal, onEvent, onNote } = options;
  const onMessage = (message: TrainMessage, machine?: string): void =>
    onEvent?.({ type: "message", trial, message, ...given({ machine }) });
  const board = tensorboard === undefined ? undefined : boardFolder(tensorboard, trial);
  const out = sweepFolder(folder).trial(trial.folder ?? trial.id);
  const asked = { trial, out, allow, tensorboard: board, signal, onMessage };
  const { record, found, code, lastLine, machine } = await runTrial(asked, {
    runner,
    onStart: () => onEvent?.({ type: "start", trial }),
    onNote,
  });
  if (found) onEvent?.({ type: "skip", trial });
  if (record === null && (signal?.aborted === true || code === exitInterrupted)) return null;
  const error = lastLine || `ended with code ${code}`;
  const known: TrialRecord = record ?? { ...trial, status: "failed", error, environment: {} };
  onEvent?.({ type: "end", trial, record: known, ...given({ machine }) });
  return known;
}
