import { scratch, type Scratch } from "../memory/scratch.js";
import { type Added, type AddedMemory, addedMemory, listAdded, poolingOf } from "./added.js";
import { combineTouched } from "./combined.js";
import type { Combine } from "./store.js";
import type { HeldTable } from "./table.js";

/** Hands what a pool made of the gradients of composed rows on to the rows that they have beside themselves. */
export interface PassOn {
  /** Once a step and table, after the pool's answer; false: a sum is not finite. */
  (table: HeldTable, added: Added, combine: Combine): boolean;
}

interface Memory {
  readonly added: AddedMemory;
  readonly weights: Scratch;
  readonly rows: Scratch;
}

/** One pass whatever the number of tasks: an entry for each touched row and what it adds. */
export function passingOn(): PassOn {
  const memories = new Map<string, Memory>();
  return (table, added, combine) => {
    const { spec, arena, touched } = table;
    const { used } = touched;
    if (used === 0) return true;
    const beside = added.table;
    const memory = memories.get(spec.name) ?? {
      added: addedMemory(beside.arena),
      weights: scratch(arena),
      rows: scratch(arena),
    };
    memories.set(spec.name, memory);
    memory.rows.need(4 * used * spec.dim);
    combineTouched(table, combine, memory.weights, () => memory.rows.region.f32);
    const { near, ids, slots } = memory.added;
    // A copy: memory may grow while they are listed.
    const count = listAdded(added.rows, { ids: touched.ids.slice(0, used), size: used }, memory.added);
    beside.touched.locate(ids.region, count, slots.region);
    beside.touched.reserve(0, count, slots.region);
    const apart = beside.arena !== arena;
    if (apart) near.need(4 * used * spec.dim).f32.set(memory.rows.region.f32.subarray(0, used * spec.dim));
    const gradient = (apart ? near : memory.rows).region.f32;
    const block = { gradient, slots: slots.region.i32, count: used, scale: 1 };
    return beside.touched.scatter(block, 0, poolingOf(memory.added));
  };
}
