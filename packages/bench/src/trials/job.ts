import type { TrainConfig } from "@gradpool/runs";

/** What a trial's process is told. */
export interface Job {
  readonly config: TrainConfig;
  /** The trial's folder. */
  readonly out: string;
  /** What the bench was allowed to run is allowed to its trials. */
  readonly allow?: readonly string[] | undefined;
  /** Folder for its event files: see `train`. */
  readonly tensorboard?: string | undefined;
  /** Milliseconds to wait for another process that is about to leave the folder. */
  readonly patience?: number | undefined;
}

/** Its exit codes beside 0 and 1: stopped with a checkpoint; its folder's files are damaged. */
export const exitInterrupted = 130;
export const exitDamaged = 3;
