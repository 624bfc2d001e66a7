import type { TensorOps } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import { beside } from "./beside.js";
import { type Kernel, type KernelCall, overlay } from "./overlay.js";

/**
 * Terms that a backend adds up in float32 by itself. The stock kernels add one after the other: after 1,024 terms 1e-5 may be gone,
 * and after two million 1.5 %. Longer sums go through kernels that keep 1e-6 of the terms' magnitudes whatever their number.
 */
const mostInFloat32 = 64;

/** Products with a long inner axis that are no sums over a batch: wide layers. The stock kernels are faster there. */
const widestLayer = 4096;

/** What a block of rows takes at most, in floats: longer inputs are taken block by block. */
const blockFloats = 2 ** 22;

interface Backend extends tfjs.KernelBackend {
  /** wasm: a view of a tensor in the backend's memory. */
  typedArrayFromHeap?(of: tfjs.TensorInfo): Float32Array;
  makeOutput?(shape: readonly number[], dtype: "float32"): tfjs.TensorInfo;
  makeTensorInfo?(shape: readonly number[], dtype: "float32", values: Float32Array): tfjs.TensorInfo;
}

/**
 * Sums, means and products over many rows, in float64, for the backends that run here in WebAssembly and JavaScript: gradients of
 * weights and biases, and whatever else a model adds up over a batch. Acts on the kernel registry of the tfjs that is given, once.
 */
export function sumInFloat64(tf: TensorOps, backendName: "wasm" | "cpu"): void {
  const sums = float64Sums();
  const transpose = tf.getKernel("Transpose", backendName)?.kernelFunc;
  if (transpose === undefined) return;
  // The JavaScript backend's own sums are in float64, its products are not.
  for (const kind of backendName === "wasm" ? (["Sum", "Mean"] as const) : []) {
    overlay(tf, backendName, kind, layer, (stock) => (call) => reduced(tf, call, kind, sums, transpose) ?? stock(call));
  }
  overlay(tf, backendName, "BatchMatMul", layer, (stock) => (call) => multiplied(call, sums, transpose) ?? stock(call));
}

const layer = "float64 sums";

const isFloat = ({ dtype }: tfjs.TensorInfo): boolean => dtype === "float32";
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

const valuesOf = (backend: Backend, of: tfjs.TensorInfo): Float32Array =>
  backend.typedArrayFromHeap?.(of) ?? (backend.readSync(of.dataId) as Float32Array);

function made(backend: Backend, shape: readonly number[], values: ArrayLike<number>): tfjs.TensorInfo {
  if (backend.makeTensorInfo !== undefined) return backend.makeTensorInfo(shape, "float32", Float32Array.from(values));
  const out = (backend.makeOutput as NonNullable<Backend["makeOutput"]>)(shape, "float32");
  valuesOf(backend, out).set(values);
  return out;
}

/** A tensor with its axes in another order: one to let go of. */
function turned(call: KernelCall, x: tfjs.TensorInfo, perm: readonly number[], transpose: Kernel): tfjs.TensorInfo {
  return transpose({ ...call, inputs: { x }, attrs: { perm: [...perm] } }) as tfjs.TensorInfo;
}

/** Sum or mean over axes of more than {@link mostInFloat32} elements; null: not one of these. */
function reduced(
  tf: TensorOps,
  call: KernelCall,
  kind: "Sum" | "Mean",
  sums: Float64Sums,
  transpose: Kernel,
): tfjs.TensorInfo | null {
  const x = call.inputs["x"] as tfjs.TensorInfo;
  const { axis, keepDims } = call.attrs as { readonly axis: number | number[] | null; readonly keepDims?: boolean };
  const axes = tf.util.parseAxisParam(axis as number[], x.shape);
  const rows = sizeOf(axes.map((a) => x.shape[a] as number));
  if (!isFloat(x) || rows <= mostInFloat32) return null;
  const backend = call.backend as Backend;
  const kept = x.shape.map((_, a) => a).filter((a) => !axes.includes(a));
  const shape = x.shape.flatMap((side, a) => (axes.includes(a) ? (keepDims === true ? [1] : []) : [side]));
  const inPlace = axes.every((a, k) => k === 0 || a === (axes[k - 1] as number) + 1);
  const source = inPlace ? x : turned(call, x, [...axes, ...kept], transpose);
  const width = inPlace
    ? sizeOf(x.shape.slice((axes[axes.length - 1] as number) + 1))
    : sizeOf(kept.map((a) => x.shape[a] as number));
  const totals = sums.columns(valuesOf(backend, source), rows, width, sizeOf(shape) / Math.max(1, width));
  if (kind === "Mean") for (let k = 0; k < totals.length; k++) totals[k] = (totals[k] as number) / rows;
  const out = made(backend, shape, totals);
  if (source !== x) backend.disposeData(source.dataId);
  return out;
}

