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
 * Errors, each before a weight has moved: `unsupported` for pools per embedding row; `invalid-option` for shared variables that
 * are none; `non-finite` for a loss or gradient that is not finite, with task and variable; `invalid-input` for a loss without
 * gradient, or that is no scalar tensor; `shape` for a number of losses that changes.
 */
export function pooledOptimizer(
  optimizer: tf.Optimizer,
  pool: GradientPool,
  options: PooledOptimizerOptions,
): PooledOptimizer {
  return createPooledOptimizer(tf, optimizer, pool, options);
}
