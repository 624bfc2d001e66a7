import type { TensorOps } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import { type KernelCall, overlay } from "./overlay.js";

/**
 * Rows that TensorFlow adds up by itself. Its sums over the first axis go row by row in float32: 4e-5 may be gone after 4,096 equal
 * rows, and after two million 1.5 %. Longer ones are made of blocks, which costs nothing there.
 */
const most = 4096;
/** Rows of a block of a product, which become one sum after the other. */
const productRows = 128;
/** Terms of a sum of sums. */
const blockRows = 32;

/** Sums, means and products of TensorFlow's backend over many rows, block by block. Acts on the registry of the tfjs given, once. */
export function sumInBlocks(tf: TensorOps, backendName = "tensorflow"): void {
  const replace = (kernelName: string, longer: (call: KernelCall) => (() => tfjs.Tensor) | null): void =>
    overlay(tf, backendName, kernelName, "sums in blocks", (stock) => (call) => {
      const make = longer(call);
      return make === null ? stock(call) : tf.tidy(make);
    });
  replace("Sum", (call) => sumOf(tf, call, 1));
  replace("Mean", (call) => sumOf(tf, call, "rows"));
  replace("BatchMatMul", (call) => productOf(tf, call));
}

/** The sum over axes of more than `most` elements, over `by`; null: it has fewer. */
function sumOf(tf: TensorOps, { inputs, attrs }: KernelCall, by: 1 | "rows"): (() => tfjs.Tensor) | null {
  const x = inputs["x"] as tfjs.Tensor;
  const { axis, keepDims } = attrs as { readonly axis: number[]; readonly keepDims?: boolean };
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const rows = axes.reduce((product, a) => product * (x.shape[a] as number), 1);
  if (x.dtype !== "float32" || rows <= most) return null;
  const kept = x.shape.map((_, a) => a).filter((a) => !axes.includes(a));
  const shape = x.shape.flatMap((side, a) => (axes.includes(a) ? (keepDims === true ? [1] : []) : [side]));
  return () => {
    const first = axes.every((a, k) => a === k) ? x : tf.transpose(x, [...axes, ...kept]);
    const sum = overRows(tf, tf.reshape(first, [rows, -1]));
    return tf.reshape(by === 1 ? sum : tf.div(sum, rows), shape);
  };
}

/** Σ over the rows, in sums of few terms. */
function overRows(tf: TensorOps, x: tfjs.Tensor2D): tfjs.Tensor {
  let left = x;
  while (left.shape[0] > blockRows) left = tf.sum(inBlocks(tf, left, blockRows), 1);
  return tf.sum(left, 0);
}

/** [rows, n] as [blocks, size, n], with rows of zeros at the end. */
function inBlocks(tf: TensorOps, x: tfjs.Tensor2D, size: number): tfjs.Tensor3D {
  const [rows, width] = x.shape;
  const missing = (size - (rows % size)) % size;
  const whole =
    missing === 0
      ? x
      : tf.pad(x, [
          [0, missing],
          [0, 0],
        ]);
  return tf.reshape(whole, [(rows + missing) / size, size, width]);
}

/** aᵀ b over more than `most` rows; null: something else. */
function productOf(tf: TensorOps, { inputs, attrs }: KernelCall): (() => tfjs.Tensor) | null {
  const [a, b] = [inputs["a"], inputs["b"]] as [tfjs.Tensor, tfjs.Tensor];
  const { transposeA, transposeB } = attrs as Readonly<Record<string, boolean | undefined>>;
  const [rows, m] = a.shape.slice(-2) as [number, number];
  if (transposeA !== true || transposeB === true || rows <= most) return null;
  const n = b.shape[b.shape.length - 1] as number;
  const count = a.size / (rows * m);
  if (b.size / (rows * n) !== count) return null;
  const each = (x: tfjs.Tensor, k: number): tfjs.Tensor2D =>
    tf.reshape(tf.slice(tf.reshape(x, [count, rows, -1]), [k, 0, 0], [1, -1, -1]), [rows, -1]);
  const product = (k: number): tfjs.Tensor => {
    const [left, right] = [a, b].map((x) => inBlocks(tf, each(x, k), productRows)) as [tfjs.Tensor3D, tfjs.Tensor3D];
    return overRows(tf, tf.reshape(tf.matMul(left, right, true, false), [-1, m * n]));
  };
  const shape = [...a.shape.slice(0, -2), m, n];
  return () => tf.reshape(tf.stack(Array.from({ length: count }, (_, k) => product(k))), shape);
}