/** aᵀ b over more than {@link mostInFloat32} rows, or any product over more than `widestLayer`; null: not one of these. */
function multiplied(call: KernelCall, sums: Float64Sums, transpose: Kernel): tfjs.TensorInfo | null {
  const a = call.inputs["a"] as tfjs.TensorInfo;
  const b = call.inputs["b"] as tfjs.TensorInfo;
  const { transposeA = false, transposeB = false } = call.attrs as Readonly<Record<string, boolean | undefined>>;
  const rows = a.shape[a.shape.length - (transposeA ? 2 : 1)] as number;
  const overRows = transposeA && !transposeB;
  if (!isFloat(a) || !isFloat(b) || rows <= (overRows ? mostInFloat32 : widestLayer)) return null;
  const stacks = [a, b].map(({ shape }) => sizeOf(shape.slice(0, -2)));
  const count = Math.max(...stacks);
  const [leading] = [a, b].filter((_, k) => stacks[k] === count) as [tfjs.TensorInfo];
  // Broadcasting over several axes is the stock kernel's; no gradient asks for it.
  if (count === 0 || stacks.some((own) => own !== count && own !== 1)) return null;
  const backend = call.backend as Backend;
  const upright = (x: tfjs.TensorInfo, is: boolean): tfjs.TensorInfo => {
    const last = x.shape.length - 1;
    return is
      ? x
      : turned(
          call,
          x,
          x.shape.map((_, k) => (k < last - 1 ? k : 2 * last - 1 - k)),
          transpose,
        );
  };
  const [left, right] = [upright(a, transposeA), upright(b, !transposeB)];
  const [m, n] = [left, right].map(({ shape }) => shape[shape.length - 1] as number) as [number, number];
  const totals = sums.products(valuesOf(backend, left), valuesOf(backend, right), { rows, m, n, count, stacks });
  const out = made(backend, [...leading.shape.slice(0, -2), m, n], totals);
  for (const [own, of] of [
    [left, a],
    [right, b],
  ] as const)
    if (own !== of) backend.disposeData(own.dataId);
  return out;
}

interface Stacked {
  /** Rows of each matrix, which are added up; columns of the left and of the right ones. */
  readonly rows: number;
  readonly m: number;
  readonly n: number;
  /** Products to make, and the matrices on either side: as many, or one for all. */
  readonly count: number;
  readonly stacks: readonly number[];
}

interface Float64Sums {
  /** The column sums of `count` matrices, [rows, width] each. A view, until the next call. */
  columns(x: Float32Array, rows: number, width: number, count: number): Float64Array;
  /** `count` matrices yᵀ x, m × n each. A view, until the next call. */
  products(y: Float32Array, x: Float32Array, of: Stacked): Float64Array;
}

/** The graph encoders' kernels for dense gradients, on a memory beside: tensors are copied there block by block. */
function float64Sums(): Float64Sums {
  /** Rows that are taken at a time, whole groups of the kernels' sums. */
  const blockOf = (rows: number, width: number): number =>
    Math.min(rows, 256 * Math.max(1, Math.floor(blockFloats / (256 * width))));

  return {
    columns(x, rows, width, count) {
      const { kernels, left: y, out: totals } = beside();
      const block = blockOf(rows, width);
      y.need(4 * block * width);
      const out = totals.need(8 * Math.max(1, width * count));
      out.f64.fill(0, 0, width * count);
      for (let k = 0; k < count; k++) {
        for (let first = 0; first < rows; first += block) {
          const some = Math.min(block, rows - first);
          const from = (k * rows + first) * width;
          y.region.f32.set(x.subarray(from, from + some * width));
          kernels.columnSums(y.region.f32, some, width, out.f64.subarray(k * width));
        }
      }
      return out.f64.subarray(0, width * count);
    },
    products(left, right, { rows, m, n, count, stacks: [lefts = 1, rights = 1] }) {
      const { kernels, left: y, right: x, out: totals } = beside();
      const block = blockOf(rows, Math.max(m, n));
      y.need(4 * block * m);
      x.need(4 * block * n);
      const out = totals.need(8 * m * n * count);
      out.f64.fill(0, 0, m * n * count);
      for (let k = 0; k < count; k++) {
        for (let first = 0; first < rows; first += block) {
          const some = Math.min(block, rows - first);
          const [ofLeft, ofRight] = [(k % lefts) * rows + first, (k % rights) * rows + first];
          y.region.f32.set(left.subarray(ofLeft * m, (ofLeft + some) * m));
          x.region.f32.set(right.subarray(ofRight * n, (ofRight + some) * n));
          kernels.outer(y.region.f32, some, m, x.region.f32, n, out.f64.subarray(k * m * n));
        }
      }
      return out.f64.subarray(0, m * n * count);
    },
  };
}
