import { GradpoolError } from "@gradpool/core";
import type { Scratch } from "../memory/scratch.js";
import type { Combine, RowWeights } from "./store.js";
import type { RowSource } from "./row-part.js";

/** Float32 weights of a pool's answer, in the arena. */
export function weightsIn(cells: Scratch, table: string, { weights }: RowWeights): Float32Array {
  const own = cells.need(4 * weights.length).f32;
  let bad = 0;
  for (let k = 0; k < weights.length; k++) {
    const weight = Math.fround(weights[k] as number);
    own[k] = weight;
    bad += weight - weight;
  }
  if (bad === 0) return own;
  throw new GradpoolError({
    code: "non-finite",
    what: `a weight is ${weights.find((weight) => !Number.isFinite(Math.fround(weight)))}, beyond float32`,
    where: `table ${table}`,
    remedy: "look at the gradients' norms: a pool made up for one that is next to zero",
  });
}

/**
 * What a pool made of the tasks' gradients of touched rows: a row for each slot, in the order of slots. `out` is called when memory does
 * not grow any more.
 */
export function combineTouched(
  { spec, touched, arena }: RowSource,
  combine: Combine,
  cells: Scratch,
  out: () => Float32Array,
): void {
  const perRow = "values" in combine || combine.granularity === "row";
  // Sorting may make memory grow, and so may room for the weights: views are taken afterwards.
  if (perRow) touched.sorted();
  const weights = "values" in combine ? null : weightsIn(cells, spec.name, combine);
  const order = perRow ? touched.sorted().order : null;
  if (weights !== null) arena.kernels.combine(touched.accumulated(), { weights, perRow }, order, null, out());
  else copyRows((combine as { values: Float32Array }).values, touched.used, spec.dim, order as Int32Array, out());
}

/** Row k of `from` to row places[k] of `out`. */
export function copyRows(
  from: Float32Array | Float64Array,
  count: number,
  width: number,
  places: Int32Array,
  out: Float32Array,
): void {
  for (let k = 0; k < count; k++) out.set(from.subarray(k * width, (k + 1) * width), (places[k] as number) * width);
}
