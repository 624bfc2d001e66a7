import { fail } from "../errors.js";
import { checkNumbers } from "./summary.js";

/** Ranks from 1, ascending, equal values sharing their mean rank; and the sizes of the groups of equals. */
export function midranks(values: ArrayLike<number>): { ranks: Float64Array; ties: number[] } {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  order.sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  const ties: number[] = [];
  for (let start = 0; start < order.length;) {
    let stop = start + 1;
    while (stop < order.length && values[order[stop]!] === values[order[start]!]) stop++;
    for (let i = start; i < stop; i++) ranks[order[i]!] = (start + 1 + stop) / 2;
    ties.push(stop - start);
    start = stop;
  }
  return { ranks, ties };
}

/**
 * Average rank of each method over settings (data sets, tasks, seeds), rank 1 best, ties sharing their mean rank.
 *
 * @param values settings × methods, row by row
 */
export function averageRanks(values: ArrayLike<number>, methods: number, higherIsBetter: boolean = true): Float64Array {
  if (!Number.isSafeInteger(methods) || methods < 1 || values.length === 0 || values.length % methods !== 0) {
    fail("averageRanks", `${values.length} values for ${methods} methods`, "pass one value per setting and method");
  }
  checkNumbers(values, "averageRanks");
  const settings = values.length / methods;
  const mean = new Float64Array(methods);
  for (let row = 0; row < settings; row++) {
    const { ranks } = midranks(
      Float64Array.from({ length: methods }, (_, i) => (higherIsBetter ? -1 : 1) * values[row * methods + i]!),
    );
    for (let i = 0; i < methods; i++) mean[i]! += ranks[i]! / settings;
  }
  return mean;
}

/**
 * Holm's step-down correction: p-values adjusted for their number, in the order given. NaN (a test that could not be
 * made) stays NaN and does not count.
 */
export function holm(pValues: ArrayLike<number>): Float64Array {
  const adjusted = new Float64Array(pValues.length).fill(Number.NaN);
  const order = Array.from({ length: pValues.length }, (_, i) => i).filter((i) => !Number.isNaN(pValues[i]));
  for (const i of order) {
    if (!(pValues[i]! >= 0 && pValues[i]! <= 1))
      fail("holm", `p-value ${i} is ${pValues[i]}`, "pass values from 0 to 1");
  }
  order.sort((a, b) => pValues[a]! - pValues[b]!);
  let least = 0;
  order.forEach((i, rank) => {
    least = Math.max(least, Math.min(1, (order.length - rank) * pValues[i]!));
    adjusted[i] = least;
  });
  return adjusted;
}
