import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorOps, Tensors, VariableSpec } from "./model.js";

/** Variables of `layers` cross layers over inputs of `width`. */
export function crossSpecs(layers: number, width: number): VariableSpec[] {
  return Array.from({ length: layers }, (_, k): VariableSpec[] => [
    { name: `cross.${k}.weight`, shape: [width, 1], init: { kind: "xavier" }, owner: null, module: "interaction" },
    {
      name: `cross.${k}.bias`,
      shape: [width],
      init: { kind: "constant", value: 0 },
      owner: null,
      module: "interaction",
    },
  ]).flat();
}

/** x ← x₀ (x w) + b + x, layer by layer: products of features of a degree that grows with the depth (DCN, Wang et al. 2017). */
export function cross(tf: TensorOps, x0: tfjs.Tensor2D, layers: number, variables: Tensors): tfjs.Tensor2D {
  let x = x0;
  for (let k = 0; k < layers; k++) {
    const weight = variables[`cross.${k}.weight`] as tfjs.Tensor2D;
    const along = tf.mul(x0, tf.matMul(x, weight));
    x = tf.add(tf.add(along, variables[`cross.${k}.bias`] as tfjs.Tensor1D), x);
  }
  return x;
}

/**
 * ½ ((Σ_f e_f)² − Σ_f e_f²), [size, dim]: all products of two fields' embeddings (the FM part of DeepFM, Guo et al. 2017).
 * `fields` is [size, count · dim].
 */
export function factorisation(tf: TensorOps, fields: tfjs.Tensor2D, count: number, dim: number): tfjs.Tensor2D {
  const e = tf.reshape(fields, [-1, count, dim]);
  const total = tf.square(tf.sum(e, 1));
  const own = tf.sum(tf.square(e), 1);
  return tf.mul(tf.sub(total, own), 0.5) as tfjs.Tensor2D;
}
