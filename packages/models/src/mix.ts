import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorOps } from "./model.js";

/**
 * Σₖ gₖ Eₖ, [size, width], of weights g [size, n] and expert outputs E [size, n, width]. With a gradient of its own: tfjs' would
 * sum over the broadcast sides again, which is most of the work.
 */
export function mix(tf: TensorOps, weights: tfjs.Tensor2D, experts: tfjs.Tensor3D): tfjs.Tensor2D {
  const layer = tf.customGrad((...inputs) => {
    const [g, e, save] = inputs as unknown as [tfjs.Tensor2D, tfjs.Tensor3D, tfjs.GradSaveFunc];
    save([g, e]);
    const [size, n, width] = e.shape;
    return {
      value: tf.reshape(tf.matMul(tf.reshape(g, [size, 1, n]), e), [size, width]),
      gradFunc: (dy: tfjs.Tensor, saved: tfjs.Tensor[]) => {
        const [g, e] = saved as [tfjs.Tensor2D, tfjs.Tensor3D];
        const wide = tf.reshape(dy, [size, 1, width]);
        const dG = tf.reshape(tf.matMul(e, wide, false, true), [size, n]);
        return [dG, tf.mul(tf.reshape(g, [size, n, 1]), wide)];
      },
    };
  });
  return layer(weights, experts) as tfjs.Tensor2D;
}
