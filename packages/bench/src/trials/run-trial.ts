import { rmSync } from "node:fs";
import { GradpoolError, isGradpoolError } from "@gradpool/core";
import type { TrialRecord } from "../results/types.js";
import { readFinished } from "./finished.js";
import { exitDamaged } from "./job.js";
import type { TrialEnd, TrialRun, TrialRunner } from "./runner.js";

/** What a trial came to: its record, or, where it has none, how its process ended. */
export interface TrialOutcome extends TrialEnd {
  readonly record: TrialRecord | null;
  /** It had ended before, and was not run. */
  readonly found: boolean;
}

export interface RunTrialOptions {
  readonly runner: TrialRunner;
  readonly onStart?: () => void;
  /** A line about the trial that is worth knowing once. */
  readonly onNote?: ((line: string) => void) | undefined;
}

/** Runs a trial that has not ended. Where its files are not what it wrote, it is run again from the beginning, once, and a note says so. */
export async function runTrial(asked: TrialRun, { runner, onStart, onNote }: RunTrialOptions): Promise<TrialOutcome> {
  const { trial, out, signal } = asked;
  const again = (why: string): void => {
    onNote?.(`a trial is run again: ${why}`);
    rmSync(out, { recursive: true, force: true });
  };
  const finished = orAgain(() => readFinished(out, trial), again);
  if (finished !== null) return { record: finished, found: true, code: 0, lastLine: "" };
  onStart?.();
  let ended = await runner.run(asked);
  if (ended.code === exitDamaged && signal?.aborted !== true) {
    again(ended.lastLine);
    ended = await runner.run(asked);
  }
  return { ...ended, record: ended.code === 0 ? readFinished(out, trial) : null, found: false };
}

/** What is left of a damaged trial is not worth a doubt. */
function orAgain(read: () => TrialRecord | null, again: (why: string) => void): TrialRecord | null {
  try {
    return read();
  } catch (error) {
    if (!isDamaged(error)) throw error;
    again(`${error.what} (${error.where})`);
    return null;
  }
}

const isDamaged = (error: unknown): error is GradpoolError => isGradpoolError(error) && error.code === "damaged";
