import type { Tensor, TensorOps } from "@gradpool/models";

/**
 * Adds the inner products of tasks' gradients of one tensor to a Gram matrix, tasks × tasks, in float32 on the device: the
 * gradients as the rows of a matrix, times itself. Null: the task's gradient is zero.
 */
export function addGram(tf: TensorOps, gradients: readonly (Tensor | null)[], into: Float64Array): void {
  const tasks = gradients.length;
  const here = gradients.flatMap((gradient, task) => (gradient === null ? [] : [{ gradient, task }]));
  if (here.length === 0) return;
  const rows = tf.stack(here.map(({ gradient }) => tf.reshape(gradient, [-1])) ); // prettier-ignore
  const products = tf.matMul(rows, rows, false, true).dataSync() as Float32Array;
  here.forEach(({ task: s }, p) => {
    here.forEach(({ task: t }, q) => {
      into[s * tasks + t] = (into[s * tasks + t] as number) + (products[p * here.length + q] as number);
    });
  });
}
