import { GradpoolError } from "@gradpool/core";
import type { Arena, Region } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";

/**
 * Which rows of one table a step touches, and the tasks' gradients of them. All of the batch's size: a hash from ids to
 * slots, and one accumulator per task that holds only the rows which that task touched.
 */
export interface Touched {
  /** Slots in use. */
  readonly used: number;
  readonly accumulators: number;
  /** Starts a step. */
  clear(accumulators: number): void;
  /** Slots of the ids in a region, written to another. */
  locate(ids: Region, count: number, slots: Region): void;
  readonly slotIds: Int32Array;
  readonly positions: Int32Array;
  accumulator(task: number): Float32Array;
  /** Makes room for `count` more rows of a task. May grow the memory: take views afterwards. */
  reserve(task: number, count: number): void;
  /** Adds scale × gradient, after `reserve`; false if a sum is not finite. */
  scatter(
    gradient: Float32Array,
    slots: Int32Array,
    count: number,
    task: number,
    scale: number,
    pooled: { readonly offsets: Int32Array; readonly mean: boolean } | null,
  ): boolean;
  /** Slots by ascending id: computed once a step, when asked for. */
  order(): Int32Array;
  /** Each slot's place in `order`; as that, when asked for. */
  ranks(): Int32Array;
}

export function touched(arena: Arena, name: string, rows: number, dim: number): Touched {
  const { kernels } = arena;
  const hash = scratch(arena);
  const slotIds = scratch(arena);
  const positions = scratch(arena);
  const ordering = scratch(arena);
  const sorting = scratch(arena);
  const ranking = scratch(arena);
  const sums: { readonly memory: ReturnType<typeof scratch>; rows: number }[] = [];
  let bits = 4;
  let used = 0;
  let accumulators = 1;
  let sorted = false;
  let ranked = false;

  const shift = (): number => 32 - bits;
  const emptyHash = (): Int32Array => {
    const cells = hash.need(8 << bits).i32;
    cells.fill(-1, 0, 2 << bits);
    return cells;
  };

  return {
    get used() {
      return used;
    },
    get accumulators() {
      return accumulators;
    },
    clear(count) {
      accumulators = count;
      while (sums.length < count) sums.push({ memory: scratch(arena), rows: 0 });
      for (const sum of sums) sum.rows = 0;
      used = 0;
      sorted = false;
      ranked = false;
      emptyHash();
    },
    locate(ids, count, slots) {
      const most = used + count;
      slotIds.need(4 * most, true);
      positions.need(4 * most * accumulators, true);
      if (2 * most > 1 << bits) {
        while (2 * most > 1 << bits) bits++;
        const cells = emptyHash();
        kernels.rehash(cells, shift(), slotIds.region.i32, used);
      }
      const result = kernels.locate(
        ids.i32,
        count,
        rows,
        hash.region.i32,
        shift(),
        slotIds.region.i32,
        used,
        slots.i32,
      );
      if (result < 0) {
        throw new GradpoolError({
          code: "invalid-input",
          what: `row id ${ids.i32[-1 - result]}`,
          where: `table ${name}, entry ${-1 - result} of a lookup`,
          remedy: `give ids from 0 to ${rows - 1}`,
        });
      }
      positions.region.i32.fill(-1, used * accumulators, result * accumulators);
      used = result;
      sorted = false;
      ranked = false;
    },
    get slotIds() {
      return slotIds.region.i32;
    },
    get positions() {
      return positions.region.i32;
    },
    accumulator: (task) => (sums[task] as (typeof sums)[number]).memory.region.f32,
    reserve(task, count) {
      const sum = sums[task] as (typeof sums)[number];
      sum.memory.need(4 * dim * Math.min(used, sum.rows + count), true);
    },
    scatter(gradient, slots, count, task, scale, pooled) {
      const sum = sums[task] as (typeof sums)[number];
      const cells = sum.memory.region.f32;
      const places = positions.region.i32;
      const next =
        pooled === null
          ? kernels.scatter(gradient, slots, count, dim, places, accumulators, task, cells, sum.rows, scale)
          : kernels.scatterPooled(
              gradient,
              slots,
              pooled.offsets,
              count,
              dim,
              pooled.mean,
              places,
              accumulators,
              task,
              cells,
              sum.rows,
              scale,
            );
      if (next < 0) return false;
      sum.rows = next;
      return true;
    },
    order,
    ranks() {
      order();
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

  function order(): Int32Array {
    if (!sorted) {
      ordering.need(4 * used);
      const temp = sorting.need(4 * (used + 2048)).i32;
      kernels.sortSlots(slotIds.region.i32, used, rows, ordering.region.i32, temp.subarray(2048), temp);
      sorted = true;
    }
    return ordering.region.i32;
  }
}
