import type { ApartRows, Corrections, Hyperparameters } from "../kernels/contract.js";
import type { Arena } from "../memory/arena.js";
import { hyperparameters } from "../optimizer/resolve.js";
import type { ResolvedOptimizer } from "../optimizer/spec.js";
import type { StateArray } from "../parameters/state.js";
import { correctionsOf } from "./corrections.js";
import type { TablesApart } from "./store.js";

/** Adam's moments and step counters of each task apart, row by row (AdaTask): they move in the steps in which the task touches the row. */
export interface RowApart {
  /** Views: of this moment. */
  rows(weights: Float32Array): ApartRows;
  readonly corrections: Corrections;
  hyperparameters(optimizer: ResolvedOptimizer, learningRate: number): Hyperparameters;
  /** Makes corrections for counters up to `step`. */
  advance(step: number): void;
  state(table: string): readonly [string, StateArray][];
}

export function rowApart(arena: Arena, rows: number, dim: number, { sets, ...moments }: TablesApart): RowApart {
  const width = sets * dim;
  const first = arena.allocate(4 * rows * width);
  const second = arena.allocate(4 * rows * width);
  const counts = arena.allocate(4 * rows * sets);
  const corrections = correctionsOf(arena, moments);
  return {
    rows: (weights) => ({ weights, first: first.f32, second: second.f32, counts: counts.i32, dim }),
    get corrections() {
      return corrections.held;
    },
    hyperparameters: (optimizer, rate) => ({ ...hyperparameters({ ...optimizer, ...moments }, rate), decay: 0 }),
    advance: (step) => corrections.advance(step),
    state: (table) => [
      [`tasks/m/${table}`, first.f32.subarray(0, rows * width)],
      [`tasks/v/${table}`, second.f32.subarray(0, rows * width)],
      [`tasks/steps/${table}`, counts.i32.subarray(0, rows * sets)],
    ],
  };
}
