import { GradpoolError, type FloatArray, type ParameterInfo } from "@gradpool/core";
import type { GradientPart } from "../gradients/part.js";
import { scratch, type Scratch } from "../memory/scratch.js";
import type { HeldTable } from "./table.js";

/** Where a table's Gram is written; kept with it from step to step. */
const grams = new WeakMap<HeldTable, Scratch>();

function cellsOf(table: HeldTable): Scratch {
  const cells = grams.get(table) ?? scratch(table.arena);
  grams.set(table, cells);
  return cells;
}

/** The touched rows of some tables as a part of the step's task gradients. Each quantity is computed when asked for. */
export function rowPart(tables: readonly HeldTable[], tasks: number): GradientPart {
  for (const table of tables) requireApart(table, tasks);
  return {
    tasks,
    parameters: tables.map(describe),
    norms: (granularity) => (granularity === "row" ? joined(tables, tasks, normsOf) : null),
    gram(granularity, detail) {
      const perRow = granularity === "row";
      return joined(tables, tasks ** 2, (table) => gramOf(table, perRow, detail === "norms"), perRow);
    },
    values(parameter) {
      const table = tables.find(({ spec }) => spec.name === parameter) as HeldTable;
      return Array.from({ length: tasks }, (_, task): FloatArray => valuesOf(table, task));
    },
  };
}

/** What is computed of each table (`width` numbers per touched row, or per table), one after the other. */
function joined(
  tables: readonly HeldTable[],
  width: number,
  compute: (table: HeldTable) => Float64Array,
  perRow = true,
): Float64Array {
  const groups = tables.reduce((sum, { touched }) => sum + (perRow ? touched.used : 1), 0);
  const out = new Float64Array(groups * width);
  let at = 0;
  for (const table of tables) {
    // A view of memory that the next table's may make grow: copied at once.
    const own = compute(table);
    out.set(own, at);
    at += own.length;
  }
  return out;
}

/** ‖gradient‖ of each touched row and task. A view. */
function normsOf(table: HeldTable): Float64Array {
  const { arena, touched } = table;
  const count = touched.used * touched.accumulators;
  const cells = cellsOf(table);
  cells.need(8 * count);
  const ranks = touched.ranks();
  const out = cells.region.f64;
  arena.kernels.rowNorms(touched.accumulated(), ranks, out);
  return out.subarray(0, count);
}

/** Raw inner products, T × T or touched rows × T × T. A view. */
function gramOf(table: HeldTable, perRow: boolean, normsOnly: boolean): Float64Array {
  const { arena, touched } = table;
  const count = (perRow ? touched.used : 1) * touched.accumulators ** 2;
  const cells = cellsOf(table);
  cells.need(8 * count);
  const ranks = perRow ? touched.ranks() : null;
  const out = cells.region.f64;
  out.fill(0, 0, count);
  arena.kernels.gram(touched.accumulated(), { normsOnly, ranks }, out);
  return out.subarray(0, count);
}

/** One task's gradient, touched rows × dim, as a copy. */
function valuesOf({ arena, touched, spec }: HeldTable, task: number): Float32Array {
  const out = arena.allocate(4 * touched.used * spec.dim);
  const { order } = touched.sorted();
  arena.kernels.expand(touched.accumulated(), task, order, out.f32);
  const copy = out.f32.slice(0, touched.used * spec.dim);
  arena.free(out);
  return copy;
}

function requireApart({ spec, touched }: HeldTable, tasks: number): void {
  if (touched.accumulators === tasks) return;
  throw new GradpoolError({
    code: "unsupported",
    what: "the tasks' gradients were added up",
    where: `table ${spec.name}`,
    remedy: 'begin the step with mode "tasks" for this table',
  });
}

/** Ids are sorted when somebody looks at them: methods of coarser granularity do not. */
function describe({ spec, touched }: HeldTable): ParameterInfo {
  const count = touched.used;
  let ids: Int32Array | undefined;
  return {
    name: spec.name,
    kind: "rows",
    size: count * spec.dim,
    width: spec.dim,
    get ids() {
      if (ids === undefined) {
        const { slotIds, order } = touched.sorted();
        ids = new Int32Array(count);
        for (let k = 0; k < count; k++) ids[k] = slotIds[order[k] as number] as number;
      }
      return ids;
    },
  };
}
