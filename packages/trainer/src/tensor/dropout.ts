import { createRandom } from "@gradpool/core";
import type { ForwardContext, Tensor, TensorOps } from "@gradpool/models";

/** Evaluation: no unit is dropped. */
export const evaluation: ForwardContext = { training: false, dropout: (x) => x };

/**
 * Training: what a call drops depends on the run's seed, the step and the number of the call alone, so that a resumed run
 * drops the same units, on any backend. Inverted: what stays is divided by 1 − rate.
 *
 * The mask is made here, from a hash of the unit's number: tf.dropout and tf.randomUniform draw unit by unit from a generator
 * in JavaScript (ten times slower), and differ from backend to backend.
 */
export function training(tf: TensorOps, seed: number, step: number): ForwardContext {
  const random = createRandom(seed, 0x64726f70, step);
  return {
    training: true,
    dropout<X extends Tensor>(x: X, rate: number): X {
      if (rate === 0) return x;
      const mask = tf.tensor(dropoutMask(x.size, rate, random.next32(), random.next32()), x.shape);
      return tf.mul(x, mask) as X;
    },
  };
}

/** 0 with probability `rate`, else 1 / (1 − rate). */
export function dropoutMask(size: number, rate: number, a: number, b: number): Float32Array {
  const mask = new Float32Array(size);
  const stay = 1 / (1 - rate);
  const threshold = rate * 4_294_967_296;
  for (let k = 0; k < size; k++) {
    let x = Math.imul(k ^ a, 0x9e3779b1);
    x = Math.imul(x ^ (x >>> 15) ^ b, 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    if ((x ^ (x >>> 16)) >>> 0 >= threshold) mask[k] = stay;
  }
  return mask;
}
