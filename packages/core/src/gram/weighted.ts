import { block } from "./accumulate.js";
import type { FloatArray } from "../gradients.js";

/** out[p] = Σᵢ wᵢ rows[i][p] for p in [start, end), in float64 before it is stored; rows of weight 0 are not read. */
export function weightedSum(
  rows: readonly FloatArray[],
  weights: Float64Array,
  at: number,
  start: number,
  end: number,
  out: FloatArray,
): void {
  const used: FloatArray[] = [];
  const factors: number[] = [];
  rows.forEach((row, i) => {
    const weight = weights[at + i] as number;
    if (weight === 0) return;
    used.push(row);
    factors.push(weight);
  });
  const count = used.length;
  if (count === 0) return;
  if (count === 2) {
    const [a, b] = used as [FloatArray, FloatArray];
    const [u, v] = factors as [number, number];
    for (let p = start; p < end; p++) out[p] = u * (a[p] as number) + v * (b[p] as number);
    return;
  }
  const sums = new Float64Array(Math.min(block, end - start));
  for (let from = start; from < end; from += block) {
    const length = Math.min(end - from, block);
    sums.fill(0);
    let k = 0;
    for (; k + 1 < count; k += 2) {
      const a = used[k] as FloatArray;
      const b = used[k + 1] as FloatArray;
      const u = factors[k] as number;
      const v = factors[k + 1] as number;
      for (let p = 0; p < length; p++)
        sums[p] = (sums[p] as number) + u * (a[from + p] as number) + v * (b[from + p] as number);
    }
    if (k < count) {
      const a = used[k] as FloatArray;
      const u = factors[k] as number;
      for (let p = 0; p < length; p++) sums[p] = (sums[p] as number) + u * (a[from + p] as number);
    }
    for (let p = 0; p < length; p++) out[from + p] = sums[p] as number;
  }
}

/** The same for every row of a table, each with weights of its own: T per row, from `at`. */
export function weightedRows(
  rows: readonly FloatArray[],
  weights: Float64Array,
  at: number,
  width: number,
  out: FloatArray,
): void {
  const tasks = rows.length;
  const sums = new Float64Array(width);
  for (let start = 0, w = at; start < out.length; start += width, w += tasks) {
    sums.fill(0);
    for (let i = 0; i < tasks; i++) {
      const weight = weights[w + i] as number;
      if (weight === 0) continue;
      const row = rows[i] as FloatArray;
      for (let c = 0; c < width; c++) sums[c] = (sums[c] as number) + weight * (row[start + c] as number);
    }
    for (let c = 0; c < width; c++) out[start + c] = sums[c] as number;
  }
}
