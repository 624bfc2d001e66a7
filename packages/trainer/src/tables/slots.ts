import { GradpoolError } from "@gradpool/core";
import type { SlotHash } from "../kernels/contract.js";
import type { Arena, Region } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";

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
}

export function slotsOf(arena: Arena, table: string, rows: number): Slots {
  const { kernels } = arena;
  const hash = scratch(arena);
  const ids = scratch(arena);
  let bits = 4;
  let used = 0;
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
      emptyHash();
    },
    locate(given, count, slots) {
      const most = used + count;
      ids.need(4 * most, true);
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
  };
}

interface Sorting {
  forget(): void;
  order(ids: Region, used: number): Int32Array;
  ranks(ids: Region, used: number): Int32Array;
}

function sorting(arena: Arena, rows: number): Sorting {
  const ordering = scratch(arena);
  const working = scratch(arena);
  const ranking = scratch(arena);
  let sorted = false;
  let ranked = false;

  function order(ids: Region, used: number): Int32Array {
    if (!sorted) {
      ordering.need(4 * used);
      const temp = working.need(4 * (used + 2048)).i32;
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
