import type { Tensor, TensorOps } from "@gradpool/models";
import type { Backward } from "./tape.js";

/** Several tensors as one end of a tape: one backward pass starts at all of them. */
export interface Joined {
  /** Σₖ gradientₖ · d tensorₖ / d xs; null for those of xs that none of the tensors is made from. */
  backward(backward: Backward, gradients: readonly Tensor[], xs: readonly Tensor[]): (Tensor | null)[];
}

/** Call it while the tape records. */
export function joinEnds(tf: TensorOps, tensors: readonly Tensor[]): Joined {
  let arriving: readonly Tensor[] = [];
  const join = tf.customGrad(() => ({
    value: tf.scalar(0),
    // Clones, since the tape lets go of gradients once it has added others to them.
    gradFunc: () => arriving.map((gradient) => tf.clone(gradient)),
  }));
  const end = join(...tensors);
  return {
    backward(backward, gradients, xs) {
      arriving = gradients;
      return backward(end, xs);
    },
  };
}
