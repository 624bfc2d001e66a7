import type { Tensor, TensorOps } from "@gradpool/models";
import type { Tensor2D } from "@tensorflow/tfjs-core";

/** Tasks' gradients of one tensor as the rows of a matrix, [tasks with one, size]. */
export interface Stacked {
  readonly rows: Tensor2D;
  /** Whose they are. */
  readonly tasks: readonly number[];
}

/** Null: a task's gradient is zero. Null for all of them: there is nothing to stack. */
export function stacked(tf: TensorOps, gradients: readonly (Tensor | null)[]): Stacked | null {
  const tasks = gradients.flatMap((gradient, task) => (gradient === null ? [] : [task]));
  if (tasks.length === 0) return null;
  const flat = tasks.map((task) => tf.reshape(gradients[task] as Tensor, [-1]));
  return { rows: tf.stack(flat) as Tensor2D, tasks };
}

/** Adds their inner products to a Gram matrix, `count` × `count`, in float32 on the device: the matrix times itself. */
export function addGram(tf: TensorOps, { rows, tasks }: Stacked, count: number, into: Float64Array): void {
  const products = tf.matMul(rows, rows, false, true).dataSync() as Float32Array;
  tasks.forEach((s, p) => {
    tasks.forEach((t, q) => {
      into[s * count + t] = (into[s * count + t] as number) + (products[p * tasks.length + q] as number);
    });
  });
}

/** Σ wᵢ gᵢ, in the shape of `like`: one product with the matrix that is there already. */
export function sumOfStacked(tf: TensorOps, stack: Stacked, weights: ArrayLike<number>, like: Tensor): Tensor {
  const { rows, tasks } = stack;
  const factors = Float32Array.from(tasks, (task) => weights[task] as number);
  return tf.reshape(tf.matMul(tf.tensor2d(factors, [1, tasks.length], "float32"), rows), like.shape);
}
