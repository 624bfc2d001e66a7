import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorOps } from "./model.js";

interface Kernels {
  /** dy where y > 0, else 0. */
  reluGradient(dy: tfjs.Tensor, y: tfjs.Tensor): tfjs.Tensor;
  /** Σ over the rows. */
  columnSum(x: tfjs.Tensor2D): tfjs.Tensor;
}

/** What tfjs-node's backend has beside tfjs' own kernels: any operation of TensorFlow, by name. */
interface NativeBackend {
  readonly binding: Readonly<Record<"TF_ATTR_TYPE" | "TF_ATTR_STRING" | "TF_FLOAT", number>>;
  executeSingleOutput(
    name: string,
    attributes: readonly { readonly name: string; readonly type: number; readonly value: unknown }[],
    inputs: readonly tfjs.Tensor[],
  ): tfjs.Tensor;
}

const known = new WeakMap<object, Kernels>();

/** The two kernels that gradients of dense layers want, as one native operation each where the backend has them. */
export function kernels(tf: TensorOps): Kernels {
  const backend = tf.backend() as object;
  const held = known.get(backend);
  if (held !== undefined) return held;
  const made = isNative(backend) ? native(backend) : plain(tf);
  known.set(backend, made);
  return made;
}

function isNative(backend: object): backend is NativeBackend {
  const candidate = backend as Partial<NativeBackend>;
  return typeof candidate.executeSingleOutput === "function" && candidate.binding?.TF_ATTR_TYPE !== undefined;
}

function native(backend: NativeBackend): Kernels {
  const { TF_ATTR_TYPE, TF_ATTR_STRING, TF_FLOAT } = backend.binding;
  const type = { name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT };
  const format = { name: "data_format", type: TF_ATTR_STRING, value: "NHWC" };
  return {
    reluGradient: (dy, y) => backend.executeSingleOutput("ReluGrad", [type], [dy, y]),
    columnSum: (x) => backend.executeSingleOutput("BiasAddGrad", [type, format], [x]),
  };
}

function plain(tf: TensorOps): Kernels {
  return {
    reluGradient: (dy, y) => tf.mul(dy, tf.step(y)),
    columnSum: (x) => tf.sum(x, 0),
  };
}
