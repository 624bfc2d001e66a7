import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorOps } from "@gradpool/models";

const wrapped = new WeakSet<tfjs.KernelFunc>();

/** One matrix, however many axes of length 1 stand before it: several go to the stock kernel's own loop either way. */
const isMatrix = (x: tfjs.TensorInfo): boolean => x.shape.slice(0, -2).every((length) => length === 1);

/**
 * Matrix products of tfjs' wasm backend with a transposed operand, transposed beforehand. The stock kernel has XNNPACK for
 * plain products only and a naive loop for the others, and every gradient of a product is one of the others: at 2048 × 320 by
 * 320 × 256 they take some fifteen times as long. Values are those of the stock kernel up to the order of summation. Acts on
 * the kernel registry of the tfjs that is given, once; other backends are not touched.
 */
export function transposeBeforeProducts(tf: TensorOps): void {
  const { getKernel, registerKernel, unregisterKernel } = tf;
  for (const kernelName of ["BatchMatMul", "_FusedMatMul"] as const) {
    const stock = getKernel(kernelName, "wasm");
    const transpose = getKernel("Transpose", "wasm");
    if (stock === undefined || transpose === undefined || wrapped.has(stock.kernelFunc)) continue;
    const kernelFunc: tfjs.KernelFunc = ({ inputs, backend, attrs = {} }) => {
      const made: tfjs.TensorInfo[] = [];
      const turn = (x: tfjs.TensorInfo): tfjs.TensorInfo => {
        const axes = x.shape.map((_, axis) => axis);
        const perm = [...axes.slice(0, -2), axes.length - 1, axes.length - 2];
        const turned = transpose.kernelFunc({ inputs: { x }, backend, attrs: { perm } }) as tfjs.TensorInfo;
        made.push(turned);
        return turned;
      };
      const a = inputs["a"] as tfjs.TensorInfo;
      const b = inputs["b"] as tfjs.TensorInfo;
      const { transposeA, transposeB } = attrs as { readonly transposeA?: boolean; readonly transposeB?: boolean };
      if ((transposeA !== true && transposeB !== true) || !isMatrix(a) || !isMatrix(b)) {
        return stock.kernelFunc({ inputs, backend, attrs });
      }
      const product = stock.kernelFunc({
        inputs: { ...inputs, a: transposeA === true ? turn(a) : a, b: transposeB === true ? turn(b) : b },
        backend,
        attrs: { ...attrs, transposeA: false, transposeB: false },
      });
      for (const { dataId } of made) (backend as tfjs.KernelBackend).disposeData(dataId);
      return product;
    };
    wrapped.add(kernelFunc);
    unregisterKernel(kernelName, "wasm");
    registerKernel({ ...stock, kernelFunc });
  }
}
