import type { JsonObject } from "./json.js";
import type { TaskGradients } from "./gradients.js";
import type { TaskSet } from "./tasks.js";

/** Four 32-bit words: plain data that restores a generator exactly. */
export type RandomState = readonly number[];

/** A seeded generator whose state can be saved and restored; every draw advances it. */
export interface Random {
  /** 32 random bits as a signed integer. */
  next32(): number;
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal (Marsaglia's polar method; draws nothing ahead, so the state is the whole state). */
  normal(): number;
  /** Uniform integer in [0, bound), without modulo bias; 1 ≤ bound ≤ 2³². */
  int(bound: number): number;
  /** Fisher–Yates in place; returns the same array. */
  shuffle<A extends { length: number; [index: number]: number }>(values: A): A;
  getState(): RandomState;
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
  /** Gradients of an independent batch, over the same parameters and rows: for pools with `batches` 2 or 3. */
  readonly second?: TaskGradients;
  /** And of a third one. */
  readonly third?: TaskGradients;
  /** Where the pool wanted it for this step: the target's gradient g_v on held-out examples. */
  readonly validation?: Validation;
  /** Receives what a method says about its decision. Absent when nobody listens, so that diagnostics cost nothing. */
  readonly report?: (diagnostics: Diagnostics) => void;
}

/** The target's gradient on validation examples, as T + 1 numbers: sums over parameters, so that shards add up. */
export interface Validation {
  /** ‖g_v‖. */
  readonly norm: number;
  /** ⟨g_v, gⱼ⟩ per task. */
  readonly dots: ArrayLike<number>;
}

export interface Diagnostics {
  readonly pool: string;
  /** The group that it is about; absent for the whole model. */
  readonly parameter?: string;
  readonly row?: number;
  readonly values: JsonObject;
}
