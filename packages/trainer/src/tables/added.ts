import { GradpoolError } from "@gradpool/core";
import type { AddedRows, Lookup } from "@gradpool/models";
import type { Pooling } from "../kernels/contract.js";
import type { Arena, Region } from "../memory/arena.js";
import { scratch, type Scratch } from "../memory/scratch.js";
import type { HeldTable } from "./table.js";

/** What the rows of a table have beside themselves, and the table that it is read from. */
export interface Added {
  readonly table: HeldTable;
  readonly rows: AddedRows;
}

/** What some rows add, entry by entry, in the memory of the table that it is read from. */
export interface AddedMemory {
  readonly ids: Scratch;
  readonly slots: Scratch;
  readonly offsets: Scratch;
  readonly weights: Scratch;
  /** A block beside that table. */
  readonly near: Scratch;
}

export const addedMemory = (arena: Arena): AddedMemory => ({
  ids: scratch(arena),
  slots: scratch(arena),
  offsets: scratch(arena),
  weights: scratch(arena),
  near: scratch(arena),
});

/** Which rows of a table are asked for: those of a lookup, or others that are listed alike. */
type Asked = Pick<Lookup, "ids" | "size" | "offsets" | "pooling">;

/** Lists what the rows add; answers with the number of entries. Costs these entries, whatever the size of the table. */
export function listAdded({ offsets, ids, weights }: AddedRows, asked: Asked, memory: AddedMemory): number {
  const { size, ids: owners, offsets: bags, pooling } = asked;
  const owned = bags === undefined ? size : (bags[size] as number);
  let count = 0;
  for (let k = 0; k < owned; k++) {
    const owner = owners[k] as number;
    count += (offsets[owner + 1] as number) - (offsets[owner] as number);
  }
  for (const one of [memory.ids, memory.slots, memory.weights]) one.need(4 * count);
  const starts = memory.offsets.need(4 * (size + 1)).i32;
  const [listed, counts] = [memory.ids.region.i32, memory.weights.region.f32];
  let at = 0;
  starts[0] = 0;
  for (let row = 0; row < size; row++) {
    const [from, to] = bags === undefined ? [row, row + 1] : [bags[row] as number, bags[row + 1] as number];
    const share = bags === undefined || pooling === "sum" ? 1 : 1 / (to - from);
    for (let k = from; k < to; k++) {
      const owner = owners[k] as number;
      for (let e = offsets[owner] as number; e < (offsets[owner + 1] as number); e++, at++) {
        listed[at] = ids[e] as number;
        counts[at] = share * (weights[e] as number);
      }
    }
    starts[row + 1] = at;
  }
  return count;
}

/** The listed entries as the kernels take them. Views: of this moment. */
export const poolingOf = ({ offsets, weights }: AddedMemory): Pooling => ({
  offsets: offsets.region.i32,
  weights: weights.region.f32,
  mean: false,
});

/**
 * Adds to `size` rows, which lie in `main`, what they have beside themselves: their own row comes first, then what is added, entry by
 * entry. `locate`: the rows become touched ones of this step, the last finished one of which was `step`.
 */
export function addRows(
  { table, rows }: Added,
  asked: Asked,
  memory: AddedMemory,
  into: Scratch,
  { main, step }: { readonly main: Arena; readonly step: number | null },
): number {
  const { arena, touched, lag, spec } = table;
  const length = asked.size * spec.dim;
  const count = listAdded(rows, asked, memory);
  const beside = arena === main ? into : memory.near;
  beside.need(4 * length, true);
  if (step !== null) {
    const before = touched.used;
    touched.locate(memory.ids.region, count, memory.slots.region);
    lag?.catchUp(before, touched.used, step);
  }
  copy(into, beside, length);
  const out: Region = beside.region;
  arena.kernels.addPooled(table.weights, memory.ids.region.i32, poolingOf(memory), asked.size, spec.dim, out.f32);
  copy(beside, into, length);
  return count;
}

function copy(from: Scratch, to: Scratch, length: number): void {
  if (from !== to) to.region.f32.set(from.region.f32.subarray(0, length));
}

/** What the tables of a model have beside themselves, by name. Error `invalid-input` for what does not fit. */
export function addedOf(all: ReadonlyMap<string, HeldTable>): ReadonlyMap<string, Added> {
  return new Map(
    [...all.values()].flatMap(({ spec }) => {
      const { name, plus } = spec;
      if (plus === undefined) return [];
      const table = all.get(plus.table);
      const wrong = misfit(spec, plus, table);
      if (wrong === null) return [[name, { table: table as HeldTable, rows: plus }] as const];
      const remedy = "give rows of another table that is as wide, and adds nothing itself";
      throw new GradpoolError({ code: "invalid-input", what: wrong, where: `table ${name}, plus`, remedy });
    }),
  );
}

function misfit({ rows, dim }: HeldTable["spec"], plus: AddedRows, table: HeldTable | undefined): string | null {
  const { offsets, ids, weights, shown } = plus;
  if (table === undefined) return `there is no table ${plus.table}`;
  if (table.spec.plus !== undefined) return `${plus.table} has something beside itself`;
  if (table.spec.dim !== dim) return `${plus.table} is ${table.spec.dim} wide, not ${dim}`;
  if (offsets.length !== rows + 1 || shown.length !== rows) return `offsets of ${offsets.length - 1} rows for ${rows}`;
  if (ids.length < (offsets[rows] as number) || weights.length < ids.length) return "fewer entries than offsets say";
  const bad = ids.findIndex((id) => id < 0 || id >= table.spec.rows);
  return bad < 0 ? null : `row ${ids[bad]} of ${plus.table}, which has ${table.spec.rows}`;
}
