import { createRandom } from "@gradpool/core";
import { type ForwardContext, mix, type Tensor, type TensorOps } from "@gradpool/models";
import type { Tensor3D } from "@tensorflow/tfjs-core";

/** A forward pass' context that also hands out masks, for layers whose scaling goes elsewhere than onto activations. */
export interface StepForward extends ForwardContext {
  /** 1 for units that stay, 0 for those that a call of `dropout` would drop. Null: none is dropped. */
  mask(shape: readonly number[], rate: number): { readonly mask: Tensor; readonly scale: number } | null;
}

/** Evaluation: no unit is dropped. */
export const evaluation = (tf: TensorOps): StepForward => ({
  training: false,
  dropout: (x) => x,
  mask: () => null,
  gate: () => {},
  observe: () => {},
  mix: plainMix(tf),
});

/** Mixing on the tape, whatever is mixed. */
const plainMix =
  (tf: TensorOps): ForwardContext["mix"] =>
  (weights, pieces) =>
    mix(tf, weights, pieces.length === 1 ? (pieces[0] as Tensor3D) : tf.concat([...pieces], 1));

/**
 * Training: what a call drops depends on the run's seed, the step, which of its batches it is and the number of the call alone, so that a resumed run
 * drops the same units, on any backend. Inverted: what stays is divided by 1 − rate.
 *
 * The mask is made here, from a hash of the unit's number: tf.dropout and tf.randomUniform draw unit by unit from a generator
 * in JavaScript (ten times slower), and differ from backend to backend.
 */
export function training(
  tf: TensorOps,
  seed: number,
  step: number,
  { gate, observe }: Pick<ForwardContext, "gate" | "observe">,
  batch: number = 0,
): StepForward {
  const random = createRandom(seed, 0x64726f70, step, ...(batch === 0 ? [] : [batch]));
  const draw = (shape: readonly number[], rate: number, stays: number): Tensor => {
    const size = shape.reduce((product, side) => product * side, 1);
    return tf.tensor(dropoutMask(size, rate, stays, random.next32(), random.next32()), [...shape], "float32");
  };
  return {
    training: true,
    gate,
    observe,
    mix: plainMix(tf),
    dropout<X extends Tensor>(x: X, rate: number): X {
      return rate === 0 ? x : (tf.mul(x, draw(x.shape, rate, dropoutScale(rate))) as X);
    },
    mask: (shape, rate) => (rate === 0 ? null : { mask: draw(shape, rate, 1), scale: dropoutScale(rate) }),
  };
}

/** A unit is dropped where its 16 random bits are below this: rates are met to 2⁻¹⁷. */
const thresholdOf = (rate: number): number => Math.min(65_535, Math.round(rate * 65_536));

/** 1 / (1 − rate), of the rate that is met. */
const dropoutScale = (rate: number): number => 65_536 / (65_536 - thresholdOf(rate));

/** 0 with probability `rate`, else `stays`. Two units a hash, without a branch on what is random: that would cost more than it. */
export function dropoutMask(size: number, rate: number, stays: number, a: number, b: number): Float32Array {
  const mask = new Float32Array(size + (size & 1));
  const threshold = thresholdOf(rate);
  const choice = Float32Array.of(stays, 0);
  for (let k = 0; k < size; k += 2) {
    let x = Math.imul(k ^ a, 0x9e3779b1);
    x = Math.imul(x ^ (x >>> 15) ^ b, 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    x ^= x >>> 16;
    mask[k] = choice[((x & 65_535) - threshold) >>> 31] as number;
    mask[k + 1] = choice[((x >>> 16) - threshold) >>> 31] as number;
  }
  return mask.subarray(0, size);
}
