import type { JsonValue } from "@gradpool/core";
import type * as tfjs from "@tensorflow/tfjs-core";
import type { Crossings } from "./device-gradients.js";

export interface PooledOptimizerOptions {
  /** Variables that the pool balances: of a `tf.layers` model, `layer.trainableWeights`. The rest (heads) gets its plain gradient. */
  readonly shared: readonly (tfjs.Variable | HasVariable)[];
  /** One per loss, for diagnostics, errors and per-task options. Default task0, task1, … */
  readonly tasks?: readonly string[];
  /** The target's place among the losses. Default 0. */
  readonly target?: number;
  /** For pools that draw. Default 0. */
  readonly seed?: number;
}

/** A weight of a `tf.layers` layer (its `LayerVariable`). */
export interface HasVariable {
  read(): tfjs.Tensor;
}

/** The losses of a step, one scalar per task; null: the task has no labelled sample in this step. */
export type LossFunction = () => readonly (tfjs.Scalar | null)[];

export interface PooledGradients {
  /** The losses, by task; null where absent. */
  readonly values: readonly (tfjs.Scalar | null)[];
  /** The combined gradient of each shared variable and the plain one of each other, by variable name. Dispose them. */
  readonly grads: tfjs.NamedTensorMap;
}

export interface PooledOptimizer {
  /** A step that throws changes nothing, and is not counted. computeGradients, then applyGradients. With `returnCost`, the losses (dispose them). */
  minimize(losses: LossFunction, returnCost?: boolean): readonly (tfjs.Scalar | null)[] | null;
  computeGradients(losses: LossFunction): PooledGradients;
  /** Errors: `not-found` for a name that is no variable's, `non-finite` for a gradient that was spoilt in between. */
  applyGradients(grads: tfjs.NamedTensorMap): void;
  /** Numbers that crossed between device and host in the last step. */
  readonly crossed: Readonly<Crossings>;
  /** Task weights of the last step, where the pool answered with weights: groups × T. */
  readonly weights: Float64Array | null;
  /** Steps, the pool's state and the places of variables in the wrapped optimiser, as plain data; its moments are its own. */
  state(): JsonValue;
  /** Before the first step or later. Error `invalid-input`: what is no such state, or that of another method or other tasks. */
  restore(state: JsonValue): void;
  /** Call at the end of an epoch, for methods that count them. */
  nextEpoch(): void;
}
