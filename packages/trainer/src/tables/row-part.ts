import { GradpoolError, type FloatArray, type ParameterInfo } from "@gradpool/core";
import type { GradientPart } from "../gradients/part.js";
import { scratch, type Scratch } from "../memory/scratch.js";
import type { HeldTable } from "./table.js";

const grams = new WeakMap<HeldTable, Scratch>();

/** The touched rows of some tables as a part of the step's task gradients. Each quantity is computed when asked for. */
export function rowPart(tables: readonly HeldTable[], tasks: number): GradientPart {
  for (const { spec, touched } of tables) {
    if (touched.accumulators === tasks) continue;
    throw new GradpoolError({
      code: "unsupported",
      what: "the tasks' gradients were added up",
      where: `table ${spec.name}`,
      remedy: 'begin the step with mode "tasks" for this table',
    });
  }

  function gramOf(table: HeldTable, perRow: boolean, normsOnly: boolean): Float64Array {
    const { arena, touched, spec } = table;
    const cells = grams.get(table) ?? scratch(arena);
    grams.set(table, cells);
    const count = (perRow ? touched.used : 1) * tasks * tasks;
    cells.need(8 * count);
    const ranks = perRow ? touched.ranks() : null;
    const sums = Array.from({ length: tasks }, (_, i) => touched.accumulator(i));
    const out = cells.region.f64;
    out.fill(0, 0, count);
    const { positions, used } = touched;
    arena.kernels.gram(positions, used, tasks, sums, spec.dim, normsOnly, ranks, perRow, out);
    return out.subarray(0, count);
  }

  return {
    tasks,
    parameters: tables.map(describe),
    norms(granularity) {
      if (granularity !== "row") return null;
      const out = new Float64Array(tables.reduce((sum, { touched }) => sum + touched.used * tasks, 0));
      let at = 0;
      for (const table of tables) {
        const { arena, touched, spec } = table;
        const { used } = touched;
        const cells = grams.get(table) ?? scratch(arena);
        grams.set(table, cells);
        cells.need(8 * used * tasks);
        const ranks = touched.ranks();
        const sums = Array.from({ length: tasks }, (_, i) => touched.accumulator(i));
        const norms = cells.region.f64;
        arena.kernels.rowNorms(touched.positions, used, tasks, sums, spec.dim, ranks, norms);
        out.set(norms.subarray(0, used * tasks), at);
        at += used * tasks;
      }
      return out;
    },
    gram(granularity, detail) {
      const perRow = granularity === "row";
      const square = tasks * tasks;
      const groups = tables.reduce((sum, { touched }) => sum + (perRow ? touched.used : 1), 0);
      const all = new Float64Array(groups * square);
      let at = 0;
      for (const table of tables) {
        const one = gramOf(table, perRow, detail === "norms");
        all.set(one, at);
        at += one.length;
      }
      return all;
    },
    values(parameter) {
      const table = tables.find(({ spec }) => spec.name === parameter) as HeldTable;
      const { arena, touched, spec } = table;
      touched.order();
      return Array.from({ length: tasks }, (_, task): FloatArray => {
        const out = arena.allocate(4 * touched.used * spec.dim);
        const order = touched.order();
        const { positions, used } = touched;
        arena.kernels.expand(positions, tasks, task, used, touched.accumulator(task), spec.dim, order, out.f32);
        const copy = out.f32.slice(0, used * spec.dim);
        arena.free(out);
        return copy;
      });
    },
  };
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
        const order = touched.order();
        const held = touched.slotIds;
        ids = new Int32Array(count);
        for (let k = 0; k < count; k++) ids[k] = held[order[k] as number] as number;
      }
      return ids;
    },
  };
}
