import { GradpoolError } from "@gradpool/core";
import type { OptimizedRows } from "../kernels/contract.js";
import type { Arena, Region } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";
import type { Combine } from "./store.js";
import type { Touched } from "./touched.js";
import { accumulatorValues } from "./values.js";

export interface UpdateParts {
  readonly table: string;
  readonly arena: Arena;
  readonly touched: Touched;
  readonly buffer: Region;
  optimized(): OptimizedRows;
}

/** The optimiser's step on the touched rows of a table, fused with the weighted sum of the tasks' gradients. */
export function rowUpdate({ table, arena, touched, buffer, optimized }: UpdateParts): (combine?: Combine) => void {
  const { kernels } = arena;
  const weightCells = scratch(arena);
  const valueCells = scratch(arena);

  function byValues(values: Float32Array | Float64Array): void {
    const { dim } = optimized();
    valueCells.need(4 * touched.used * dim);
    expectLength(table, "combined coordinates", values.length, touched.used * dim);
    const unpooled = Array.from({ length: touched.unpooled }, (_, k) =>
      accumulatorValues(arena, touched, touched.accumulators - 1 - k),
    );
    // Sorting may make the memory grow: views are taken afterwards.
    const rows = touched.sorted();
    const cells = valueCells.region.f32;
    cells.set(values);
    for (const more of unpooled)
      for (let k = 0; k < more.length; k++) cells[k] = (cells[k] as number) + (more[k] as number);
    kernels.applyValues(optimized(), rows, cells);
  }

  return (combine) => {
    if (combine !== undefined && "values" in combine) {
      byValues(combine.values);
      return;
    }
    const perRow = combine?.granularity === "row";
    const count = perRow ? touched.used * touched.accumulators : touched.accumulators;
    weightCells.need(4 * count);
    const rows = touched.sorted();
    const weights = weightCells.region.f32;
    if (combine === undefined) weights.fill(1, 0, count);
    else writeWeights(table, combine.weights, weights, touched, perRow);
    kernels.applyTasks(optimized(), rows, touched.accumulated(), { weights, perRow }, buffer.f32);
  };
}

/** Float32 weights from the pool's, 1 for accumulators that are no task's. */
function writeWeights(table: string, from: Float64Array, to: Float32Array, touched: Touched, perRow: boolean): void {
  const { accumulators, unpooled } = touched;
  const tasks = accumulators - unpooled;
  const groups = perRow ? touched.used : 1;
  expectLength(table, "weights", from.length, groups * tasks);
  let bad = 0;
  for (let group = 0, k = 0, at = 0; group < groups; group++) {
    for (let t = 0; t < tasks; t++, k++, at++) {
      const weight = Math.fround(from[k] as number);
      to[at] = weight;
      bad += weight - weight;
    }
    for (let t = 0; t < unpooled; t++, at++) to[at] = 1;
  }
  if (bad !== 0) throw tooLarge(table, from.find((weight) => !Number.isFinite(Math.fround(weight))) as number);
}

function expectLength(table: string, what: string, found: number, expected: number): void {
  if (found === expected) return;
  throw new GradpoolError({
    code: "shape",
    what: `${found} ${what}`,
    where: `table ${table}`,
    remedy: `give ${expected}`,
  });
}

function tooLarge(table: string, weight: number): GradpoolError {
  return new GradpoolError({
    code: "non-finite",
    what: `a weight is ${weight}, beyond float32`,
    where: `table ${table}`,
    remedy: "look at the gradients' norms: a pool made up for one that is next to zero",
  });
}
