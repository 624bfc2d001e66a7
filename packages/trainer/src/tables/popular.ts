import type { Accumulator } from "../kernels/contract.js";
import type { WideRows } from "../kernels/wide-rows.js";
import type { Arena, Region } from "../memory/arena.js";
import { scratch, type Scratch } from "../memory/scratch.js";

/**
 * Entries of one row that are added up one after the other in float32. Beyond them rounding would show: after two million
 * it takes 1.5 % of a row's gradient, and after 2^24 equal entries all that follows. Rows that more of a step's entries meet are
 * added up in float64, all others to the bits that they always had.
 */
export const mostInFloat32 = 1024;

/** Which rows of one accumulator a step's entries meet that often, and their sums. All of the batch's size. */
export interface PopularRows {
  /** Starts a step. */
  clear(): void;
  /** Looks at the entries of a block before they are added to `into`, of which `used` slots are in use. May grow the memory. */
  foresee(slots: Region, entries: number, used: number, into: () => Accumulator): void;
  /** The rows found so far, as the kernels take them; null: none. Views: of this moment. */
  rows(): WideRows | null;
  /** Writes their sums to their rows of the accumulator; false if one is not finite. */
  settle(into: Accumulator): boolean;
}

interface Counting {
  /** By slot. */
  readonly counts: Scratch;
  readonly places: Scratch;
  readonly sums: Scratch;
}

export function popularRows(arena: Arena, dim: number): PopularRows {
  let memory: Counting | undefined;
  /** Slots of the rows found, in the order of their sums. */
  let found: number[] = [];
  let entries = 0;
  let counted = 0;
  let placed = 0;

  /** Counts a block's entries by slot; what came before the first long block is too little to matter. */
  function count({ counts }: Counting, slots: Region, length: number, used: number): number {
    const cells = counts.need(4 * used, true).i32;
    cells.fill(0, counted, used);
    counted = used;
    return arena.kernels.tally(slots.i32, length, cells);
  }

  function find({ counts, places, sums }: Counting, used: number, into: () => Accumulator): void {
    const before = found.length;
    const cells = counts.region.i32;
    const known = places.region.i32;
    for (let slot = 0; slot < used; slot++) {
      if ((cells[slot] as number) <= mostInFloat32 || known[slot] !== -1) continue;
      known[slot] = found.length;
      found.push(slot);
    }
    const rows = sums.need(8 * dim * found.length, true).f64;
    const from = into();
    for (let k = before; k < found.length; k++) {
      const place = placeOf(from, found[k] as number);
      for (let c = 0; c < dim; c++) rows[k * dim + c] = place < 0 ? 0 : (from.sum[place * dim + c] as number);
    }
  }

  return {
    clear() {
      found = [];
      entries = 0;
      counted = 0;
      placed = 0;
    },
    foresee(slots, length, used, into) {
      entries += length;
      if (entries <= mostInFloat32) return;
      memory ??= { counts: scratch(arena), places: scratch(arena), sums: scratch(arena) };
      const most = count(memory, slots, length, used);
      if (most <= mostInFloat32 && found.length === 0) return;
      memory.places.need(4 * used, true).i32.fill(-1, placed, used);
      placed = used;
      if (most > mostInFloat32) find(memory, used, into);
    },
    rows() {
      if (memory === undefined || found.length === 0) return null;
      return { places: memory.places.region.i32, sums: memory.sums.region.f64 };
    },
    settle(into) {
      const rows = memory?.sums.region.f64;
      let finite = true;
      for (const [k, slot] of found.entries()) {
        const to = placeOf(into, slot) * dim;
        for (let c = 0; c < dim; c++) {
          into.sum[to + c] = (rows as Float64Array)[k * dim + c] as number;
          finite &&= Number.isFinite(into.sum[to + c]);
        }
      }
      return finite;
    },
  };
}

const placeOf = ({ positions, tasks, task }: Accumulator, slot: number): number =>
  positions[slot * tasks + task] as number;
