import { GradpoolError } from "@gradpool/core";
import type { TableSpec } from "@gradpool/models";
import type { OptimizedRows } from "../kernels/contract.js";
import type { Arena, Region } from "../memory/arena.js";
import type { StateArray } from "../parameters/state.js";
import { type RowApart, rowApart } from "./apart.js";
import { type RowLag, rowLag } from "./lag.js";
import type { TablesApart } from "./store.js";
import { touched, type Touched } from "./touched.js";
import { type RowUpdate, rowUpdate } from "./update.js";

/** One table: weights, optimiser state and the rows that the running step touches, in one memory. */
export interface HeldTable {
  readonly spec: TableSpec;
  readonly arena: Arena;
  readonly touched: Touched;
  readonly weights: Float32Array;
  /** Where they begin in the memory. */
  weightsAt(): number;
  readonly stateBytes: number;
  /** Null where a row that a step does not touch stays as it is. */
  readonly lag: RowLag | null;
  /** Null where all tasks share one optimiser. */
  readonly apart: RowApart | null;
  state(): readonly (readonly [string, StateArray])[];
  readonly update: RowUpdate;
}

/** What the optimiser keeps for a table's rows: state rows by name, and whether rows lag behind; or moments of each task apart. */
export type RowState =
  { readonly states: readonly string[]; readonly lagging: boolean } | { readonly apart: TablesApart };

/** Bytes of a table with its state. */
export function bytesOf({ rows, dim }: TableSpec, kind: RowState): number {
  if ("apart" in kind) return 4 * rows * (dim + kind.apart.sets * (2 * dim + 1));
  return 4 * rows * (dim * (1 + kind.states.length) + (kind.lagging ? 1 : 0));
}

export function heldTable(spec: TableSpec, arena: Arena, kind: RowState): HeldTable {
  checkSize(spec);
  const { name, rows, dim } = spec;
  const { states, lagging } = "apart" in kind ? { states: [], lagging: false } : kind;
  const bytes = 4 * rows * dim;
  const weights = arena.allocate(bytes);
  const apart = "apart" in kind ? rowApart(arena, rows, dim, kind.apart) : null;
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
    weightsAt: () => weights.f32.byteOffset,
    stateBytes: bytesOf(spec, kind) - bytes,
    lag,
    apart,
    state() {
      const arrays: [string, StateArray][] = [[`table/${name}`, whole(weights)]];
      for (const { key, region } of moments) arrays.push([`${key}/${name}`, whole(region)]);
      if (lag !== null) arrays.push([`last/${name}`, lag.last]);
      if (apart !== null) arrays.push(...apart.state(name));
      return arrays;
    },
    update: rowUpdate({ table: name, arena, touched: touch, buffer, optimized, apart }),
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
