import type { Tensor, TensorOps } from "@gradpool/models";

/**
 * d y / d xs, from what `record` recorded; null for those of xs that y is not made from. `dy`: the gradient that arrives at y;
 * default 1 (y a scalar).
 */
export type Backward = (y: Tensor, xs: readonly Tensor[], dy?: Tensor) => (Tensor | null)[];

/**
 * One forward pass, any number of backward passes through it or through parts of it. `record` runs on tfjs' tape; `use` gets
 * what it made, while the tape is still there. What `use` computes is not recorded: a backward pass costs its arithmetic
 * and no more.
 *
 * tfjs keeps one tape while calls of `grads` are nested, and an inner call whose function answers with a tensor that is on
 * the tape already differentiates that; a `customGrad`'s own forward pass is not taped. Public API only.
 */
export function withTape<R>(tf: TensorOps, record: () => R, use: (recorded: R, backward: Backward) => void): void {
  // `tf.grads` with an answer for tensors that y is not made from.
  const backward: Backward = (y, xs, dy) =>
    xs.length === 0
      ? []
      : tf
          .engine()
          .gradients(() => y, [...xs], dy, true)
          .grads.map((gradient) => (gradient as Tensor | undefined) ?? null);
  // An error waits until the tape is put away: thrown through tfjs, it would leave the tensors that the tape holds.
  const errors: unknown[] = [];
  tf.tidy(() => {
    tf.grads((probe) => {
      const recorded = record();
      const stage = tf.customGrad((x) => {
        try {
          use(recorded, backward);
        } catch (error) {
          errors.push(error);
        }
        return { value: tf.clone(x as Tensor), gradFunc: (dy: Tensor) => dy };
      });
      return stage(probe as Tensor);
    })([tf.scalar(0)]);
  });
  if (errors.length > 0) throw errors[0];
}
