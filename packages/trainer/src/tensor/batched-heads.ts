import { kernels, type Tensor, type UniformHeads } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import type { DenseParameter } from "./dense-store.js";
import type { HeadsPass } from "./heads.js";
import type { StepWork } from "./step.js";

/**
 * All heads at once, where the model says that they are alike: products of stacks of matrices, [P, …] for P present tasks, forward
 * and backward. Their gradients of Φ come out as one matrix, [P, size · width]: its Gram and any combination of its rows
 * are one product each, without a copy. So pooling costs the Gram alone, which is 1 % of a step.
 */
export function batchedHeads(
  work: StepWork,
  heads: UniformHeads,
  representation: tfjs.Tensor2D,
  present: readonly boolean[],
): HeadsPass {
  const { tf, dense, plan, batch } = work;
  const { reluGradient } = kernels(tf);
  const here = present.flatMap((p, t) => (p ? [t] : []));
  const count = here.length;
  const { size } = batch;
  const width = representation.shape[1];
  const names = here.map((t) => plan.tasks.names[t] as string);

  /** A parameter of all present heads, stacked. */
  function stack(k: number, kind: "weight" | "bias"): tfjs.Tensor3D {
    const own = names.map((task) => find(task, k, kind));
    const first = own[0] as DenseParameter;
    const [rows, columns] = kind === "bias" ? [1, first.size] : (first.shape as [number, number]);
    const values = new Float32Array(count * rows * columns);
    own.forEach((parameter, p) => values.set(dense.values(parameter.name), p * rows * columns));
    return tf.tensor3d(values, [count, rows, columns], "float32");
  }
  function find(task: string, k: number, kind: "weight" | "bias") {
    const name = `${heads.prefix(task)}.${k}.${kind}`;
    const parameter = dense.head(task).find((candidate) => candidate.name === name);
    if (parameter === undefined) throw new RangeError(`no variable ${name}: the model's heads are not uniform`);
    return parameter;
  }
  function write(k: number, kind: "weight" | "bias", gradient: Tensor): void {
    const values = gradient.dataSync() as Float32Array;
    const each = values.length / count;
    here.forEach((t, p) => {
      const task = names[p] as string;
      dense.gradient(find(task, k, kind), task, t).set(values.subarray(p * each, (p + 1) * each));
    });
  }

  const weights: tfjs.Tensor3D[] = [];
  /** What each layer read, and for hidden layers what came out of the ReLU and which units stayed. */
  const inputs: tfjs.Tensor3D[] = [tf.reshape(representation, [1, size, width])];
  const activations: tfjs.Tensor3D[] = [];
  const masks: (tfjs.Tensor3D | null)[] = [];
  for (let k = 0; k <= heads.hidden; k++) {
    const w = stack(k, "weight");
    weights.push(w);
    const y = tf.add<tfjs.Tensor3D>(tf.matMul(inputs[k] as tfjs.Tensor3D, w), stack(k, "bias"));
    if (k === heads.hidden) {
      inputs.push(y);
      break;
    }
    const z = tf.relu(y);
    const drops = work.forward.training && heads.dropout > 0;
    const mask = drops ? work.forward.dropout(tf.ones<tfjs.Rank.R3>([count, size, w.shape[2]]), heads.dropout) : null;
    activations.push(z);
    masks.push(mask);
    inputs.push(mask === null ? z : tf.mul(z, mask));
  }

  return {
    outputs: () => (inputs[heads.hidden + 1] as Tensor).dataSync() as Float32Array,
    backward(errors) {
      const joined = new Float32Array(count * size);
      here.forEach((t, p) => joined.set(errors[t] as Float32Array, p * size));
      let d = tf.tensor3d(joined, [count, size, 1], "float32");
      for (let k = heads.hidden; k >= 0; k--) {
        write(k, "weight", tf.matMul(inputs[k] as tfjs.Tensor3D, d, true, false));
        write(k, "bias", tf.sum(d, 1));
        d = tf.matMul(d, weights[k] as tfjs.Tensor3D, false, true);
        if (k === 0) break;
        const mask = masks[k - 1] ?? null;
        const arriving = mask === null ? d : tf.mul(d, mask);
        d = reluGradient(arriving, activations[k - 1] as Tensor) as tfjs.Tensor3D;
      }
      const rows = tf.reshape(d, [count, size * width]);
      const combine = (factors: Float32Array): Tensor =>
        tf.reshape(tf.matMul(tf.tensor2d(factors, [1, count], "float32"), rows), [size, width]);
      return {
        one: (task) => tf.reshape(tf.slice(rows, [here.indexOf(task), 0], [1, size * width]), [size, width]),
        sum: (factors) => combine(Float32Array.from(here, (t) => factors[t] as number)),
        gram() {
          const products = tf.matMul(rows, rows, false, true).dataSync() as Float32Array;
          const tasks = present.length;
          const out = new Float64Array(tasks * tasks);
          here.forEach((t, p) => {
            here.forEach((s, q) => (out[t * tasks + s] = products[p * count + q] as number));
          });
          return out;
        },
      };
    },
  };
}
