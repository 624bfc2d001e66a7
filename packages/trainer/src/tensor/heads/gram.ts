import type { Tensor, TensorOps } from "@gradpool/models";
import type { Tensor2D } from "@tensorflow/tfjs-core";

/** Tasks' gradients of one tensor as the rows of a matrix, [tasks with one, size]. */
export interface Stacked {
  readonly rows: Tensor2D;
  /** Whose they are. */
  readonly tasks: readonly number[];
}

/** `gradientOf` a task, null for zero; what it computes on the way is let go. Null for all of them: there is nothing to stack. */
export function stacked(tf: TensorOps, count: number, gradientOf: (task: number) => Tensor | null): Stacked | null {
  const tasks: number[] = [];
  const [rows] = tf.tidy((): Tensor[] => {
    const flat: Tensor[] = [];
    for (let task = 0; task < count; task++) {
      const gradient = gradientOf(task);
      if (gradient === null) continue;
      tasks.push(task);
      flat.push(tf.reshape(gradient, [-1]));
    }
    return flat.length === 0 ? [] : [tf.stack(flat)];
  });
  return rows === undefined ? null : { rows: rows as Tensor2D, tasks };
}

/** One task's gradient, in the shape of `like`; null: zero. */
export function rowOfStacked(tf: TensorOps, { rows, tasks }: Stacked, task: number, like: Tensor): Tensor | null {
  const row = tasks.indexOf(task);
  return row < 0 ? null : tf.reshape(tf.slice(rows, [row, 0], [1, like.size]), like.shape);
}

/** Adds their inner products to a Gram matrix, `count` × `count`, in float32 on the device: the matrix times itself. */
export function addGram(tf: TensorOps, { rows, tasks }: Stacked, count: number, into: Float64Array): void {
  const products = tf.tidy(() => tf.matMul(rows, rows, false, true).dataSync() as Float32Array);
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
