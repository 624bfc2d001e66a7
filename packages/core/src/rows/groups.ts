import type { PoolContext } from "../context.js";
import type { TaskSet } from "../tasks.js";
import { type PackedRows, packedRows, type RowWriter, writeRows } from "./packed.js";

/**
 * State per group: tensors and the model by name ("" for the model), table rows by table. Rows are packed where the
 * method's state is a Float64Array, and kept by row id otherwise. Plain data.
 */
export interface PerGroup<S> {
  readonly groups: Readonly<Record<string, S>>;
  readonly rows: Readonly<Record<string, PackedRows | Readonly<Record<number, S>>>>;
}

/** Reads and writes the state of groups during one step. */
export interface GroupStates<S> {
  /** What the group holds, or the initial state. A Float64Array is a copy, for rows in a buffer that is used again. */
  get(parameter: string | null, row: number | undefined): S;
  set(parameter: string | null, row: number | undefined, value: S): void;
  done(): PerGroup<S>;
}

/** An editable copy of per-group state; with `context.donate` per-row records are written in place. */
export function editGroups<S>(state: PerGroup<S>, context: PoolContext, init: (tasks: TaskSet) => S): GroupStates<S> {
  const donated = context.donate === true;
  const initial = init(context.tasks);
  const packed = initial instanceof Float64Array;
  const buffer = packed ? new Float64Array(initial.length) : undefined;
  const groups: Record<string, S> = { ...state.groups };
  const writers = new Map<string, RowWriter>();
  const records = new Map<string, Record<number, S>>();

  function writer(table: string): RowWriter {
    let held = writers.get(table);
    if (held === undefined) {
      const rows = state.rows[table] as PackedRows | undefined;
      held = writeRows(rows ?? packedRows((initial as Float64Array).length), donated && rows !== undefined);
      writers.set(table, held);
    }
    return held;
  }

  return {
    get(parameter, row) {
      const key = parameter ?? "";
      if (row === undefined) {
        const held = groups[key];
        if (held === undefined) return init(context.tasks);
        return held instanceof Float64Array ? (held.slice() as S) : held;
      }
      if (buffer !== undefined) {
        if (!writer(key).read(row, buffer)) buffer.set(initial as Float64Array);
        return buffer as S;
      }
      return (records.get(key) ?? (state.rows[key] as Record<number, S> | undefined))?.[row] ?? init(context.tasks);
    },
    set(parameter, row, value) {
      const key = parameter ?? "";
      if (row === undefined) {
        groups[key] = value;
      } else if (packed) {
        writer(key).write(row, value as Float64Array);
      } else {
        let held = records.get(key);
        if (held === undefined) {
          const rows = state.rows[key] as Record<number, S> | undefined;
          held = donated ? (rows ?? {}) : { ...rows };
          records.set(key, held);
        }
        held[row] = value;
      }
    },
    done() {
      const rows: Record<string, PackedRows | Record<number, S>> = { ...state.rows };
      for (const [table, held] of writers) rows[table] = held.done();
      for (const [table, held] of records) rows[table] = held;
      return { groups, rows };
    },
  };
}
