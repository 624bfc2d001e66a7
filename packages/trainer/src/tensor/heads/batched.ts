import { kernels, type Tensor, type UniformHeads } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import { headLayers, scaled } from "./layers.js";
import { apart, type HeadsPass, type HeadsWork, ownErrors } from "./pass.js";

/**
 * All heads at once, where the model says that they are alike and deep: products of stacks of matrices, [P, …] for P present
 * tasks, forward and backward. Their gradients of Φ come out as one matrix, [P, size · width]: its Gram and any
 * combination of its rows are one product each, without a copy.
 */
export function batchedHeads(
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
  const width = representation.shape[1];

  /** Of what each layer reads: see `scaled`. */
  const scales: number[] = [1];
  /** A parameter of all present heads, stacked. */
  function stack(k: number, kind: "weight" | "bias"): tfjs.Tensor3D {
    const [inputs, outputs] = layers.shape(k);
    const rows = kind === "bias" ? 1 : inputs;
    const values = new Float32Array(count * rows * outputs);
    here.forEach((_, p) => values.set(layers.values(p, k, kind), p * rows * outputs));
    if (kind === "weight") scaled(values, scales[k] as number);
    return tf.tensor3d(values, [count, rows, outputs], "float32");
  }
  function write(k: number, kind: "weight" | "bias", of: Tensor): void {
    const values = of.dataSync() as Float32Array;
    const each = values.length / count;
    here.forEach((_, p) => {
      const gradient = layers.gradient(p, k, kind);
      gradient.set(values.subarray(p * each, (p + 1) * each));
      if (kind === "weight") scaled(gradient, scales[k] as number);
    });
  }

  const weights: tfjs.Tensor3D[] = [];
  /** What each layer read, at last the outputs. */
  const inputs: tfjs.Tensor3D[] = [tf.reshape(representation, [1, size, width])];
  for (let k = 0; k <= heads.hidden; k++) {
    const w = stack(k, "weight");
    weights.push(w);
    const y = tf.add<tfjs.Tensor3D>(tf.matMul(inputs[k] as tfjs.Tensor3D, w), stack(k, "bias"));
    if (k === heads.hidden) {
      inputs.push(y);
      break;
    }
    const z = tf.relu(y);
    const dropped = work.mask([count, size, w.shape[2]], heads.dropout);
    scales.push(dropped?.scale ?? 1);
    inputs.push(dropped === null ? z : tf.mul<tfjs.Tensor3D>(z, dropped.mask));
  }

  return {
    oneByOne: false,
    outputs: () => apart((inputs[heads.hidden + 1] as Tensor).dataSync() as Float32Array, present, size),
    backward(all) {
      const errors = ownErrors(all);
      const joined = new Float32Array(count * size);
      here.forEach((t, p) => joined.set(errors[t] as Float32Array, p * size));
      let d = tf.tensor3d(joined, [count, size, 1], "float32");
      for (let k = heads.hidden; k >= 0; k--) {
        write(k, "weight", tf.matMul(inputs[k] as tfjs.Tensor3D, d, true, false));
        write(k, "bias", tf.sum(d, 1));
        d = tf.matMul(d, weights[k] as tfjs.Tensor3D, false, true);
        if (k === 0) break;
        d = reluGradient(d, inputs[k] as Tensor) as tfjs.Tensor3D;
      }
      const rows = tf.reshape(d, [count, size * width]);
      const combine = (factors: Float32Array): Tensor =>
        tf.reshape(tf.matMul(tf.tensor2d(factors, [1, count], "float32"), rows), [size, width]);
      return {
        one: (task) => [tf.reshape(tf.slice(rows, [here.indexOf(task), 0], [1, size * width]), [size, width])],
        sum: (factors) => [combine(Float32Array.from(here, (t) => factors[t] as number))],
        gram() {
          const products = tf.matMul(rows, rows, false, true).dataSync() as Float32Array;
          const tasks = present.length;
          const out = new Float64Array(tasks * tasks);
          here.forEach((t, p) => {
            here.forEach((s, q) => (out[t * tasks + s] = products[p * count + q] as number));
          });
          return out;
        },
        release: () => undefined,
      };
    },
  };
}
