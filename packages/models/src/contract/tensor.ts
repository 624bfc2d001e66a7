/** Models in tensors: pure functions of a trunk and heads, differentiated by the trainer. */
import type { JsonObject } from "@gradpool/core";
import type { ImpressionsBatch, JointBatch } from "@gradpool/data";
import type * as tfjs from "@tensorflow/tfjs-core";
import type { Lookup, StatisticSpec, TableSpec, VariableSpec } from "./parameters.js";
import type { PairNetwork, Scorer, Weights } from "./ranking.js";

/** One objective of a tensor model: outputs of heads against the labels of the same name in the batch. */
export interface TensorTask {
  readonly name: string;
  /** `bce`: binary cross-entropy of σ(logit). `mse`: squared error of the output. Mean over the labelled rows. */
  readonly objective: "bce" | "mse";
  /**
   * The heads whose outputs make its prediction. Default: the one of its own name. Several, with `bce`: the probability is
   * the product of their σ(output), as in a funnel.
   */
  readonly heads?: readonly string[];
}

/** A term of the objective that is no task: no pool sees it, and its gradient is added to what the pool answers with. */
export interface Regularizer {
  readonly name: string;
  /** Its value, from all heads' outputs; d value / d outputs is added to `gradients`. */
  loss(outputs: Readonly<Record<string, Float32Array>>, gradients: Readonly<Record<string, Float32Array>>): number;
}

export type TensorOps = typeof tfjs;
export type Tensor = tfjs.Tensor;
export type Tensors = Readonly<Record<string, tfjs.Tensor>>;

/** The batches a tensor model reads: the same rows for all tasks. */
export type TensorBatch = JointBatch | ImpressionsBatch;

export interface ForwardContext {
  readonly training: boolean;
  /** Inverted dropout in training, the identity otherwise. Seeded by run and step: a resumed run drops the same units. */
  dropout<X extends tfjs.Tensor>(x: X, rate: number): X;
  /**
   * In training: notes what this batch says of a statistic, which moves to (1 − share) · statistic + share · value, once the step
   * is known not to fail. Elsewhere nothing.
   */
  observe(statistic: string, value: tfjs.Tensor, share: number): void;
  /**
   * Σₖ gₖ Eₖ over all experts of all `pieces`, [size, experts, width] each, by weights g over them in order. Use it for what a task
   * reads of the cut: gradients of experts' outputs then stay the products that they are, and are never written out.
   */
  mix(weights: tfjs.Tensor2D, pieces: readonly tfjs.Tensor3D[]): tfjs.Tensor2D;
  /** Notes how `reader` (a task) mixes experts, weights [size, experts]: their means are part of a step's diagnostics. */
  gate(reader: string, experts: readonly string[], weights: tfjs.Tensor2D): void;
}

/** Heads of dense layers: ReLU and dropout after each but the last, whose one output is the logit. */
export interface UniformHeads {
  /** Hidden layers. */
  readonly hidden: number;
  readonly dropout: number;
  /** Layer k of a task reads `<prefix>.<k>.weight` and `<prefix>.<k>.bias`. */
  prefix(task: string): string;
}

/**
 * A model in tensors: a shared trunk up to the cut, and heads from the cut up. Both are pure: the same inputs give the same
 * tensors. What both read of the batch they read through the cut, so that one backward pass serves the trunk.
 */
export interface TensorModel {
  readonly kind: "tensor";
  readonly name: string;
  /** The resolved options: for reports and checkpoints. */
  readonly options: JsonObject;
  readonly tables: readonly TableSpec[];
  readonly variables: readonly VariableSpec[];
  /** What is no parameter, and yet part of the trained model. Its functions find it among their variables. */
  readonly statistics?: readonly StatisticSpec[];
  readonly tasks: readonly TensorTask[];
  /** The rows that a batch reads. */
  lookups(batch: TensorBatch): readonly Lookup[];
  /** Dense inputs that are not learned, [size, width] row-major, handed to the trunk as `inputs.numerical`. */
  numerical?(batch: TensorBatch): { readonly values: Float32Array; readonly width: number };
  /**
   * The cut: tensors, [size, …] each and by name, that separate shared from own computation. A pool at the representation acts
   * on the tasks' gradients of all of them, joined. One may be computed from another (an input, and experts of it). Sees the
   * inputs of shared tables (and `numerical`), and the variables placed in the trunk.
   */
  trunk(tf: TensorOps, inputs: Tensors, variables: Tensors, context: ForwardContext): Tensors;
  /**
   * The outputs, [size] or [size, 1] each, by the names that the tasks call their heads. Sees the cut, beside it the inputs of
   * tables that a task owns (and `numerical`), by name, and the variables placed in the heads. A task's loss may only reach shared
   * variables and its own: see `detached` for reading others' values.
   */
  heads(tf: TensorOps, cut: Tensors, variables: Tensors, context: ForwardContext): Tensors;
  /** Added to the tasks' losses, unpooled. */
  readonly regularizer?: Regularizer;
  /**
   * Says that the cut is one matrix, and every task's head the same stack of dense layers on it, so that the trainer may run them
   * all at once, as products of stacks of matrices. It changes the speed, not the function: `heads` stays the definition.
   */
  readonly uniformHeads?: UniformHeads | undefined;
  /** Full ranking: scores of all items for blocks of users, by one task's head. */
  readonly ranking?: {
    readonly users: number;
    readonly items: number;
    /** `pairs`: a scorer of pair networks that is faster than the same in tensors; absent: there is none. */
    scorer(tf: TensorOps, task: string, weights: Weights, pairs?: (network: PairNetwork) => Scorer | null): Scorer;
  };
}
