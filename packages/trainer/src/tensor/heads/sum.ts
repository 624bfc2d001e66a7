import type { Tensor, TensorOps } from "@gradpool/models";

/** Σ wᵢ gᵢ on the device, of the tasks with a weight. */
export function sumOnDevice(
  tf: TensorOps,
  gradients: readonly (Tensor | null)[],
  weights: ArrayLike<number>,
  like: Tensor,
): Tensor {
  const terms: Tensor[] = [];
  gradients.forEach((gradient, t) => {
    const weight = weights[t] as number;
    if (gradient !== null && weight !== 0) terms.push(weight === 1 ? gradient : tf.mul(gradient, weight));
  });
  if (terms.length === 0) return tf.zerosLike(like);
  return terms.length === 1 ? (terms[0] as Tensor) : tf.addN(terms);
}
