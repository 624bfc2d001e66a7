import { GradpoolError } from "@gradpool/core";
import type { TableSpec } from "@gradpool/models";
import type { ResolvedOptimizer } from "../optimizer/spec.js";
import type { StateArray } from "../parameters/state.js";
import { adamCorrection } from "../optimizer/resolve.js";
import type { Arena } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";
import type { RowWeights } from "./store.js";
import { touched, type Touched } from "./touched.js";

/** One table: weights, optimiser state and the rows that the running step touches, in one memory. */
export interface HeldTable {
  readonly spec: TableSpec;
  readonly arena: Arena;
  readonly touched: Touched;
  readonly weights: Float32Array;
  readonly stateBytes: number;
  state(): readonly (readonly [string, StateArray])[];
  apply(combine?: RowWeights | { readonly values: Float32Array | Float64Array }): void;
  /** Adam's corrections of the steps up to `step`, for rows that lag behind. */
  corrections(optimizer: ResolvedOptimizer, learningRate: number, step: number): void;
  /** Catches the rows of slots [from, to) up with finished steps. */
  catchUp(from: number, to: number, step: number): void;
  /** Notes that all touched rows have done this step. */
  mark(step: number): void;
  settle(step: number): void;
}

export function heldTable(spec: TableSpec, arena: Arena, states: readonly string[], lagging: boolean): HeldTable {
  const { name, rows, dim } = spec;
  for (const [option, value] of [["rows", rows] as const, ["dim", dim] as const]) {
    if (!Number.isInteger(value) || value < 1 || value > 2 ** 31 - 1) {
      throw new GradpoolError({
        code: "invalid-option",
        what: `${option} is ${value}`,
        where: `table ${name}`,
        remedy: "give a positive integer below 2^31",
      });
    }
  }
  const { kernels } = arena;
  const bytes = 4 * rows * dim;
  const weights = arena.allocate(bytes);
  const state = states.map(() => arena.allocate(bytes));
  const last = lagging ? arena.allocate(4 * rows) : null;
  const touch = touched(arena, name, rows, dim);
  const buffer = arena.allocate(8 * dim);
  const weightCells = scratch(arena);
  const valueCells = scratch(arena);
  const stepSizes = scratch(arena);
  const roots = scratch(arena);
  let corrected = 0;
  let correctedRate = Number.NaN;

  const first = (): Float32Array | null => state[0]?.f32 ?? null;
  const second = (): Float32Array | null => state[1]?.f32 ?? null;
  const whole = (): Float32Array => weights.f32.subarray(0, rows * dim);

  return {
    spec,
    arena,
    touched: touch,
    get weights() {
      return whole();
    },
    stateBytes: states.length * bytes + (lagging ? 4 * rows : 0),
    state() {
      const arrays: [string, StateArray][] = [[`table/${name}`, whole()]];
      states.forEach((key, k) =>
        arrays.push([`${key}/${name}`, (state[k] as (typeof state)[number]).f32.subarray(0, rows * dim)]),
      );
      if (last !== null) arrays.push([`last/${name}`, last.i32.subarray(0, rows)]);
      return arrays;
    },
    apply(combine) {
      const { used, accumulators } = touch;
      const perRow = combine !== undefined && "weights" in combine && combine.granularity === "row";
      if (combine !== undefined && "values" in combine) {
        const cells = valueCells.need(4 * used * dim);
        const order = touch.order();
        expectLength(name, "combined coordinates", combine.values.length, used * dim);
        cells.f32.set(combine.values);
        kernels.applyValues(weights.f32, first(), second(), touch.slotIds, used, order, cells.f32, dim);
        return;
      }
      const count = perRow ? used * accumulators : accumulators;
      weightCells.need(4 * count);
      // By ascending id: neighbours in memory follow each other, which saves half of the time on large tables.
      const order = touch.order();
      const cells = weightCells.region.f32;
      if (combine === undefined) cells.fill(1, 0, count);
      else {
        expectLength(name, "weights", combine.weights.length, count);
        const given = combine.weights;
        let bad = 0;
        for (let k = 0; k < count; k++) {
          const weight = Math.fround(given[k] as number);
          cells[k] = weight;
          bad += weight - weight;
        }
        if (bad !== 0) throw tooLarge(name, given.find((weight) => !Number.isFinite(Math.fround(weight))) as number);
      }
      const sums = Array.from({ length: accumulators }, (_, i) => touch.accumulator(i));
      kernels.applyTasks(
        weights.f32,
        first(),
        second(),
        touch.slotIds,
        used,
        order,
        touch.positions,
        accumulators,
        sums,
        cells,
        perRow,
        dim,
        buffer.f32,
      );
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
      if (last === null || to <= from) return;
      const ids = touch.slotIds.subarray(from, to);
      kernels.catchUp(
        weights.f32,
        first(),
        second(),
        last.i32,
        ids,
        to - from,
        step,
        stepSizes.region.f32,
        roots.region.f32,
        dim,
        buffer.f32,
      );
    },
    mark(step) {
      if (last === null) return;
      const cells = last.i32;
      const ids = touch.slotIds;
      for (let k = 0; k < touch.used; k++) cells[ids[k] as number] = step;
    },
    settle(step) {
      if (last === null) return;
      kernels.catchUp(
        weights.f32,
        first(),
        second(),
        last.i32,
        null,
        rows,
        step,
        stepSizes.region.f32,
        roots.region.f32,
        dim,
        buffer.f32,
      );
    },
  };
}

function expectLength(table: string, what: string, given: number, expected: number): void {
  if (given === expected) return;
  throw new GradpoolError({
    code: "shape",
    what: `${given} ${what}`,
    where: `table ${table}`,
    remedy: `give ${expected}`,
  });
}

function tooLarge(table: string, weight: number): GradpoolError {
  return new GradpoolError({
    code: "non-finite",
    what: `a weight is ${weight}, beyond float32`,
    where: `table ${table}`,
    remedy: "look at the gradients' norms: a pool made up for one that is next to zero",
  });
}
