import { type ForwardContext, mix, mixByWeights, outer, type Tensor, type TensorOps } from "@gradpool/models";
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";

/** A task's mixture of a tensor of the cut: `made` = Σₖ weightsₖ Eₖ. */
export interface Mixture {
  /** E's place in the cut. */
  readonly cut: number;
  readonly weights: Tensor2D;
  readonly made: Tensor2D;
}

/**
 * Mixing that keeps gradients of the cut as what they are. What arrives at experts' outputs from a mixture is g ⊗ d, weights times
 * what arrives at the mixture, [size, n] and [size, width] instead of [size, n, width]; sums of them are one product of stacks,
 * and their inner products are Σ over rows of ⟨g, g′⟩ ⟨d, d′⟩. So E's gradient is written out once, pooled.
 */
export function mixtures(
  tf: TensorOps,
  cut: readonly Tensor[],
): { readonly seen: Mixture[]; readonly mix: ForwardContext["mix"] } {
  const seen: Mixture[] = [];
  const places = new Map(cut.map((tensor, k) => [tensor.id, k]));
  const piece = (weights: Tensor2D, experts: Tensor3D): Tensor2D => {
    const place = places.get(experts.id);
    if (place === undefined) return mix(tf, weights, experts);
    const made = mixByWeights(tf, weights, experts);
    seen.push({ cut: place, weights, made });
    return made;
  };
  return {
    seen,
    mix(weights, pieces) {
      if (pieces.length === 1) return piece(weights, pieces[0] as Tensor3D);
      let at = 0;
      const parts = pieces.map((experts) => {
        const count = experts.shape[1];
        const own = tf.slice(weights, [0, at], [-1, count]);
        at += count;
        return piece(own, experts);
      });
      return tf.addN(parts);
    },
  };
}

/** One term's gradient of a mixture: g and d. */
export interface Product {
  readonly term: number;
  readonly weights: Tensor2D;
  readonly arrived: Tensor;
}

/** Σ w g ⊗ d, weights by term. */
export function sumOfProducts(tf: TensorOps, products: readonly Product[], weights: ArrayLike<number>): Tensor {
  const scaled = products.map(({ term, weights: g }) => {
    const weight = weights[term] as number;
    return weight === 1 ? g : tf.mul<Tensor2D>(g, weight);
  });
  if (products.length === 1) return outer(tf, scaled[0] as Tensor2D, (products[0] as Product).arrived);
  const all = tf.stack(
    products.map(({ arrived }) => arrived),
    1,
  ) as Tensor3D;
  return tf.matMul(tf.stack(scaled, 1) as Tensor3D, all, true, false);
}

/** Adds their inner products to a Gram matrix, tasks × tasks. */
export function gramOfProducts(tf: TensorOps, products: readonly Product[], tasks: number, into: Float64Array): void {
  const stacked = (of: readonly Tensor[]): Tensor3D => tf.stack([...of], 1) as Tensor3D;
  const g = stacked(products.map(({ weights }) => weights));
  const d = stacked(products.map(({ arrived }) => arrived));
  const perRow = tf.mul(tf.matMul(g, g, false, true), tf.matMul(d, d, false, true));
  const values = tf.sum(perRow, 0).dataSync();
  products.forEach(({ term: s }, p) => {
    products.forEach(({ term: t }, q) => {
      into[s * tasks + t] = (into[s * tasks + t] as number) + (values[p * products.length + q] as number);
    });
  });
}
