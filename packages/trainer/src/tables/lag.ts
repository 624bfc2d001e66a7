import type { OptimizedRows } from "../kernels/contract.js";
import type { Arena, Region } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";
import { adamCorrection } from "../optimizer/resolve.js";
import type { ResolvedOptimizer } from "../optimizer/spec.js";
import type { Touched } from "./touched.js";

/** Rows that have not done every step (`dense-equivalent`), and are caught up before they are read. */
export interface RowLag {
  /** The last step that each row has done. */
  readonly last: Int32Array;
  /** Adam's corrections of the steps up to `step`. */
  corrections(optimizer: ResolvedOptimizer, learningRate: number, step: number): void;
  /** Catches the rows of slots [from, to) up with finished steps. */
  catchUp(from: number, to: number, step: number): void;
  /** Notes that the rows which an accumulator holds have done this step; `every`: all that have a slot. */
  mark(step: number, every: boolean): void;
  /** Catches all rows up. */
  settle(step: number): void;
}

export interface LagParts {
  readonly arena: Arena;
  readonly rows: number;
  readonly touched: Touched;
  readonly buffer: Region;
  optimized(): OptimizedRows;
}

export function rowLag({ arena, rows, touched, buffer, optimized }: LagParts): RowLag {
  const last = arena.allocate(4 * rows);
  const stepSizes = scratch(arena);
  const roots = scratch(arena);
  let corrected = 0;
  let correctedRate = Number.NaN;

  function replay(ids: Int32Array | null, count: number, until: number): void {
    const lag = { last: last.i32, until, stepSizes: stepSizes.region.f32, roots: roots.region.f32 };
    arena.kernels.catchUp(optimized(), lag, ids, count, buffer.f32);
  }

  return {
    get last() {
      return last.i32.subarray(0, rows);
    },
    corrections(optimizer, learningRate, step) {
      if (learningRate !== correctedRate) {
        corrected = 0;
        correctedRate = learningRate;
      }
      stepSizes.need(4 * (step + 1), true);
      roots.need(4 * (step + 1), true);
      for (; corrected < step; corrected++) {
        const [size, root] = adamCorrection(optimizer, learningRate, corrected + 1);
        stepSizes.region.f32[corrected + 1] = size;
        roots.region.f32[corrected + 1] = root;
      }
    },
    catchUp(from, to, step) {
      if (to > from) replay(touched.ids.subarray(from, to), to - from, step);
    },
    mark(step, every) {
      const cells = last.i32;
      const { ids, used } = touched;
      // A row that was read and not moved has its step still before it.
      for (let k = 0; k < used; k++) if (every || touched.holds(k)) cells[ids[k] as number] = step;
    },
    settle: (step) => replay(null, rows, step),
  };
}
