import { GradpoolError } from "@gradpool/core";
import type { TableSpec } from "@gradpool/models";
import type { OptimizedRows } from "../kernels/contract.js";
import type { Arena, Region } from "../memory/arena.js";
import type { StateArray } from "../parameters/state.js";
import { type RowLag, rowLag } from "./lag.js";
import { touched, type Touched } from "./touched.js";
import { type RowUpdate, rowUpdate } from "./update.js";

/** One table: weights, optimiser state and the rows that the running step touches, in one memory. */
export interface HeldTable {
  readonly spec: TableSpec;
  readonly arena: Arena;
  readonly touched: Touched;
  readonly weights: Float32Array;
  readonly stateBytes: number;
  /** Null where a row that a step does not touch stays as it is. */
  readonly lag: RowLag | null;
  state(): readonly (readonly [string, StateArray])[];
  readonly update: RowUpdate;
}

export function heldTable(spec: TableSpec, arena: Arena, states: readonly string[], lagging: boolean): HeldTable {
  checkSize(spec);
  const { name, rows, dim } = spec;
  const bytes = 4 * rows * dim;
  const weights = arena.allocate(bytes);
  const moments = states.map((key) => ({ key, region: arena.allocate(bytes) }));
  const touch = touched(arena, name, rows, dim);
  const buffer = arena.allocate(8 * dim);
  const whole = (region: Region): Float32Array => region.f32.subarray(0, rows * dim);
  const optimized = (): OptimizedRows => ({
    weights: weights.f32,
    first: moments[0]?.region.f32 ?? null,
    second: moments[1]?.region.f32 ?? null,
    dim,
  });
  const lag = lagging ? rowLag({ arena, rows, touched: touch, buffer, optimized }) : null;

  return {
    spec,
    arena,
    touched: touch,
    get weights() {
      return whole(weights);
    },
    stateBytes: states.length * bytes + (lagging ? 4 * rows : 0),
    lag,
    state() {
      const arrays: [string, StateArray][] = [[`table/${name}`, whole(weights)]];
      for (const { key, region } of moments) arrays.push([`${key}/${name}`, whole(region)]);
      if (lag !== null) arrays.push([`last/${name}`, lag.last]);
      return arrays;
    },
    update: rowUpdate({ table: name, arena, touched: touch, buffer, optimized }),
  };
}

function checkSize({ name, rows, dim }: TableSpec): void {
  for (const [option, value] of Object.entries({ rows, dim })) {
    if (Number.isInteger(value) && value >= 1 && value <= 2 ** 31 - 1) continue;
    throw new GradpoolError({
      code: "invalid-option",
      what: `${option} is ${value}`,
      where: `table ${name}`,
      remedy: "give a positive integer below 2^31",
    });
  }
}
