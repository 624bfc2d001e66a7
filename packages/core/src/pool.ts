import type { PoolContext } from "./context.js";
import type { Combined, GramSet, Granularity, GroupMixing, TaskGradients } from "./gradients.js";
import type { JsonObject } from "./json.js";
import type { TaskSet } from "./tasks.js";

/** The version of this protocol. A trainer refuses a pool whose `spec` it does not know. */
export type SpecVersion = 1;

/**
 * Where in a training step a pool acts; the trainer's choice.
 * - `losses`: the weights are known before the backward pass: one backward pass of Σ wᵢ Lᵢ.
 * - `representation`: on the gradients of the shared representation, inside one backward pass.
 * - `parameters`: on one gradient per task of the shared parameters.
 */
export const levels = ["losses", "representation", "parameters"] as const;
export type Level = (typeof levels)[number];

/**
 * The least that a pool must be given: the losses alone; the gradients' norms; their Gram matrices; or the gradients
 * themselves. Everything but `gradients` can be computed in shards and added up.
 */
export type Needs = "losses" | "norms" | "gram" | "gradients";

export interface PoolResult<State> {
  readonly combined: Combined;
  readonly state: State;
}

/** Σ m̂ᵢ / (√v̂ᵢ + ε) of the gradients wᵢ gᵢ, a step counter per task, in tables per task and row. */
export interface TaskMoments {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** w, per task; null: 1 each. */
  readonly weights: readonly number[] | null;
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
  /** Independent batches that it needs in each step, default 1: the context then holds `second`, and `third`. */
  readonly batches?: 1 | 2 | 3;
  /** What it answers with, default `gradient`; see {@link Combined}. */
  readonly answers?: "gradient" | "update";
  /**
   * Its updates are Adam's of each task, added up: an optimiser that keeps moments per task and touched row may do the same in place of asking
   * the pool. Absent: only the pool knows what it answers.
   */
  readonly moments?: TaskMoments;
  /** Whether it needs a validation gradient in a step (counted from 1); absent: never. */
  wantsValidation?(step: number): boolean;
  init(tasks: TaskSet): State;
  pool(gradients: TaskGradients, context: PoolContext, state: State): PoolResult<State>;
  /**
   * The decision alone: from Grams to a transform. Pools made with `definePool` have it; `chain`, sharded training and
   * trainers that apply weights themselves use it.
   */
  mix?(grams: GramSet, context: PoolContext, state: State): { readonly mixing: GroupMixing; readonly state: State };
}
