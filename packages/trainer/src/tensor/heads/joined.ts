import { kernels, type UniformHeads } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import { headLayers, scaled } from "./layers.js";
import { apart, type HeadsPass, type HeadsWork, ownErrors } from "./pass.js";

/** Below this share of ‖D‖² ‖W‖², the terms of ‖D Wᵀ‖² cancel too much for float32. */
const cancellation = 1e-3;

interface HiddenLayer {
  /** What the output layer reads: activations, those that dropout takes at 0. */
  readonly read: tfjs.Tensor2D;
  /** Of `read`: see `scaled`. */
  readonly scale: number;
  /** The output weights as a matrix of blocks, [P, P · units], scaled. */
  readonly last: tfjs.Tensor2D;
}

/**
 * Alike heads of at most one hidden layer, as one layer: the heads' first weights lie side by side, W = [W₁ … W_P] of
 * [width, P · units], and so do the gradients of what these make, D = [D₁ … D_P] of [size, P · units]. A task's gradient
 * of Φ is gₚ = Dₚ Wₚᵀ. Any Σ wₚ gₚ is one product, D (W diag w)ᵀ, and the inner products are
 *
 *     ⟨gₚ, g_q⟩ = Σ (Dₚᵀ D_q) ∘ (Wₚᵀ W_q),
 *
 * blocks of DᵀD and WᵀW. So no gₚ is ever made, and what pooling adds to a step does not grow with Φ's width.
 */
export function joinedHeads(
  work: HeadsWork,
  heads: UniformHeads,
  representation: tfjs.Tensor2D,
  present: readonly boolean[],
): HeadsPass {
  const { tf, size } = work;
  const { reluGradient } = kernels(tf);
  const layers = headLayers(work, heads, present);
  const { here } = layers;
  const count = here.length;
  const [width, units] = layers.shape(0);
  const across = count * units;

  const first = tf.tensor2d(sideBySide(), [width, across], "float32");
  const bias = new Float32Array(across);
  here.forEach((_, p) => bias.set(layers.values(p, 0, "bias"), p * units));
  const made = tf.add<tfjs.Tensor2D>(tf.matMul(representation, first), tf.tensor1d(bias, "float32"));
  const inner = heads.hidden === 1 ? hiddenLayer() : null;

  function sideBySide(): Float32Array {
    const out = new Float32Array(width * across);
    here.forEach((_, p) => {
      const own = layers.values(p, 0, "weight");
      for (let r = 0; r < width; r++) out.set(own.subarray(r * units, (r + 1) * units), r * across + p * units);
    });
    return out;
  }
  function hiddenLayer(): HiddenLayer {
    const active = tf.relu(made);
    const dropped = work.mask([size, across], heads.dropout);
    const scale = dropped?.scale ?? 1;
    const blocks = new Float32Array(count * across);
    here.forEach((_, p) => blocks.set(layers.values(p, 1, "weight"), p * across + p * units));
    return {
      read: dropped === null ? active : tf.mul<tfjs.Tensor2D>(active, dropped.mask),
      scale,
      last: tf.tensor2d(scaled(blocks, scale), [count, across], "float32"),
    };
  }

  return {
    oneByOne: false,
    outputs() {
      if (inner === null) return apart(turned(made.dataSync() as Float32Array, size, count), present, size);
      const outputs = tf.matMul(inner.last, inner.read, false, true).dataSync() as Float32Array;
      here.forEach((_, p) => {
        const [shift] = layers.values(p, 1, "bias") as unknown as [number];
        for (let r = p * size; r < (p + 1) * size; r++) outputs[r] = (outputs[r] as number) + shift;
      });
      return apart(outputs, present, size);
    },
    backward(all) {
      const errors = ownErrors(all);
      const joined = new Float32Array(count * size);
      here.forEach((t, p) => joined.set(errors[t] as Float32Array, p * size));
      let d: tfjs.Tensor2D;
      if (inner === null) {
        d = tf.tensor2d(turned(joined, count, size), [size, count], "float32");
      } else {
        const arrived = tf.tensor2d(turned(joined, count, size), [size, count], "float32");
        // As aᵀ b: backends know sums over rows by it.
        const products = tf.matMul(arrived, inner.read, true, false).dataSync() as Float32Array;
        here.forEach((t, p) => {
          const at = p * across + p * units;
          layers.gradient(p, 1, "weight").set(scaled(products.subarray(at, at + units), inner.scale));
          layers.gradient(p, 1, "bias")[0] = (errors[t] as Float32Array).reduce((sum, x) => sum + x, 0);
        });
        d = reluGradient(tf.matMul(arrived, inner.last), inner.read) as tfjs.Tensor2D;
      }
      const weightGradients = tf.matMul(representation, d, true, false).dataSync() as Float32Array;
      const biasGradients = tf.sum(d, 0).dataSync() as Float32Array;
      here.forEach((_, p) => {
        const own = layers.gradient(p, 0, "weight");
        const at = p * units;
        for (let r = 0; r < width; r++)
          own.set(weightGradients.subarray(r * across + at, r * across + at + units), r * units);
        layers.gradient(p, 0, "bias").set(biasGradients.subarray(at, at + units));
      });
      return {
        one(task) {
          const p = here.indexOf(task);
          const own = tf.tensor2d(layers.values(p, 0, "weight").slice(), [width, units], "float32");
          return [tf.matMul(tf.slice(d, [0, p * units], [size, units]), own, false, true)];
        },
        sum(weights) {
          if (here.every((t) => weights[t] === 1)) return [tf.matMul(d, first, false, true)];
          const factors = new Float32Array(across);
          here.forEach((t, p) => factors.fill(weights[t] as number, p * units, (p + 1) * units));
          return [tf.matMul(d, tf.mul(first, tf.tensor2d(factors, [1, across], "float32")), false, true)];
        },
        gram() {
          const ofD = tf.matMul(d, d, true, false).dataSync() as Float32Array;
          const ofW = tf.matMul(first, first, true, false).dataSync() as Float32Array;
          return blockProducts(ofD, ofW, here, units, present.length);
        },
        release: () => undefined,
      };
    },
  };
}

/** A matrix of rows × columns, turned. */
function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c] as number;
  return out;
}

/**
 * ⟨gₚ, g_q⟩ from DᵀD and WᵀW, whose blocks are `units` wide; T × T row-major in the tasks' places. Null where the terms of a
 * squared norm cancel beyond float32.
 */
function blockProducts(
  ofD: Float32Array,
  ofW: Float32Array,
  here: readonly number[],
  units: number,
  tasks: number,
): Float64Array | null {
  const across = here.length * units;
  const out = new Float64Array(tasks * tasks);
  const trace = (of: Float32Array, p: number): number => {
    let sum = 0;
    for (let k = p * units; k < (p + 1) * units; k++) sum += of[k * across + k] as number;
    return sum;
  };
  for (const [p, t] of here.entries()) {
    for (let q = p; q < here.length; q++) {
      const s = here[q] as number;
      let sum = 0;
      for (let k = p * units; k < (p + 1) * units; k++) {
        const row = k * across;
        for (let c = row + q * units; c < row + (q + 1) * units; c++) sum += (ofD[c] as number) * (ofW[c] as number);
      }
      out[t * tasks + s] = sum;
      out[s * tasks + t] = sum;
    }
    // A negation, so that what is not a number asks for the other way too.
    if (!((out[t * tasks + t] as number) > cancellation * trace(ofD, p) * trace(ofW, p))) return null;
  }
  return out;
}
