import { combineTouched, copyRows, weightsIn } from "../tables/combined.js";
import { sharesOf } from "../engine/draws.js";
import type { Combine, RowWeights } from "../tables/store.js";
import type { ArenaBlock } from "./block.js";
import type { GraphWork } from "./work.js";

/** What arrives at the touched rows of Z: the pool's answer for each table, into the block `arriving`. */
export function combineRead(work: GraphWork, answer: (table: string) => Combine): void {
  const { reading, arriving, z } = work;
  const { width } = z;
  arriving.shape(z.rows, width);
  for (const table of reading.tables) {
    if (table.touched.used === 0) continue;
    combineTouched(table, answer(table.spec.name), work.weights, () => arriving.values.subarray(table.first * width));
  }
}

/**
 * The combined gradient of E0 to the block of task `into`, the first that is present (in place: a row's sum starts with it). An answer
 * of null is the plain sum.
 */
export function combineNodes(work: GraphWork, answer: (table: string) => Combine | null, into: number): void {
  const { sources, arena, nodes, gradients, draws } = work;
  const block = gradients[into] as ArenaBlock;
  const ones: RowWeights = { granularity: "model", weights: sharesOf(draws) };
  for (const { spec, touched } of sources) {
    const combine = answer(spec.name) ?? ones;
    if ("values" in combine) {
      copyRows(combine.values, touched.used, spec.dim, nodes.nodesOf(spec.name), block.values);
      continue;
    }
    const by = { weights: weightsIn(work.weights, spec.name, combine), perRow: combine.granularity === "row" };
    arena.kernels.combine(touched.accumulated(), by, null, nodes.nodesOf(spec.name), block.values);
  }
}
