import type { TensorBatch } from "@gradpool/models";
import type { Side } from "./contract.js";
import { type IdRows, rowsOfIds } from "./id-rows.js";
import type { Opened } from "./opened.js";

const means = new WeakMap<object, Map<string, Float32Array>>();

/**
 * The model's outputs for a batch in which no row has a known user (`strange.users`), or item: all of them read id 0, in whose
 * place the mean of all users' (or items') rows stands meanwhile. A batch of known ids is simply predicted.
 */
export function outputsOf(
  run: Opened,
  batch: TensorBatch,
  strange: Readonly<Record<Side, boolean>>,
): readonly Float32Array[] {
  const { engine } = run;
  const sides = (["users", "items"] as const).filter((side) => strange[side]);
  const places = sides.flatMap((side) => rowsOfIds(run, side));
  const held = places.map(({ table, first, dim }) => engine.table(table).slice(first * dim, (first + 1) * dim));
  try {
    for (const place of places) engine.table(place.table).set(meanOf(run, place), place.first * place.dim);
    return engine.predict?.(batch) ?? [];
  } finally {
    places.forEach(({ table, first, dim }, k) => engine.table(table).set(held[k] as Float32Array, first * dim));
  }
}

function meanOf({ engine }: Opened, { table, first, count, dim }: IdRows): Float32Array {
  const known = means.get(engine) ?? new Map<string, Float32Array>();
  means.set(engine, known);
  const key = `${table} ${first}`;
  const mean = known.get(key) ?? standingFor(engine, { table, first, count, dim });
  known.set(key, mean);
  return mean;
}

/** What must stand in the place of id 0 for the mean to be read there: less what the row has beside itself. */
function standingFor(engine: Opened["engine"], { table, first, count, dim }: IdRows): Float32Array {
  const held = engine.table(table);
  const read = engine.representation?.(table) ?? held;
  const mean = meanRow(read.subarray(first * dim, (first + count) * dim), dim);
  if (read === held) return mean;
  const at = first * dim;
  return mean.map((value, d) => value - ((read[at + d] as number) - (held[at + d] as number)));
}

/** The mean of rows of `dim` numbers. */
export function meanRow(values: Float32Array, dim: number): Float32Array {
  const sums = new Float64Array(dim);
  values.forEach((value, k) => (sums[k % dim] = (sums[k % dim] as number) + value));
  return Float32Array.from(sums, (sum) => sum / (values.length / dim));
}
