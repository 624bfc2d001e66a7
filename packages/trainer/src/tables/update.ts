import { GradpoolError } from "@gradpool/core";
import { type Limit, quadratic, squaredNormOf, unlimited } from "../engine/limit.js";
import type { OptimizedRows } from "../kernels/contract.js";
import type { Arena, Region } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";
import type { RowApart } from "./apart.js";
import { rowGram } from "./row-gram.js";
import type { Combine, RowWeights } from "./store.js";
import type { Touched } from "./touched.js";
import { accumulatorValues } from "./values.js";

export interface UpdateParts {
  readonly table: string;
  readonly arena: Arena;
  readonly touched: Touched;
  readonly buffer: Region;
  optimized(): OptimizedRows;
  readonly apart: RowApart | null;
}

/** What becomes of the touched rows of a table, from the pool's answer for it: see {@link TableStore.apply}. */
export interface RowUpdate {
  apply(combine: Combine | undefined, limit: Limit): void;
  squaredNorm(combine: Combine | undefined): number;
}

/** The optimiser's step on the touched rows of a table, fused with the weighted sum of the tasks' gradients. */
export function rowUpdate({ table, arena, touched, buffer, optimized, apart }: UpdateParts): RowUpdate {
  const { kernels } = arena;
  const weightCells = scratch(arena);
  const valueCells = scratch(arena);

  /** A pool's own coordinates and what no pool sees, in the order of the touched rows' ids. Leaves them in `valueCells`. */
  function gather(values: Float32Array | Float64Array): number {
    const { dim } = optimized();
    const count = touched.used * dim;
    valueCells.need(4 * count);
    expectLength(table, "combined coordinates", values.length, count);
    const unpooled = Array.from({ length: touched.unpooled }, (_, k) =>
      accumulatorValues(arena, touched, touched.accumulators - 1 - k),
    );
    // Sorting may make the memory grow: views are taken afterwards.
    touched.sorted();
    const cells = valueCells.region.f32;
    cells.set(values);
    for (const more of unpooled)
      for (let k = 0; k < more.length; k++) cells[k] = (cells[k] as number) + (more[k] as number);
    return count;
  }

  /** Float32 weights of all accumulators, in the arena. Rows are sorted then. */
  function weighed(combine: RowWeights | undefined, scale: number): { weights: Float32Array; perRow: boolean } {
    const perRow = combine?.granularity === "row";
    const count = perRow ? touched.used * touched.accumulators : touched.accumulators;
    weightCells.need(4 * count);
    // Sorting may make the memory grow: views are taken afterwards.
    touched.sorted();
    const weights = weightCells.region.f32;
    if (combine === undefined) weights.fill(1, 0, count);
    else writeWeights(table, combine.weights, weights, touched, perRow);
    if (scale !== 1) for (let k = 0; k < count; k++) weights[k] = (weights[k] as number) * scale;
    return { weights, perRow };
  }

  return {
    apply(combine, limit = unlimited) {
      if (combine !== undefined && "values" in combine) {
        gather(combine.values);
        kernels.applyValues(optimized(), touched.sorted(), valueCells.region.f32, limit.scale, limit.bound);
        return;
      }
      const by = weighed(combine, limit.scale);
      if (apart !== null) {
        const rows = apart.rows(optimized().weights);
        kernels.applyApart(rows, touched.sorted(), touched.accumulated(), by.weights, apart.corrections);
        return;
      }
      if (combine?.left !== undefined) touched.forget(combine.left);
      kernels.applyTasks(optimized(), touched.sorted(), touched.accumulated(), by, buffer.f32, limit.bound);
    },
    squaredNorm(combine) {
      if (combine !== undefined && "values" in combine) {
        const count = gather(combine.values);
        return squaredNormOf(valueCells.region.f32, count);
      }
      const { perRow } = weighed(combine, 1);
      const { accumulators, used } = touched;
      const gram = rowGram({ arena, touched }, perRow, accumulators === 1)();
      return quadratic(gram, weightCells.region.f32, accumulators, perRow ? used : 1);
    },
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
