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
  /** Interactions of a made-up graph, each once. */
  readonly edges: number;
  /** Hops of a graph encoder. */
  readonly layers: number;
}

/** What one side of the comparison runs: all that its process is told. */
export interface StepSpec {
  readonly workload: string;
  /** One of the workload's; absent: its first, or there is but one. */
  readonly model?: string;
  /** Ours: a pool specifier. Theirs: a method of the peer. */
  readonly method: string;
  readonly shape: StepShape;
  /** A file of `user item` lines, in place of a made-up graph. */
  readonly pairs?: string;
  /** What a step takes: wall time, or the processor time of all the process' threads. */
  readonly clock: "wall" | "cpu";
  readonly level?: Level;
  readonly backend?: string;
  /** Where the peer computes. Default cpu. */
  readonly device?: "cpu" | "cuda";
  /** Of the peer, and of ours. Default 1. */
  readonly threads?: number;
}

/** A training step, ready to be repeated. */
export interface Stepper {
  readonly backend: string;
  /** `none`: nothing is pooled. */
  readonly level: Level | "none";
  /** Samples that one step trains on. */
  readonly samples: number;
  step(): void | Promise<void>;
}

/** To add a workload: write a file that exports one, and a line in workloads.ts. */
export interface Workload {
  readonly name: string;
  /** Its sizes where they are not the usual ones. */
  readonly defaults: Partial<StepShape>;
  /** Models that `--model` may name, the default first; empty: there is but one. */
  readonly models: readonly string[];
  readonly methods: readonly string[];
  /** The sizes that this workload reads: what the figures are about, and what the peer is told. */
  readonly sizes: readonly (keyof StepShape)[];
  /** What else the figures are about. */
  readonly about?: JsonObject;
  create(spec: StepSpec): Promise<Stepper>;
  /** Its script in test/peers; absent: there is none. */
  readonly peer?: string;
  /** Methods of the PyTorch peer that stand beside one of ours. */
  peers(method: string): readonly string[];
}

/** What a side says when it is ready, and after each block of steps. One JSON line each, ours and the peer's alike. */
export interface Ready {
  readonly library: string;
  readonly backend: string;
  readonly level: Level | "none";
  readonly samples: number;
}

export interface Block {
  /** Milliseconds of each step, by the clock asked for. */
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
  readonly level: Level | "none";
  readonly clock: "wall" | "cpu";
  readonly medianMs: number;
  readonly minMs: number;
  readonly samplesPerSecond: number;
  readonly peakRssMb: number;
  /** A step's time over that of our equal weights in the same round. Absent for these themselves. */
  readonly overEw?: Ratio;
  /** With several backends: the same over the same method on the first of them. */
  readonly overFirst?: Ratio;
  /** Ours: the same over each fitting method of the peer. */
  readonly overPeers?: { readonly [method: string]: Ratio };
}

/** A median of paired ratios, and its 95 % interval. */
export interface Ratio extends JsonObject {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}
