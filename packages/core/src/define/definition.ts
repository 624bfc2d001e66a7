import type { PoolContext } from "../context.js";
import type { Granularity } from "../gradients.js";
import type { Gram } from "../gram/problem.js";
import type { JsonObject } from "../json.js";
import type { Level } from "../pool.js";
import type { TaskSet } from "../tasks.js";

/** What a weighting sees beside its Gram. Like the Gram it is valid during the call: copy what you keep. */
export interface GroupContext extends PoolContext {
  /** The parameter that the group belongs to; null for the whole model. */
  readonly parameter: string | null;
  /** The row id, at row granularity in a table. */
  readonly row?: number;
}

export interface Decision<S> {
  /**
   * The new state of the group; absent: unchanged. A state that is a Float64Array arrives as a copy: write into it and
   * return it. States of any other type must not be changed, but replaced.
   */
  readonly state?: S;
  /** Shown to whoever listens; computed only if `context.report` is there. */
  readonly diagnostics?: JsonObject;
}

/** w: combined = Σ wᵢ gᵢ over the tasks of the Gram. */
export interface Weighing<S> extends Decision<S> {
  readonly weights: ArrayLike<number>;
}

/** C, size × size row-major: task i's row becomes Σⱼ C[i,j] gⱼ; the rows are then added. A mean is a factor of C. */
export interface Mixing<S> extends Decision<S> {
  readonly mixing: ArrayLike<number>;
}

interface Definition<S> {
  readonly name: string;
  readonly options: JsonObject;
  /** Default `gram`. `norms` is cheaper and enough for methods that look at magnitudes only. */
  readonly needs?: "norms" | "gram";
  /** Default `model`. */
  readonly granularity?: Granularity;
  /** Default `parameters`. */
  readonly level?: Level;
  /**
   * `drop` (default): a zero gradient is left out of the group's problem: weight 0, and it influences nobody.
   * `keep`: the method has its own rule for zero gradients.
   */
  readonly zeros?: "drop" | "keep";
  /**
   * The state that a group starts with; absent: the method has none. Indexed by task, all T of them. A Float64Array is
   * by far the cheapest at row granularity: rows are then packed into one table.
   */
  init?(tasks: TaskSet): S;
}

export interface WeighDefinition<S> extends Definition<S> {
  weigh(gram: Gram, context: GroupContext, state: S): Weighing<S>;
}

export interface MixDefinition<S> extends Definition<S> {
  mix(gram: Gram, context: GroupContext, state: S): Mixing<S>;
}
