import type { Accumulator, Accumulators, Pooling, ScatteredBlock, TouchedRows } from "../kernels/contract.js";
import type { Arena, Region } from "../memory/arena.js";
import { scratch, type Scratch } from "../memory/scratch.js";
import type { Unit } from "../threads/rounds.js";
import { type PopularRows, popularRows } from "./popular.js";
import { slotsOf } from "./slots.js";

/**
 * Which rows of one table a step touches, and the tasks' gradients of them. All of the batch's size: slots for the touched
 * rows, and one accumulator per task that holds only the rows which that task touched.
 */
export interface Touched {
  /** Slots in use. */
  readonly used: number;
  readonly accumulators: number;
  /** How many of them, the last ones, are no task's: they are added to what a pool makes of the others. */
  readonly unpooled: number;
  /** Moves with whatever changes the gradients: what was made of them before is stale then. */
  readonly version: number;
  /** Starts a step. */
  clear(accumulators: number, unpooled?: number): void;
  /** Slots of the ids in a region, written to another. */
  locate(ids: Region, count: number, slots: Region): void;
  /** Ids of the slots. */
  readonly ids: Int32Array;
  /** Makes room for `count` more entries of a task, at these slots. May grow the memory: take views afterwards. */
  reserve(task: number, count: number, slots: Region): void;
  /** Adds scale × gradient, after `reserve`; false if a sum is not finite. */
  scatter(block: Omit<ScatteredBlock, "dim">, task: number, pooling: Pooling | null): boolean;
  /** From now on these accumulators have touched no row: what they alone held is not touched. */
  forget(accumulators: readonly number[]): void;
  /** Does any accumulator hold this slot's row? */
  holds(slot: number): boolean;
  /** The accumulators as the kernels take them. Views: of this moment. */
  accumulated(): Accumulators;
  /** The touched rows by ascending id: neighbours in memory follow each other, which saves half of the time on large tables. */
  sorted(): TouchedRows & { readonly order: Int32Array };
  /** Each slot's place in that order. */
  ranks(): Int32Array;
  /** Makes room in an accumulator that holds nothing yet for all entries of the step. May grow the memory. */
  room(task: number, entries: number): void;
  /** One accumulator as the kernels take it. Views: of this moment. */
  accumulator(task: number): Accumulator;
  /** Says how many rows of an accumulator a round has taken. */
  took(task: number, rows: number): void;
  /** What sorts the slots within a round: see {@link Slots.sorting}. */
  sorting(): readonly Unit[];
  /** What counts how often each slot is met; the largest answer of its calls is the largest count. May grow the memory. */
  tallying(blocks: readonly { readonly slots: Scratch; readonly count: number }[]): Unit;
}

interface Sum {
  readonly memory: Scratch;
  readonly popular: PopularRows;
  rows: number;
}

export function touched(arena: Arena, name: string, rows: number, dim: number): Touched {
  const { kernels } = arena;
  const slots = slotsOf(arena, name, rows);
  const positions = scratch(arena);
  const counts = scratch(arena);
  const sums: Sum[] = [];
  let accumulators = 1;
  let unpooled = 0;
  let version = 0;

  const accumulator = (task: number): Accumulator => {
    const { memory, rows: taken } = sums[task] as Sum;
    return { positions: positions.region.i32, tasks: accumulators, task, sum: memory.region.f32, used: taken };
  };

  return {
    get used() {
      return slots.used;
    },
    get accumulators() {
      return accumulators;
    },
    get unpooled() {
      return unpooled;
    },
    get version() {
      return version;
    },
    get ids() {
      return slots.ids;
    },
    clear(count, last = 0) {
      version++;
      accumulators = count;
      unpooled = last;
      while (sums.length < count) sums.push({ memory: scratch(arena), popular: popularRows(arena, dim), rows: 0 });
      for (const sum of sums) {
        sum.rows = 0;
        sum.popular.clear();
      }
      slots.clear();
    },
    locate(ids, count, into) {
      const before = slots.used;
      positions.need(4 * (before + count) * accumulators, true);
      slots.locate(ids, count, into);
      positions.region.i32.fill(-1, before * accumulators, slots.used * accumulators);
    },
    reserve(task, count, at) {
      const { memory, popular, rows: held } = sums[task] as Sum;
      memory.need(4 * dim * Math.min(slots.used, held + count), true);
      popular.foresee(at, count, slots.used, () => accumulator(task));
    },
    scatter(block, task, pooling) {
      version++;
      const held = sums[task] as Sum;
      const from = { ...block, dim };
      const into = accumulator(task);
      const wide = held.popular.rows();
      let next: number;
      if (wide !== null) next = kernels.scatterWide(from, pooling, into, wide);
      else next = pooling === null ? kernels.scatter(from, into) : kernels.scatterPooled(from, pooling, into);
      if (next < 0) return false;
      held.rows = next;
      return wide === null || held.popular.settle(into);
    },
    forget(list) {
      version++;
      const cells = positions.region.i32;
      for (let slot = 0; slot < slots.used; slot++) {
        for (const one of list) cells[slot * accumulators + one] = -1;
      }
    },
    holds(slot) {
      const cells = positions.region.i32;
      for (let at = slot * accumulators; at < (slot + 1) * accumulators; at++)
        if ((cells[at] as number) >= 0) return true;
      return false;
    },
    accumulated: () => ({
      positions: positions.region.i32,
      tasks: accumulators,
      sums: sums.slice(0, accumulators).map(({ memory }) => memory.region.f32),
      used: slots.used,
      dim,
    }),
    sorted() {
      const order = slots.order();
      return { slotIds: slots.ids, used: slots.used, order };
    },
    ranks: () => slots.ranks(),
    room: (task, entries) => void (sums[task] as Sum).memory.need(4 * dim * Math.min(slots.used, entries)),
    accumulator,
    took(task, taken) {
      version++;
      (sums[task] as Sum).rows = taken;
    },
    sorting: () => slots.sorting(),
    tallying(blocks) {
      const { byteOffset } = counts.need(4 * slots.used).i32.fill(0, 0, slots.used);
      return blocks.map(({ slots: at, count }) => ["tally", at.region.i32.byteOffset, count, byteOffset]);
    },
  };
}
