import type { Arena } from "../memory/arena.js";
import type { Touched } from "./touched.js";

/** One accumulator's gradient, touched rows × dim by ascending id, as a copy. */
export function accumulatorValues(
  arena: Arena,
  touched: Pick<Touched, "used" | "accumulated" | "sorted">,
  task: number,
): Float32Array {
  const { dim } = touched.accumulated();
  const out = arena.allocate(4 * touched.used * dim);
  const { order } = touched.sorted();
  arena.kernels.expand(touched.accumulated(), task, order, out.f32);
  const copy = out.f32.slice(0, touched.used * dim);
  arena.free(out);
  return copy;
}
