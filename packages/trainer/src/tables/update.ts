import { GradpoolError } from "@gradpool/core";
import { type Limit, limitValues, quadratic, squaredNormOf, unlimited } from "../engine/limit.js";
import type { OptimizedRows } from "../kernels/contract.js";
import type { Arena, Region } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";
import type { RowApart } from "./apart.js";
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
  const gramCells = scratch(arena);

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

  function byValues(count: number, limit: Limit): void {
    const rows = touched.sorted();
    limitValues(valueCells.region.f32, count, limit);
    kernels.applyValues(optimized(), rows, valueCells.region.f32);
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

  /** Each coordinate of the weighted sum must be looked at: it is written out, over the touched rows. */
  function bounded(combine: RowWeights | undefined, limit: Limit): void {
    const { dim } = optimized();
    const count = touched.used * dim;
    valueCells.need(4 * count);
    touched.ranks();
    const by = weighed(combine, limit.scale);
    const { order } = touched.sorted();
    kernels.combine(touched.accumulated(), by, order, touched.ranks(), valueCells.region.f32);
    if (combine?.left !== undefined) touched.forget(combine.left);
    const values = valueCells.region.f32;
    const used = keepHeld(touched, order, values, dim);
    limitValues(values, used * dim, { scale: 1, bound: limit.bound });
    kernels.applyValues(optimized(), { ...touched.sorted(), used }, values);
  }

  return {
    apply(combine, limit = unlimited) {
      if (combine !== undefined && "values" in combine) {
        byValues(gather(combine.values), limit);
        return;
      }
      if (limit.bound !== Infinity) {
        bounded(combine, limit);
        return;
      }
      const by = weighed(combine, limit.scale);
      if (apart !== null) {
        const rows = apart.rows(optimized().weights);
        kernels.applyApart(rows, touched.sorted(), touched.accumulated(), by.weights, apart.corrections);
        return;
      }
      if (combine?.left !== undefined) touched.forget(combine.left);
      kernels.applyTasks(optimized(), touched.sorted(), touched.accumulated(), by, buffer.f32);
    },
    squaredNorm(combine) {
      if (combine !== undefined && "values" in combine) {
        const count = gather(combine.values);
        return squaredNormOf(valueCells.region.f32, count);
      }
      const { perRow } = weighed(combine, 1);
      const { accumulators, used } = touched;
      const groups = perRow ? used : 1;
      gramCells.need(8 * groups * accumulators ** 2);
      const ranks = perRow ? touched.ranks() : null;
      const cells = gramCells.region.f64;
      cells.fill(0, 0, groups * accumulators ** 2);
      kernels.gram(touched.accumulated(), { normsOnly: accumulators === 1, ranks }, cells);
      return quadratic(cells, weightCells.region.f32, accumulators, groups);
    },
  };
}

/** Moves the rows that an accumulator holds to the front, and their slots in `order`: those that were only read are not moved by a step. */
function keepHeld(touched: Touched, order: Int32Array, values: Float32Array, dim: number): number {
  let kept = 0;
  for (let k = 0; k < touched.used; k++) {
    const slot = order[k] as number;
    if (!touched.holds(slot)) continue;
    if (kept < k) {
      order[kept] = slot;
      values.copyWithin(kept * dim, k * dim, (k + 1) * dim);
    }
    kept++;
  }
  return kept;
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
