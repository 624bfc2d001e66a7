import type { Diagnostics, GroupWeights, JsonObject, Level, TaskSet } from "@gradpool/core";
import type { Batch } from "@gradpool/data";
import type { Model, Scorer, TensorBatch } from "@gradpool/models";
import type { MemoryUse } from "../memory/use.js";
import type { ResolvedOptimizer } from "../optimizer/spec.js";
import type { StateArray } from "../parameters/state.js";

/** A batch per task (embedding and graph models), or one batch for all of them (tensor models). */
export interface StepBatches {
  /** Embedding and graph models: one per task, in the model's order; null: the task is absent from the step. */
  readonly batches?: readonly (Batch | null)[];
  /** Tensor models. */
  readonly joint?: TensorBatch;
}

/** What a step reads. */
export interface StepInput extends StepBatches {
  /** Counted from 1 over the whole run. */
  readonly step: number;
  /** Counted from 1. */
  readonly epoch: number;
  /**
   * Further batches of the same step. A task's loss and gradient are then the mean over all of its labelled samples, whichever batch
   * they are in, and the pool sees that once: accumulated gradients, averaged. At the representation of a tensor model, whose rows are
   * the batches', it sees the rows of all batches. Dense layers hold one batch at a time.
   */
  readonly more?: readonly StepBatches[];
  /**
   * The second and the third batch, independent of the first, for pools that need them (`engine.needs.batches`). What no pool sees, heads
   * among it, learns from the mean of all of them; losses and diagnostics are the first one's. Not together with `more`.
   */
  readonly further?: readonly StepBatches[];
  /** Held-out examples, in steps that need them (`engine.needs.validation`): the target's gradient of them is shown, and nothing learns from it. */
  readonly validation?: StepBatches;
  /**
   * Other work of the caller's, such as drawing the next batches, done while other threads apply the step (after it, where there are none):
   * when the batches of this step are read no more. Not called in a step that is left out.
   */
  readonly meanwhile?: () => void;
  /** Compute norms, cosines and the conflict rate of this step. Costs nothing when false. */
  readonly diagnostics?: boolean;
}

/** What an engine's pool needs of a step beside one batch. */
export interface StepNeeds {
  /** The pool's name. */
  readonly pool: string;
  /** Independent batches. */
  readonly batches: 1 | 2 | 3;
  /** Whether the step of this number, counted from 1, needs held-out examples. Absent: none does. */
  validation?(step: number): boolean;
}

/** What a step says about its gradients, at the level that the pool acts on. Task by task; NaN where a task is absent. */
export interface StepDiagnostics {
  /** T: norms over all parameters that the pool sees. */
  readonly norms: Float64Array;
  /** T × T. */
  readonly cosines: Float64Array;
  /** The share of the pairs of present tasks whose cosine is negative; NaN with fewer than two. */
  readonly conflictRate: number;
  /** T: the weights, a mean over the groups that the task takes part in. */
  readonly weights: Float64Array;
  /** What the pool itself reported (`PoolContext.report`), but for what it said row by row. */
  readonly reports: readonly Diagnostics[];
  /** How often it reported on a single row: such reports are counted, not kept. */
  readonly rowReports: number;
  /** How tasks mix experts, in models with gates. */
  readonly gates?: readonly GateUse[];
}

/** A gate's weights, means over the step's rows: they add up to 1. */
export interface GateUse {
  /** The task that reads, or what the model calls a gate of no single task. */
  readonly reader: string;
  readonly experts: readonly string[];
  readonly weights: Float64Array;
}

/** Why a step changed nothing, under the policy `skip`. */
export interface SkippedStep {
  readonly task: string;
  /** The parameter whose gradient is not finite; null: the loss itself is not. */
  readonly parameter: string | null;
  readonly reason: string;
}

export interface StepResult {
  /** T: mean loss of each task; NaN for an absent task. A new array each step. */
  readonly losses: Float64Array;
  /** The value of the model's regulariser, where it has one. */
  readonly regularizer?: number;
  /** Samples in the step: positives of all tasks' batches, or rows of the joint batches. */
  readonly samples: number;
  /** The weights that the pool answered with; absent for pools that answer with coordinates, and for skipped steps. */
  readonly weights?: GroupWeights;
  readonly diagnostics?: StepDiagnostics;
  /** ‖combined gradient‖ before it was limited; where norms are. */
  readonly norm?: number;
  readonly skipped?: SkippedStep;
}

/**
 * All that a resumed run needs beside its data: weights, moments, counters, pool state. Arrays are views of live memory
 * (nothing is copied): write them out before the next step.
 */
export interface EngineSnapshot {
  readonly arrays: ReadonlyMap<string, StateArray>;
  readonly json: JsonObject;
}

/** A training engine: one model, one pool, one optimiser. */
export interface Engine {
  /** The model's. */
  readonly kind: Model["kind"];
  /** For progress lines and reports: where the arithmetic runs (`wasm`, `plain`, a tfjs backend). */
  readonly backend: string;
  /** Threads at work by now: more than one from the first step on that is large enough for them. */
  readonly threads: number;
  readonly tasks: TaskSet;
  readonly level: Level;
  readonly needs: StepNeeds;
  readonly optimizer: ResolvedOptimizer;
  /** Of this moment: the optimiser's, until it is set. */
  readonly learningRate: number;
  /**
   * One training step. A loss or gradient that is not finite is an error (code `non-finite`) that names step, task, parameter
   * and batch, and leaves the weights as they were; under the policy `skip` it is a result with `skipped`.
   */
  step(input: StepInput): StepResult;
  /** Takes effect from the next step on (with `dense-equivalent` rows, settles the tables first: that costs |table|). */
  setLearningRate(learningRate: number): void;
  /** Brings rows that lag behind up to date (`dense-equivalent`); call before reading whole tables. Otherwise free. */
  settle(): void;
  snapshot(): EngineSnapshot;
  /** Takes a snapshot's arrays (copied in) of an engine with the same model, pool and optimiser. */
  restore(snapshot: EngineSnapshot): void;
  /** The whole table, rows × dim, as a view of live memory. Settled. Valid until the next step or restore: take it afresh. */
  table(name: string): Float32Array;
  /** A copy of a dense variable (tensor models). */
  variable(name: string): Float32Array;
  /**
   * A table's rows of the encoder's output Z, rows × width (graph models only): what scores are computed from. Computed at the first
   * call after a step; valid until the next one.
   */
  representation?(table: string): Float32Array;
  /** Outputs (logits) of each task on a joint batch, without dropout (tensor models only). */
  predict?(batch: TensorBatch): readonly Float32Array[];
  /** Full ranking by one task's head, for tensor models that have it. Reads the weights of this moment; dispose it. */
  scorer?(task: string): Scorer;
  /** Bytes held for weights, optimiser state and scratch. */
  memory(): MemoryUse;
  dispose(): void;
}

/** The engine of a tensor model. */
export interface TensorEngine extends Engine {
  readonly kind: "tensor";
  predict(batch: TensorBatch): readonly Float32Array[];
  scorer(task: string): Scorer;
}
