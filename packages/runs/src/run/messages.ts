import type { JsonObject } from "@gradpool/core";
import type { UndefinedMetric } from "@gradpool/metrics";
import type { FitEvent, HistoryEntry, Metrics } from "@gradpool/trainer";
import type { TrainConfig } from "../options/training.js";

/** What a training process tells the process that started it. */
export type TrainMessage =
  | {
      readonly type: "progress";
      readonly epoch: number;
      readonly epochs: number;
      readonly step: number;
      readonly steps: number;
      readonly samplesPerSecond: number;
    }
  | { readonly type: "evaluation"; readonly epoch: number; readonly metrics: Metrics };

/** Between two messages of progress, in milliseconds. */
const pause = 250;

/** Tells of the events of a run, for `onEvent` of `train`. */
export function trainMessages(tell: (message: TrainMessage) => void): (event: FitEvent, config: TrainConfig) => void {
  let samples = 0;
  let began = performance.now();
  let spoke = 0;
  let first = true;
  return (event, { epochs }) => {
    if (event.type === "evaluation") tell({ type: "evaluation", epoch: event.epoch, metrics: event.metrics });
    if (event.type !== "step") return;
    if (first) began = performance.now();
    first = false;
    samples += event.samples;
    const now = performance.now();
    if (now - spoke < pause) return;
    spoke = now;
    const { epoch, step, stepsPerEpoch } = event;
    const samplesPerSecond = (1000 * samples) / Math.max(1, now - began);
    tell({ type: "progress", epoch, epochs, step, steps: epochs * stepsPerEpoch, samplesPerSecond });
  };
}

/** Mean weights that a task, or a shared gate, gave to experts. */
export interface GatePoint {
  readonly reader: string;
  readonly weights: Readonly<Record<string, number>>;
}

/** Diagnostics of one step, thinned to a few hundred per run. */
export interface DiagnosticPoint {
  readonly step: number;
  readonly epoch: number;
  /** T; null where the task was absent. */
  readonly norms: readonly (number | null)[];
  readonly weights: readonly (number | null)[];
  readonly conflictRate: number | null;
  /** T × T, row-major. */
  readonly cosines: readonly (number | null)[];
  /** How tasks mix experts, in models with gates: which task uses which expert. */
  readonly gates?: readonly GatePoint[];
}

/** Metrics as a file holds them: null where a metric has no value, for which `undefined` beside them gives the reason. */
export type RecordedMetrics = Readonly<Record<string, number | null>>;

/** One evaluated epoch, as a file holds it. */
export interface RecordedEntry extends Omit<HistoryEntry, "metrics"> {
  readonly metrics: RecordedMetrics;
}

export interface RunResult {
  /** Validation metrics of the best epoch. */
  readonly best: RecordedMetrics | null;
  /** null where the watched metric never had a value: then `test` is of the last weights. */
  readonly bestEpoch: number | null;
  readonly test: RecordedMetrics | null;
  /** The test metrics that have no value, and why; absent where all have one. */
  readonly undefined?: readonly UndefinedMetric[];
  readonly history: readonly RecordedEntry[];
  readonly steps: number;
  readonly samples: number;
  readonly skipped: number;
  readonly stopped: "epochs" | "patience" | "interrupted";
}

/** What a run cost: differs from run to run, so it never enters `summary.json`. */
export interface RunCost {
  readonly trainingSeconds: number;
  readonly samplesPerSecond: number;
  readonly secondsPerEpoch: number;
  readonly wallSeconds: number;
  readonly peakRssMb: number;
}

/** The lines that a log has by now: their bytes and the SHA-256 of these. */
export interface LogLength {
  readonly bytes: number;
  readonly sha256: string;
}

/** What a checkpoint keeps of a run's logs, so that a resumed run ends with the files of an unbroken one. */
export type LogLengths = Readonly<Record<"metrics" | "diagnostics", LogLength>>;

/** `result.json` of a run. */
export interface RunFile {
  readonly version: 1;
  readonly config: TrainConfig;
  readonly dataHash: string;
  /**
   * By task, what it took from the data. `rating`: `offset` and `scale`, mean and standard deviation of the training values; its
   * losses are in units of scale², so that their root mean squared error in the values' own unit is scale · √loss.
   */
  readonly taskOptions?: Readonly<Record<string, JsonObject>>;
  readonly result: RunResult;
  readonly cost: RunCost;
  readonly environment: Readonly<Record<string, string>>;
  /** The logs beside it: what they must be is known. */
  readonly logs: LogLengths;
}
