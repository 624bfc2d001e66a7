import { GradpoolError } from "@gradpool/core";
import type { TensorOps } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import { trouble } from "./failure.js";

/** Gradients that somebody hands in, after clipping for instance. Errors: `not-found`, `non-finite`, by name. */
export function requireGradients(tf: TensorOps, grads: tfjs.NamedTensorMap): void {
  const known = tf.engine().registeredVariables;
  const strange = Object.keys(grads).find((name) => known[name] === undefined);
  if (strange !== undefined) {
    throw new GradpoolError({
      code: "not-found",
      what: `no variable ${strange}`,
      where: "pooledOptimizer.applyGradients",
      remedy: "name variables of this tfjs that have not been disposed",
    });
  }
  if (finite(tf, Object.values(grads))) return;
  for (const [name, gradient] of Object.entries(grads)) {
    if (finite(tf, [gradient])) continue;
    throw new GradpoolError({
      code: "non-finite",
      what: "the gradient is not finite",
      where: `pooledOptimizer.applyGradients, parameter ${name}`,
      remedy: "look at what was done to it after computeGradients",
    });
  }
}

const finite = (tf: TensorOps, tensors: readonly tfjs.Tensor[]): boolean =>
  tensors.length === 0 ||
  tf.tidy(() => Number.isFinite(tf.addN(tensors.map((tensor) => trouble(tf, tensor))).dataSync()[0]));
