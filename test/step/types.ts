import type { JsonObject, Level } from "@gradpool/core";

/** The sizes of a workload. Each workload reads those that concern it. */
export interface StepShape {
  readonly users: number;
  readonly items: number;
  readonly fields: number;
  readonly vocab: number;
  readonly dim: number;
  readonly tasks: number;
  readonly batch: number;
}

/** What one side of the comparison runs: all that its process is told. */
export interface StepSpec {
  readonly workload: string;
  /** Ours: a pool specifier. Theirs: a method of test/peers/torch_step.py. */
  readonly method: string;
  readonly shape: StepShape;
  readonly level?: Level;
  readonly backend?: string;
}

/** A training step, ready to be repeated. */
export interface Stepper {
  readonly backend: string;
  readonly level: Level;
  /** Samples that one step trains on. */
  readonly samples: number;
  step(): void | Promise<void>;
}

/** To add a workload: write a file that exports one, and a line in workloads.ts. */
export interface Workload {
  readonly name: string;
  readonly defaultDim: number;
  readonly methods: readonly string[];
  /** The part of a shape that this workload reads: what the figures are about. */
  shapeOf(shape: StepShape): JsonObject;
  create(spec: StepSpec): Promise<Stepper>;
  /** Methods of the PyTorch peer that stand beside one of ours; ours is compared to the fastest of them. */
  peers(method: string): readonly string[];
}

/** What a side says when it is ready, and after each block of steps. One JSON line each, ours and the peer's alike. */
export interface Ready {
  readonly library: string;
  readonly backend: string;
  readonly level: Level;
  readonly samples: number;
}

export interface Block {
  /** Milliseconds of each step. */
  readonly times: readonly number[];
  /** Peak resident memory so far. */
  readonly rssMb: number;
}

/** One line of the result, as `--json` prints it. */
export interface StepFigure extends JsonObject {
  readonly library: string;
  readonly backend: string;
  readonly workload: string;
  readonly method: string;
  readonly level: Level;
  readonly medianMs: number;
  readonly minMs: number;
  readonly samplesPerSecond: number;
  readonly peakRssMb: number;
  /** A step's time over that of our equal weights in the same round: median and its 95 % interval. Absent for these themselves. */
  readonly overEw?: { readonly median: number; readonly low: number; readonly high: number };
}
