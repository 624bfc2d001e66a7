import { flatten, type GoldenRecord, goldenCase } from "../golden/load.js";

/**
 * ‖got − wanted‖∞ / ‖wanted‖∞. Where the exact answer cancels to nothing (below 1e-15 of the smallest gradient), the
 * deviation is relative to the largest gradient, as no answer in float64 can be relative to zero.
 */
export function deviation(got: readonly number[], record: GoldenRecord): number {
  const wanted = flatten(record.output);
  const rows = goldenCase(record).map((row) => Math.max(...row.map(Math.abs)));
  const least = Math.min(...rows.filter((size) => size > 0));
  const size = Math.max(...wanted.map(Math.abs));
  const error = Math.max(...wanted.map((x, p) => Math.abs(x - (got[p] as number))));
  if (Number.isNaN(error)) return Infinity;
  if (size > 1e-15 * least) return error / size;
  return error === 0 ? 0 : error / Math.max(...rows);
}
