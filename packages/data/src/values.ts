import { problem } from "./errors.js";
import type { PreparedSet } from "./prepared-set.js";
import { behaviorOf } from "./samplers/known.js";

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
