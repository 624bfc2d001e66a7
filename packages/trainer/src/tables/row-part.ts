import { GradpoolError, type FloatArray, type ParameterInfo } from "@gradpool/core";
import type { GradientPart } from "../gradients/part.js";
import type { Arena } from "../memory/arena.js";
import { rowGram, rowNorms } from "./row-gram.js";
import type { Touched } from "./touched.js";
import { accumulatorValues } from "./values.js";

/** Rows with the tasks' gradients of a step: a table's, or any others that are kept like them. */
export interface RowSource {
  readonly spec: { readonly name: string; readonly dim: number };
  readonly arena: Arena;
  readonly touched: Pick<Touched, "used" | "accumulators" | "unpooled" | "accumulated" | "sorted" | "ranks"> &
    Partial<Pick<Touched, "version">>;
}

/** The touched rows of some tables as a part of the step's task gradients. Each quantity is computed when asked for. */
export function rowPart(tables: readonly RowSource[], tasks: number): GradientPart {
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
      const table = tables.find(({ spec }) => spec.name === parameter) as RowSource;
      return Array.from({ length: tasks }, (_, task): FloatArray =>
        accumulatorValues(table.arena, table.touched, task),
      );
    },
  };
}

/** What is computed of each table (`width` numbers per touched row, or per table), one after the other; `compute` says how to read it then. */
function joined(
  tables: readonly RowSource[],
  width: number,
  compute: (table: RowSource) => () => Float64Array,
  perRow = true,
): Float64Array {
  const groups = tables.reduce((sum, { touched }) => sum + (perRow ? touched.used : 1), 0);
  const out = new Float64Array(groups * width);
  let read: (() => Float64Array)[] = [];
  const work = (): void => void (read = tables.map(compute));
  const team = tables[0]?.arena.team;
  if (team === undefined) work();
  else team.together(work);
  let at = 0;
  for (const view of read) {
    const own = view();
    out.set(own, at);
    at += own.length;
  }
  return out;
}

/** ‖gradient‖ of each touched row and task: begun, and how to read them. */
function normsOf(table: RowSource): () => Float64Array {
  const read = rowNorms(table);
  return () => ofTasks(read(), table.touched, 1);
}

/** Leaves out what belongs to accumulators that are no task's: of groups of one row, or one square, per accumulator. */
function ofTasks(values: Float64Array, { accumulators, unpooled }: RowSource["touched"], rank: 1 | 2): Float64Array {
  if (unpooled === 0) return values;
  const tasks = accumulators - unpooled;
  const rows = rank === 1 ? 1 : tasks;
  const group = accumulators ** rank;
  const out = new Float64Array((values.length / group) * rows * tasks);
  let at = 0;
  for (let base = 0; base < values.length; base += group) {
    for (let row = 0; row < rows; row++, at += tasks) {
      const from = base + row * accumulators;
      out.set(values.subarray(from, from + tasks), at);
    }
  }
  return out;
}

/** Raw inner products, T × T or touched rows × T × T: begun, and how to read them. */
function gramOf(table: RowSource, perRow: boolean, normsOnly: boolean): () => Float64Array {
  const read = rowGram(table, perRow, normsOnly);
  return () => ofTasks(read(), table.touched, 2);
}

function requireApart({ spec, touched }: RowSource, tasks: number): void {
  if (touched.accumulators - touched.unpooled === tasks) return;
  throw new GradpoolError({
    code: "unsupported",
    what: "the tasks' gradients were added up",
    where: `table ${spec.name}`,
    remedy: 'begin the step with mode "tasks" for this table',
  });
}

/** Ids are sorted when somebody looks at them: methods of coarser granularity do not. */
function describe({ spec, touched }: RowSource): ParameterInfo {
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
