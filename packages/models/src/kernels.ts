import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorOps } from "./contract/tensor.js";

/** The kernels of dense layers. */
export interface LayerKernels {
  matMul(a: tfjs.Tensor2D, b: tfjs.Tensor2D, transposeA: boolean, transposeB: boolean): tfjs.Tensor2D;
  /** x + b, row by row. */
  addBias(x: tfjs.Tensor2D, b: tfjs.Tensor1D): tfjs.Tensor2D;
  relu(x: tfjs.Tensor2D): tfjs.Tensor2D;
  /** dy where y > 0, else 0. */
  reluGradient(dy: tfjs.Tensor, y: tfjs.Tensor): tfjs.Tensor;
  /** Σ over the rows. */
  columnSum(x: tfjs.Tensor2D): tfjs.Tensor;
}

/** What tfjs-node's backend has beside tfjs' own kernels: any operation of TensorFlow, by name. */
interface NativeBackend {
  readonly binding: Readonly<Record<"TF_ATTR_TYPE" | "TF_FLOAT", number>>;
  executeSingleOutput(
    name: string,
    attributes: readonly { readonly name: string; readonly type: number; readonly value: unknown }[],
    inputs: readonly tfjs.Tensor[],
  ): tfjs.Tensor;
}

const known = new WeakMap<object, LayerKernels>();

/** What dense layers and their gradients want. On tfjs-node, ReLU's gradient is one TensorFlow operation instead of five passes. */
export function kernels(tf: TensorOps): LayerKernels {
  const backend = tf.backend() as object;
  const held = known.get(backend);
  if (held !== undefined) return held;
  const made = isNative(backend) ? native(tf, backend) : plain(tf);
  known.set(backend, made);
  return made;
}

function isNative(backend: object): backend is NativeBackend {
  const candidate = backend as Partial<NativeBackend>;
  return typeof candidate.executeSingleOutput === "function" && candidate.binding?.TF_ATTR_TYPE !== undefined;
}

function native(tf: TensorOps, backend: NativeBackend): LayerKernels {
  const { TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
  const type = [{ name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT }];
  return { ...plain(tf), reluGradient: (dy, y) => backend.executeSingleOutput("ReluGrad", type, [dy, y]) };
}

function plain(tf: TensorOps): LayerKernels {
  return {
    matMul: (a, b, ta, tb) => tf.matMul(a, b, ta, tb),
    addBias: (x, b) => tf.add(x, b),
    relu: (x) => tf.relu(x),
    reluGradient: (dy, y) => tf.mul(dy, tf.step(y)),
    columnSum: (x) => tf.sum(x, 0),
  };
}
