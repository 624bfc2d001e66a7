import { problem } from "../errors.js";
import { openDuck, parquetAt } from "../tables/duck.js";
import { behaviorOf, type PreparedSet } from "./prepared-set.js";
import { readManifest } from "./manifest-file.js";

/** Mean and population standard deviation, √(Σ (v − mean)² / n). */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly deviation: number;
}

/** Collects values one by one; NaN (no value) is left out. Welford's recurrence: equal values have a deviation of exactly 0. */
export function createMoments(): { add(value: number): void; moments(): Moments } {
  let count = 0;
  let mean = 0;
  let squares = 0;
  return {
    add(value) {
      if (Number.isNaN(value)) return;
      count++;
      const step = value - mean;
      mean += step / count;
      squares += step * (value - mean);
    },
    moments: () => ({ count, mean, deviation: Math.sqrt(squares / Math.max(1, count)) }),
  };
}

/**
 * What a behaviour's values are standardised by: mean and population standard deviation over its training pairs alone, so
 * that nothing of validation and test enters. A prediction z is mean + deviation · z in the unit of the values, and an error
 * of e there is one of deviation · e.
 *
 * @throws GradpoolError: `invalid-option` for an unknown behaviour, `invalid-input` if it has no values in training or they
 * are all the same (a deviation of 0).
 */
export function valueMoments(set: PreparedSet, behavior: string = set.target): Moments {
  const where = `values of ${behavior}`;
  const collected = createMoments();
  for (const value of behaviorOf(set, behavior).train.values ?? []) collected.add(value);
  const found = collected.moments();
  if (found.count === 0) {
    throw problem("invalid-input", "no training pair has a value", where, "prepare the set from data with ratings");
  }
  if (!(found.deviation > 0 && Number.isFinite(found.deviation))) {
    const what =
      found.deviation === 0
        ? `all ${found.count} training values are ${found.mean}, a standard deviation of 0`
        : "the training values have no finite standard deviation";
    throw problem("invalid-input", what, where, "leave the task rating out: there is nothing to learn from them");
  }
  return found;
}

/**
 * What values that came with pairs are taken for: `ratings` on a scale, `counts` (or another open measure), the same value
 * everywhere, or none at all.
 */
export type ValueKind = "ratings" | "counts" | "constant" | "none";

/** Steps of the longest scale that is taken for one of ratings. 0.5 to 5 by halves has 10; 1 to 10 by halves 19. */
const longestScale = 20;

/**
 * Tells ratings from counts by the values alone, since sources call both the third column. Ratings lie on a bounded scale of
 * few steps: between the least and the greatest value there are at most 20 places, both included, at the smallest distance
 * between two values. Counts have no such scale: they have more distinct values, or large ones far apart. A guess that can
 * be wrong (counts that never exceed 20, a scale of 0 to 100): it decides what is offered, never what may be named. NaN is
 * no value.
 */
export function kindOfValues(values: Iterable<number>): ValueKind {
  const distinct = new Set<number>();
  for (const value of values) {
    if (!Number.isNaN(value)) distinct.add(value);
    if (distinct.size > longestScale) return "counts";
  }
  if (distinct.size < 2) return distinct.size === 0 ? "none" : "constant";
  const places = [...distinct].sort((a, b) => a - b);
  const step = Math.min(...places.slice(1).map((value, k) => value - (places[k] as number)));
  const span = (places.at(-1) as number) - (places[0] as number);
  return Math.round(span / step) + 1 <= longestScale ? "ratings" : "counts";
}

/** {@link kindOfValues} of the target's training values in a prepared folder, without loading the set. */
export async function readValueKind(folder: string): Promise<ValueKind> {
  const { tables, target } = await readManifest(folder);
  const file = tables.behaviors.find(({ name, valued }) => name === target && valued)?.files.train;
  if (file === undefined) return "none";
  const db = await openDuck();
  try {
    // As float32, as loaded; one more than the longest scale is enough to know that it is none.
    const rows = await db.rows(
      `SELECT DISTINCT CAST(value AS FLOAT) FROM ${parquetAt(`${folder}/${file}`)} WHERE value IS NOT NULL LIMIT ${longestScale + 2}`,
    );
    return kindOfValues(rows.map(([value]) => value as number));
  } finally {
    db.close();
  }
}
