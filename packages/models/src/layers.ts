import type * as tfjs from "@tensorflow/tfjs-core";
import type { VariableSpec } from "./contract/parameters.js";
import type { TensorOps } from "./contract/tensor.js";
import { kernels } from "./kernels.js";

/** x W + b, then ReLU if asked for. */
export type Activation = "relu" | "linear";

/**
 * A dense layer with a gradient of its own: tfjs' gradient of ReLU goes through `step`, which is five passes on tfjs-node
 * (4.6 ms where the matrix product takes 3.9). ReLU's derivative at 0 is 0.
 */
export function dense(
  tf: TensorOps,
  x: tfjs.Tensor2D,
  weight: tfjs.Tensor2D,
  bias: tfjs.Tensor1D,
  activation: Activation,
): tfjs.Tensor2D {
  const k = kernels(tf);
  const layer = tf.customGrad((...inputs) => {
    const [a, w, b, save] = inputs as unknown as [tfjs.Tensor2D, tfjs.Tensor2D, tfjs.Tensor1D, tfjs.GradSaveFunc];
    const sum = k.addBias(k.matMul(a, w, false, false), b);
    const y = activation === "relu" ? k.relu(sum) : sum;
    save(activation === "relu" ? [a, w, y] : [a, w]);
    return {
      value: y,
      gradFunc: (dy: tfjs.Tensor, saved: tfjs.Tensor[]) =>
        // Else what is made on the way would stay until the whole backward pass is over.
        tf.tidy(() => {
          const [a, w, y] = saved as [tfjs.Tensor2D, tfjs.Tensor2D, tfjs.Tensor2D | undefined];
          const d = (y === undefined ? dy : k.reluGradient(dy, y)) as tfjs.Tensor2D;
          return [k.matMul(d, w, false, true), k.matMul(a, d, true, false), k.columnSum(d)];
        }),
    };
  });
  return layer(x, weight, bias) as tfjs.Tensor2D;
}

/** Weights (xavier) and biases (0) of a stack of dense layers: `<prefix>.<k>.weight`, `<prefix>.<k>.bias`. */
export function denseSpecs(
  prefix: string,
  widths: readonly number[],
  owner: string | null,
  module: string,
): VariableSpec[] {
  const specs: VariableSpec[] = [];
  for (let k = 0; k + 1 < widths.length; k++) {
    const [from, to] = [widths[k] as number, widths[k + 1] as number];
    specs.push(
      { name: `${prefix}.${k}.weight`, shape: [from, to], init: { kind: "xavier" }, owner, module },
      { name: `${prefix}.${k}.bias`, shape: [to], init: { kind: "constant", value: 0 }, owner, module },
    );
  }
  return specs;
}
