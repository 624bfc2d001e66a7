/**
 * For people who already train with tfjs: an optimiser that pools. An entry point of its own (`@gradpool/trainer/tfjs`), without
 * anything of Node's, so that it works in browsers; it uses the `@tensorflow/tfjs-core` of the project that it is in.
 */
import type { GradientPool } from "@gradpool/core";
import * as tf from "@tensorflow/tfjs-core";
import type { PooledOptimizer, PooledOptimizerOptions } from "./drop-in/contract.js";
import { createPooledOptimizer } from "./drop-in/pooled-optimizer.js";

export type { LossFunction, PooledGradients, PooledOptimizer, PooledOptimizerOptions } from "./drop-in/contract.js";
export type { Crossings } from "./drop-in/device-gradients.js";
export { createPooledOptimizer };

/**
 * Wraps a tfjs optimiser: `minimize(() => [lossA, lossB])` computes one gradient per loss in one forward pass, pools those of
 * the shared variables, and applies the result. Gradients stay on the device; T × T + T numbers come to the host (the Gram and
 * its scales), beside the T losses, and T weights go back.
 *
 * Errors: `unsupported` for pools per embedding row; `non-finite` for a gradient that is not finite; `shape` for a number of
 * losses that changes.
 */
export function pooledOptimizer(
  optimizer: tf.Optimizer,
  pool: GradientPool,
  options: PooledOptimizerOptions,
): PooledOptimizer {
  return createPooledOptimizer(tf, optimizer, pool, options);
}
