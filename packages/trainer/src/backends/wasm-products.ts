import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorOps } from "@gradpool/models";
import { type Kernel, overlay } from "./overlay.js";

/** One matrix, however many axes of length 1 stand before it: several go to the stock kernel's own loop either way. */
const isMatrix = (x: tfjs.TensorInfo): boolean => x.shape.slice(0, -2).every((length) => length === 1);

/**
 * Matrix products of tfjs' wasm backend with a transposed operand, transposed beforehand. The stock kernel has XNNPACK for
 * plain products only and a naive loop for the others, and every gradient of a product is one of the others: at 2048 × 320 by
 * 320 × 256 they take some fifteen times as long. Values are those of the stock kernel up to the order of summation. Acts on
 * the kernel registry of the tfjs that is given, once; other backends are not touched.
 */
export function transposeBeforeProducts(tf: TensorOps): void {
  const transpose = tf.getKernel("Transpose", "wasm")?.kernelFunc;
  if (transpose === undefined) return;
  for (const kernelName of ["BatchMatMul", "_FusedMatMul"] as const)
    overlay(tf, "wasm", kernelName, "transposed first", (stock) => transposedFirst(stock, transpose));
}

const transposedFirst =
  (stock: Kernel, transpose: Kernel): Kernel =>
  ({ inputs, backend, attrs = {} }) => {
    const made: tfjs.TensorInfo[] = [];
    const turn = (x: tfjs.TensorInfo): tfjs.TensorInfo => {
      const axes = x.shape.map((_, axis) => axis);
      const perm = [...axes.slice(0, -2), axes.length - 1, axes.length - 2];
      const turned = transpose({ inputs: { x }, backend, attrs: { perm } }) as tfjs.TensorInfo;
      made.push(turned);
      return turned;
    };
    const a = inputs["a"] as tfjs.TensorInfo;
    const b = inputs["b"] as tfjs.TensorInfo;
    const { transposeA, transposeB } = attrs as { readonly transposeA?: boolean; readonly transposeB?: boolean };
    if ((transposeA !== true && transposeB !== true) || !isMatrix(a) || !isMatrix(b)) {
      return stock({ inputs, backend, attrs });
    }
    const product = stock({
      inputs: { ...inputs, a: transposeA === true ? turn(a) : a, b: transposeB === true ? turn(b) : b },
      backend,
      attrs: { ...attrs, transposeA: false, transposeB: false },
    });
    for (const { dataId } of made) (backend as tfjs.KernelBackend).disposeData(dataId);
    return product;
  };
