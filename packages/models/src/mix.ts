import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorOps } from "./contract/tensor.js";

/**
 * Σₖ gₖ Eₖ, [size, width], of weights g [size, n] and expert outputs E [size, n, width]. With a gradient of its own: tfjs' would
 * sum over the broadcast sides again, which is most of the work.
 */
export function mix(tf: TensorOps, weights: tfjs.Tensor2D, experts: tfjs.Tensor3D): tfjs.Tensor2D {
  const layer = tf.customGrad((...inputs) => {
    const [g, e, save] = inputs as unknown as [tfjs.Tensor2D, tfjs.Tensor3D, tfjs.GradSaveFunc];
    save([g, e]);
    return {
      value: mixed(tf, g, e),
      gradFunc: (dy: tfjs.Tensor, saved: tfjs.Tensor[]) => {
        const [g, e] = saved as [tfjs.Tensor2D, tfjs.Tensor3D];
        return [ofWeights(tf, dy, e), outer(tf, g, dy)];
      },
    };
  });
  return layer(weights, experts) as tfjs.Tensor2D;
}

/** The same, but that the tape knows weights alone: the gradient of E is left to who asked for it, as `outer(g, dy)`. */
export function mixByWeights(tf: TensorOps, weights: tfjs.Tensor2D, experts: tfjs.Tensor3D): tfjs.Tensor2D {
  const layer = tf.customGrad((g) => ({
    value: mixed(tf, g as tfjs.Tensor2D, experts),
    gradFunc: (dy: tfjs.Tensor) => ofWeights(tf, dy, experts),
  }));
  return layer(weights) as tfjs.Tensor2D;
}

function mixed(tf: TensorOps, g: tfjs.Tensor2D, e: tfjs.Tensor3D): tfjs.Tensor2D {
  const [size, n, width] = e.shape;
  return tf.reshape(tf.matMul(tf.reshape(g, [size, 1, n]), e), [size, width]);
}

/** Of g: ⟨Eₖ, dy⟩ row by row. */
function ofWeights(tf: TensorOps, dy: tfjs.Tensor, e: tfjs.Tensor3D): tfjs.Tensor2D {
  const [size, n, width] = e.shape;
  return tf.reshape(tf.matMul(e, tf.reshape(dy, [size, 1, width]), false, true), [size, n]);
}

/** Of E: gₖ dy, [size, n, width]. */
export function outer(tf: TensorOps, g: tfjs.Tensor2D, dy: tfjs.Tensor): tfjs.Tensor3D {
  const [size, n] = g.shape;
  return tf.mul<tfjs.Tensor3D>(tf.reshape(g, [size, n, 1]), tf.reshape(dy, [size, 1, dy.size / size]));
}
