import type { ApartRows, Corrections, Hyperparameters } from "../../kernels/contract.js";
import type { Arena } from "../../memory/arena.js";
import { hyperparameters } from "../../optimizer/resolve.js";
import type { ResolvedOptimizer } from "../../optimizer/spec.js";
import type { StateArray } from "../../parameters/state.js";
import { correctionsOf } from "../../tables/corrections.js";
import type { TablesApart } from "../../tables/store.js";
import { cut, type DenseGroup, type DenseParameter } from "./groups.js";

/** Adam's moments and step counters of each term apart, for shared variables (AdaTask): a variable is a table of one row. */
export interface DenseApart {
  /** Views: of this moment. */
  rows(parameter: DenseParameter): ApartRows;
  readonly corrections: Corrections;
  hyperparameters(optimizer: ResolvedOptimizer, learningRate: number): Hyperparameters;
  /** Makes corrections for counters up to `step`. */
  advance(step: number): void;
  state(): readonly [string, StateArray][];
  readonly bytes: number;
}

export function denseApart(
  arena: Arena,
  shared: DenseGroup,
  terms: number,
  moments: Pick<TablesApart, "beta1" | "beta2" | "epsilon">,
): DenseApart {
  const size = terms * shared.size;
  const first = arena.allocate(4 * size);
  const second = arena.allocate(4 * size);
  const count = terms * shared.parameters.length;
  const counts = arena.allocate(4 * count);
  const corrections = correctionsOf(arena, moments);
  const { beta1, beta2, epsilon } = moments;
  return {
    rows(parameter) {
      const [from, to] = [terms * parameter.at, terms * (parameter.at + parameter.size)];
      return {
        weights: cut(shared.weights, parameter),
        first: first.f32.subarray(from, to),
        second: second.f32.subarray(from, to),
        counts: counts.i32.subarray(terms * shared.parameters.indexOf(parameter)),
        dim: parameter.size,
      };
    },
    get corrections() {
      return corrections.held;
    },
    hyperparameters: (optimizer, rate) => ({
      ...hyperparameters({ ...optimizer, beta1, beta2, epsilon }, rate),
      decay: 0,
    }),
    advance: (step) => corrections.advance(step),
    state() {
      if (size === 0) return [];
      return [
        ["tasks/m/dense/shared", first.f32.subarray(0, size)],
        ["tasks/v/dense/shared", second.f32.subarray(0, size)],
        ["tasks/steps/dense/shared", counts.i32.subarray(0, count)],
      ];
    },
    bytes: first.bytes + second.bytes + counts.bytes,
  };
}
