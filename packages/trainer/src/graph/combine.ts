import { GradpoolError } from "@gradpool/core";
import type { Combine, RowWeights } from "../tables/store.js";
import type { ArenaBlock } from "./block.js";
import type { GraphWork } from "./work.js";

/** Float32 weights of a pool's answer, in the arena. */
function weightsIn({ weights: cells }: GraphWork, table: string, { weights }: RowWeights): Float32Array {
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

/** What arrives at the touched rows of Z: the pool's answer for each table, into the block `arriving`. */
export function combineRead(work: GraphWork, answer: (table: string) => Combine): void {
  const { reading, arriving, arena, z } = work;
  const { width } = z;
  arriving.shape(z.rows, width);
  for (const { spec, touched, first } of reading.tables) {
    if (touched.used === 0) continue;
    const combine = answer(spec.name);
    const perRow = "values" in combine || combine.granularity === "row";
    // Sorting may make memory grow, and so may room for the weights: views are taken afterwards.
    if (perRow) touched.sorted();
    const weights = "values" in combine ? null : weightsIn(work, spec.name, combine);
    const order = perRow ? touched.sorted().order : null;
    const out = arriving.values.subarray(first * width);
    if (weights !== null) arena.kernels.combine(touched.accumulated(), { weights, perRow }, order, null, out);
    else copyRows((combine as { values: Float32Array }).values, touched.used, width, order as Int32Array, out);
  }
}

/** Row k of `from` to row places[k] of `out`. */
function copyRows(
  from: Float32Array | Float64Array,
  count: number,
  width: number,
  places: Int32Array,
  out: Float32Array,
): void {
  for (let k = 0; k < count; k++) out.set(from.subarray(k * width, (k + 1) * width), (places[k] as number) * width);
}

/**
 * The combined gradient of E0 to the block of task `into`, the first that is present (in place: a row's sum starts with it). An answer
 * of null is the plain sum.
 */
export function combineNodes(work: GraphWork, answer: (table: string) => Combine | null, into: number): void {
  const { sources, arena, nodes, gradients, present } = work;
  const block = gradients[into] as ArenaBlock;
  const ones: RowWeights = { granularity: "model", weights: new Float64Array(present.length).fill(1) };
  for (const { spec, touched } of sources) {
    const combine = answer(spec.name) ?? ones;
    if ("values" in combine) {
      copyRows(combine.values, touched.used, spec.dim, nodes.nodesOf(spec.name), block.values);
      continue;
    }
    const by = { weights: weightsIn(work, spec.name, combine), perRow: combine.granularity === "row" };
    arena.kernels.combine(touched.accumulated(), by, null, nodes.nodesOf(spec.name), block.values);
  }
}
