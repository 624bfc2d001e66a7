import type { TensorOps } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";

export type Kernel = tfjs.KernelFunc;
export type KernelCall = Parameters<Kernel>[0];

/** What lies over a kernel, by name. */
const layers = new WeakMap<Kernel, ReadonlySet<string>>();

/** Puts a kernel over one of a backend, in the registry of the tfjs that is given; once, whatever lies over it. */
export function overlay(
  tf: TensorOps,
  backendName: string,
  kernelName: string,
  layer: string,
  make: (stock: Kernel) => Kernel,
): void {
  const stock = tf.getKernel(kernelName, backendName);
  const below = stock === undefined ? undefined : layers.get(stock.kernelFunc);
  if (stock === undefined || below?.has(layer) === true) return;
  const kernelFunc = make(stock.kernelFunc);
  layers.set(kernelFunc, new Set([...(below ?? []), layer]));
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...stock, kernelFunc });
}
