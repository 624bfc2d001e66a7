import type { TrainMessage } from "@gradpool/runs";
import type { TrialSpec } from "../results/types.js";

/** A trial that is to be run, and who hears of it. */
export interface TrialRun {
  readonly trial: TrialSpec;
  /** Its folder: what is known once it has ended is there. */
  readonly out: string;
  /** The paths and packages whose code may run where its configuration names them: see `train`. */
  readonly allow?: readonly string[] | undefined;
  /** Folder for its event files: see `train`. */
  readonly tensorboard?: string | undefined;
  /** Milliseconds to wait for another process that is about to leave the folder. */
  readonly patience?: number | undefined;
  /** Lets it write a checkpoint and stop. */
  readonly signal?: AbortSignal | undefined;
  /** `machine`: where it runs, if that is not here. */
  readonly onMessage?: ((message: TrainMessage, machine?: string) => void) | undefined;
}

/** How a trial's process ended. */
export interface TrialEnd {
  /** 0: its files are in its folder. Else an exit code, or the signal that ended it. */
  readonly code: number | string;
  /** For a failed trial, its error. */
  readonly lastLine: string;
  /** Where it ran, if that is not here. */
  readonly machine?: string;
}

/** Where trials are run. */
export interface TrialRunner {
  /** At a time; the others wait. */
  readonly jobs: number;
  run(asked: TrialRun): Promise<TrialEnd>;
}
