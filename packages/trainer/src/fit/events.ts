import type { JsonObject } from "@gradpool/core";
import type { UndefinedMetric } from "@gradpool/metrics";
import type { Metrics } from "../evaluate/contract.js";
import type { SkippedStep, StepResult } from "../engine/contract.js";

export interface StepEvent extends StepResult {
  readonly type: "step";
  readonly step: number;
  readonly epoch: number;
  readonly stepsPerEpoch: number;
  /** What the step was taken with. */
  readonly learningRate: number;
}

export interface EvaluationEvent {
  readonly type: "evaluation";
  readonly epoch: number;
  readonly step: number;
  readonly metrics: Metrics;
  /** The metrics that have no value, and why. */
  readonly undefined: readonly UndefinedMetric[];
  /** The best value of the monitored metric so far. */
  readonly best: boolean;
  /** Of a run that follows: the rows that were judged, before anything was learnt from them. */
  readonly arrival?: string;
}

export interface EpochEvent {
  readonly type: "epoch";
  readonly epoch: number;
  readonly step: number;
  /** Mean loss of each task over the epoch's steps in which it was present; NaN if in none. */
  readonly losses: readonly number[];
  /** Of its last step. */
  readonly learningRate: number;
  readonly samples: number;
  readonly skipped: number;
  readonly seconds: number;
  /** Of a run that follows: the rows that it has learnt from. */
  readonly arrival?: string;
}

export interface CheckpointEvent {
  readonly type: "checkpoint";
  readonly epoch: number;
  readonly step: number;
  /** `newest` after every epoch (and every so many steps), `best` when the monitored metric improves. */
  readonly kind: "newest" | "best";
}

export interface ResumeEvent {
  readonly type: "resume";
  readonly epoch: number;
  readonly step: number;
  /** Damaged checkpoints that were refused on the way. */
  readonly warnings: readonly string[];
  /** What `keep` gave when the checkpoint was taken; null if there was no `keep`. */
  readonly kept: JsonObject | null;
}

export type FitEvent = StepEvent | EvaluationEvent | EpochEvent | CheckpointEvent | ResumeEvent;

/** One evaluated epoch. */
export interface HistoryEntry {
  readonly epoch: number;
  readonly step: number;
  readonly losses: readonly (number | null)[];
  readonly metrics: Metrics;
  /** The metrics that have no value, and why; absent where all have one. */
  readonly undefined?: readonly UndefinedMetric[];
}

export interface FitResult {
  readonly epochs: number;
  readonly steps: number;
  /** Why training ended. */
  readonly stopped: "epochs" | "patience" | "interrupted";
  /**
   * The best epoch. The engine holds its weights now, unless the run was interrupted: then it holds those of the last step.
   * null if nothing was monitored, or no value was a number.
   */
  readonly bestEpoch: number | null;
  /** Validation metrics of that epoch. */
  readonly best: Metrics | null;
  /** Test metrics of that epoch's weights (of the last ones, if there is no best epoch); null if interrupted or not evaluated. */
  readonly test: Metrics | null;
  /** The test metrics that have no value, and why. */
  readonly undefined: readonly UndefinedMetric[];
  readonly history: readonly HistoryEntry[];
  readonly skipped: number;
  readonly lastSkipped: SkippedStep | null;
  readonly samples: number;
  /** Time in training steps, evaluation and checkpoints left out; over all sessions of a resumed run. */
  readonly trainingSeconds: number;
}
