import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorOps } from "./contract/tensor.js";

/**
 * The values of a tensor, without its history: no gradient goes back through it, and no backward pass visits what made it. It is
 * how a task reads what belongs to another.
 */
export function detached<X extends tfjs.Tensor>(tf: TensorOps, x: X): X {
  // The tape knows inputs of a step, not what its function reads besides.
  const stop = tf.customGrad(() => ({ value: tf.clone(x), gradFunc: () => tf.scalar(0) }));
  return stop(tf.scalar(0)) as X;
}
