import type { TensorOps } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import { beside } from "./beside.js";
import { type KernelCall, overlay } from "./overlay.js";

/** Columns of what comes out, at least: the stock kernel is faster at fewer. */
const fewestColumns = 8;
/** Multiply-adds below which all is the same. */
const fewest = 2 ** 18;
/** Multiply-adds for each float of a row that is copied, there or back, from which that is worth it. */
const fewestPerFloat = 32;
/** Floats of the left matrix that are copied at a time. */
const blockFloats = 2 ** 22;

interface Backend extends tfjs.KernelBackend {
  typedArrayFromHeap(of: tfjs.TensorInfo): Float32Array;
  makeOutput(shape: readonly number[], dtype: "float32"): tfjs.TensorInfo;
}

/**
 * Plain products of tfjs' wasm backend by our own kernel, on the threads of the step that asks. The stock kernel (XNNPACK) has one thread in
 * Node. Both add up a coordinate's terms one after the other, in float32: the bits are the same, on any number of threads.
 */
export function productsHere(tf: TensorOps): void {
  overlay(tf, "wasm", "BatchMatMul", "products here", (stock) => (call) => multiplied(call) ?? stock(call));
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

/** Null: not one of these. */
function multiplied({ inputs, backend: given, attrs }: KernelCall): tfjs.TensorInfo | null {
  const [a, b] = [inputs["a"], inputs["b"]] as [tfjs.TensorInfo, tfjs.TensorInfo];
  const { transposeA, transposeB } = attrs as Readonly<Record<string, boolean | undefined>>;
  if (transposeA === true || transposeB === true || a.dtype !== "float32" || b.dtype !== "float32") return null;
  const [rows, inner] = a.shape.slice(-2) as [number, number];
  const columns = b.shape[b.shape.length - 1] as number;
  const oneEach = sizeOf(a.shape) === rows * inner && sizeOf(b.shape) === inner * columns;
  const worth = inner * columns >= fewestPerFloat * (inner + columns) && rows * inner * columns >= fewest;
  if (!oneEach || columns < fewestColumns || !worth) return null;
  const backend = given as Backend;
  const axes = a.shape.length >= b.shape.length ? a.shape : b.shape;
  const out = backend.makeOutput([...axes.slice(0, -2), rows, columns], "float32");
  // Once the output is there: making it may grow the heap, which leaves older views behind.
  const [x, m, to] = [a, b, out].map((tensor) => backend.typedArrayFromHeap(tensor)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  multiply(x, m, { rows, inner, columns }, to);
  return out;
}

function multiply(
  x: Float32Array,
  m: Float32Array,
  { rows, inner, columns }: { readonly rows: number; readonly inner: number; readonly columns: number },
  to: Float32Array,
): void {
  const { kernels, left, right, out } = beside();
  const block = Math.min(rows, Math.max(1, Math.floor(blockFloats / Math.max(inner, columns))));
  left.need(4 * block * inner);
  out.need(4 * block * columns);
  right.need(4 * inner * columns).f32.set(m);
  for (let first = 0; first < rows; first += block) {
    const some = Math.min(block, rows - first);
    const [from, made] = [left.region.f32, out.region.f32];
    from.set(x.subarray(first * inner, (first + some) * inner));
    kernels.product(from, some, inner, right.region.f32, columns, null, false, made);
    to.set(made.subarray(0, some * columns), first * columns);
  }
}
