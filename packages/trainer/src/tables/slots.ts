import { GradpoolError } from "@gradpool/core";
import type { SlotHash } from "../kernels/contract.js";
import type { Arena, Region } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";
import type { Unit } from "../threads/rounds.js";

/** The touched rows of one table in a step, numbered in order of first appearance: a hash from ids to slots. */
export interface Slots {
  /** Slots in use. */
  readonly used: number;
  /** Their ids. */
  readonly ids: Int32Array;
  clear(): void;
  /** Slots of the ids in a region, written to another. Error `invalid-input`: an id outside of the table. */
  locate(ids: Region, count: number, slots: Region): void;
  /** Slots by ascending id: computed once a step, when asked for. */
  order(): Int32Array;
  /** Each slot's place in `order`; as that, when asked for. */
  ranks(): Int32Array;
  /** What makes the order within a round of kernels, after which it is there; none where it is already. */
  sorting(): readonly Unit[];
}

export function slotsOf(arena: Arena, table: string, rows: number): Slots {
  const { kernels } = arena;
  const hash = scratch(arena);
  const ids = scratch(arena);
  let bits = 4;
  let used = 0;
  let empty = false;
  const sorted = sorting(arena, rows);

  const emptyHash = (): void => void hash.need(8 << bits).i32.fill(-1, 0, 2 << bits);
  const filed = (): SlotHash => ({ cells: hash.region.i32, shift: 32 - bits, slotIds: ids.region.i32, used });

  return {
    get used() {
      return used;
    },
    get ids() {
      return ids.region.i32;
    },
    clear() {
      used = 0;
      sorted.forget();
      empty = false;
    },
    locate(given, count, slots) {
      const most = used + count;
      ids.need(4 * most, true);
      // Not before slots are found: threads that read rows meanwhile do not wait for it.
      if (!empty) emptyHash();
      empty = true;
      if (2 * most > 1 << bits) {
        while (2 * most > 1 << bits) bits++;
        emptyHash();
        kernels.rehash(filed());
      }
      const result = kernels.locate(given.i32, count, rows, filed(), slots.i32);
      if (result < 0) throw outside(table, rows, given.i32[-1 - result] as number, -1 - result);
      used = result;
      sorted.forget();
    },
    order: () => sorted.order(ids.region, used),
    ranks: () => sorted.ranks(ids.region, used),
    sorting: () => sorted.calls(ids.region, used),
  };
}

interface Sorting {
  forget(): void;
  order(ids: Region, used: number): Int32Array;
  ranks(ids: Region, used: number): Int32Array;
  calls(ids: Region, used: number): readonly Unit[];
}

function sorting(arena: Arena, rows: number): Sorting {
  const ordering = scratch(arena);
  const working = scratch(arena);
  const ranking = scratch(arena);
  let sorted = false;
  let ranked = false;

  /** Room for the order, and for working at it: counters, then a copy. */
  function room(used: number): Int32Array {
    ordering.need(4 * used);
    return working.need(4 * (used + 2048)).i32;
  }

  function order(ids: Region, used: number): Int32Array {
    if (!sorted) {
      const temp = room(used);
      arena.kernels.sortSlots(ids.i32, used, rows, ordering.region.i32, temp.subarray(2048), temp);
      sorted = true;
    }
    return ordering.region.i32;
  }

  return {
    forget() {
      sorted = false;
      ranked = false;
    },
    order,
    calls(ids, used) {
      if (sorted) return [];
      const { byteOffset: temp } = room(used);
      sorted = true;
      return [[["sortSlots", ids.i32.byteOffset, used, rows, ordering.region.i32.byteOffset, temp + 4 * 2048, temp]]];
    },
    ranks(ids, used) {
      order(ids, used);
      const cells = ranking.need(4 * used).i32;
      if (!ranked) {
        // Taken after both, since either may have made the memory grow.
        const slots = ordering.region.i32;
        for (let k = 0; k < used; k++) cells[slots[k] as number] = k;
        ranked = true;
      }
      return cells;
    },
  };
}

const outside = (table: string, rows: number, id: number, entry: number): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what: `row id ${id}`,
    where: `table ${table}, entry ${entry} of a lookup`,
    remedy: `give ids from 0 to ${rows - 1}`,
  });
