import type { WideRows } from "../kernels/wide-rows.js";
import type { Arena } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";

/** Rows that are added to one node one after the other in float32: 1e-6 of them is lost at most. */
const mostInFloat32 = 64;

/** The nodes, of `size`, to which more than that many rows are added: in float64, as popular rows of tables are. */
export interface Popular {
  /**
   * Where they are added up, zeros; null: there are none. `entries`: rows that are added in all; `tally` counts them by node and answers
   * with the largest count. May grow the memory.
   */
  find(size: number, width: number, entries: number, tally: (hits: Int32Array) => number): WideRows | null;
  /** Adds their sums to their rows of `out`, or to those that stand in planes of 16 columns. */
  settle(wide: WideRows, size: number, width: number, out: Float32Array, how?: { readonly planes: boolean }): void;
}

export function popular(arena: Arena): Popular {
  const hits = scratch(arena);
  const sums = scratch(arena);
  return {
    find(size, width, entries, tally) {
      if (entries <= mostInFloat32) return null;
      const cells = hits.need(4 * size).i32.fill(0, 0, size);
      if (tally(cells) <= mostInFloat32) return null;
      let count = 0;
      for (let k = 0; k < size; k++) cells[k] = (cells[k] as number) > mostInFloat32 ? count++ : -1;
      sums.need(8 * count * width).f64.fill(0, 0, count * width);
      return { places: hits.region.i32, sums: sums.region.f64 };
    },
    settle({ places, sums: totals }, size, width, out, { planes } = { planes: false }) {
      const columns = planes ? 16 : width;
      for (let k = 0; k < size; k++) {
        const place = places[k] as number;
        if (place < 0) continue;
        for (let from = 0; from < width; from += columns) {
          const to = from * size + k * columns;
          const own = place * width + from;
          for (let c = 0; c < columns; c++) out[to + c] = (out[to + c] as number) + (totals[own + c] as number);
        }
      }
    },
  };
}
