import type { GramSet } from "./gram.js";
import type { JsonObject } from "./json.js";
import type { Random } from "./random.js";
import type { TaskSet } from "./tasks.js";

/** The version of this protocol. A trainer refuses a pool whose `spec` it does not know. */
export type SpecVersion = 1;

/**
 * Where in a training step a pool acts; the trainer's choice.
 * - `losses`: the weights are known before the backward pass: one backward pass of Σ wᵢ Lᵢ.
 * - `representation`: on the gradients of the shared representation, inside one backward pass.
 * - `parameters`: on one gradient per task of the shared parameters.
 */
export type Level = "losses" | "representation" | "parameters";

/** What a method treats on its own: the whole model, each parameter tensor, or each embedding row. */
export type Granularity = "model" | "parameter" | "row";

/**
 * The least that a pool must be given: the losses alone; the gradients' norms; their Gram matrices; or the gradients
 * themselves. Everything but `gradients` can be computed in shards and added up.
 */
export type Needs = "losses" | "norms" | "gram" | "gradients";

export type FloatArray = Float32Array | Float64Array;

/** One shared parameter as a pool sees it. */
export interface ParameterInfo {
  readonly name: string;
  /** `rows`: an embedding table, of which only the rows that some task touched are there. */
  readonly kind: "dense" | "rows";
  /** Coordinates of one gradient: the tensor's size, or touched rows × width. */
  readonly size: number;
  /** Columns of a table (1 for dense). */
  readonly width: number;
  /** Ids of the touched rows, ascending (tables only). */
  readonly ids?: Int32Array;
}

/** Weights per group and task: row-major, groups × T, in the order of the {@link GramSet} of that granularity. */
export interface GroupWeights {
  readonly granularity: Granularity;
  readonly weights: Float64Array;
}

/** A T × T transform per group: task i's row becomes Σⱼ C[i,j] gⱼ. `diagonal`: only the T diagonal entries are kept. */
export interface GroupMixing {
  readonly granularity: Granularity;
  readonly diagonal: boolean;
  /** groups × T × T row-major, or groups × T when diagonal. */
  readonly matrices: Float64Array;
}

/** The combined gradient: one vector per parameter, held or computed when asked for. */
export interface Combined {
  /** The weights that made it, where weights did. */
  readonly weights?: GroupWeights;
  /** The combined gradient of a parameter: as many coordinates as {@link ParameterInfo.size}. */
  value(parameter: string): FloatArray;
}

/**
 * The gradients of one step, lazily: the Gram is computed when asked for, and once. Trainers implement this over their
 * own storage; {@link taskGradients} is the reference on typed arrays.
 */
export interface TaskGradients {
  /** T. */
  readonly tasks: number;
  /** Per task: false where the task had no labelled sample in this step. An absent task enters no computation. */
  readonly present: readonly boolean[];
  readonly parameters: readonly ParameterInfo[];
  /** Norms and cosines per group. With `detail: "norms"` the cosines may be left out (cheaper). */
  gram(granularity: Granularity, detail?: "norms" | "gram"): GramSet;
  /** Σᵢ wᵢ gᵢ per group. */
  combine(weights: GroupWeights): Combined;
  /** The T gradients of one parameter, each of {@link ParameterInfo.size} coordinates. Not to be written to. */
  values(parameter: string): readonly FloatArray[];
  /** A combined gradient from its own coordinates, for pools that do not answer with weights. */
  assemble(values: ReadonlyMap<string, FloatArray>): Combined;
}

/** Everything a pool may know beside the gradients. */
export interface PoolContext {
  readonly tasks: TaskSet;
  /** Steps are counted from 1, over the whole run. */
  readonly step: number;
  /** Epochs are counted from 1. */
  readonly epoch: number;
  /** Loss of each task in this step; NaN for an absent task. */
  readonly losses?: ArrayLike<number>;
  /** The only source of randomness. Seeded for this step, so that nothing of it has to be saved. */
  readonly random: Random;
  /** Fixes, per task, the order in which a random-order method visits the others (for parity checks). */
  readonly order?: readonly (readonly number[])[];
  /** The state passed in may be overwritten: its owner will not look at it again. Saves copies of per-row state. */
  readonly donate?: boolean;
  /** Receives what a method says about its decision. Absent when nobody listens, so that diagnostics cost nothing. */
  readonly report?: (diagnostics: Diagnostics) => void;
}

export interface Diagnostics {
  readonly pool: string;
  /** The group that it is about; absent for the whole model. */
  readonly parameter?: string;
  readonly row?: number;
  readonly values: JsonObject;
}

export interface PoolResult<State> {
  readonly combined: Combined;
  readonly state: State;
}

/**
 * A gradient pool: one gradient per task in, one combined gradient out. Two pure functions, `init` and `pool`; the
 * state between them is plain data (JSON values and typed arrays).
 */
export interface GradientPool<State = unknown> {
  readonly spec: SpecVersion;
  readonly name: string;
  /** The resolved options, for reports and checkpoints. */
  readonly options: JsonObject;
  readonly needs: Needs;
  readonly granularity: Granularity;
  /** The level that the method was published for; a trainer may place it at another. */
  readonly level: Level;
  init(tasks: TaskSet): State;
  pool(gradients: TaskGradients, context: PoolContext, state: State): PoolResult<State>;
  /**
   * The decision alone: from Grams to a transform. Pools made with `definePool` have it; `chain`, sharded training and
   * trainers that apply weights themselves use it.
   */
  mix?(grams: GramSet, context: PoolContext, state: State): { readonly mixing: GroupMixing; readonly state: State };
}
