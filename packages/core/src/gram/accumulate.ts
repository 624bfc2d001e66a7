import type { FloatArray } from "../gradients.js";

/** Coordinates per block: T blocks of float64 stay in the second-level cache for every T up to 16. */
export const block = 2048;

/**
 * Adds the raw inner products of `rows[·][start, end)` to the lower triangle of `raw` (T × T). Blocked, two rows against
 * two rows at a time, float64 accumulators: each coordinate is read from memory once, whatever T is.
 */
export function accumulateGram(
  rows: readonly FloatArray[],
  start: number,
  end: number,
  raw: Float64Array,
  normsOnly: boolean,
): void {
  const tasks = rows.length;
  for (let from = start; from < end; from += block) {
    const to = Math.min(end, from + block);
    if (normsOnly) {
      for (let i = 0; i < tasks; i++)
        add(raw, i * tasks + i, dot(rows[i] as FloatArray, rows[i] as FloatArray, from, to));
      continue;
    }
    for (let i = 0; i < tasks; i += 2) {
      if (i + 1 === tasks) {
        for (let j = 0; j <= i; j++)
          add(raw, i * tasks + j, dot(rows[i] as FloatArray, rows[j] as FloatArray, from, to));
      } else {
        const a = rows[i] as FloatArray;
        const b = rows[i + 1] as FloatArray;
        for (let j = 0; j < i; j += 2)
          square(a, b, rows[j] as FloatArray, rows[j + 1] as FloatArray, from, to, raw, i, j, tasks);
        triangle(a, b, from, to, raw, i, tasks);
      }
    }
  }
}

function add(raw: Float64Array, at: number, value: number): void {
  raw[at] = (raw[at] as number) + value;
}

function dot(a: FloatArray, b: FloatArray, from: number, to: number): number {
  let s = 0;
  let t = 0;
  let p = from;
  for (; p + 1 < to; p += 2) {
    s += (a[p] as number) * (b[p] as number);
    t += (a[p + 1] as number) * (b[p + 1] as number);
  }
  if (p < to) s += (a[p] as number) * (b[p] as number);
  return s + t;
}

/** ⟨a,a⟩, ⟨b,a⟩ and ⟨b,b⟩ in one pass. */
function triangle(
  a: FloatArray,
  b: FloatArray,
  from: number,
  to: number,
  raw: Float64Array,
  i: number,
  tasks: number,
): void {
  let aa = 0;
  let ba = 0;
  let bb = 0;
  for (let p = from; p < to; p++) {
    const x = a[p] as number;
    const y = b[p] as number;
    aa += x * x;
    ba += y * x;
    bb += y * y;
  }
  add(raw, i * tasks + i, aa);
  add(raw, (i + 1) * tasks + i, ba);
  add(raw, (i + 1) * tasks + i + 1, bb);
}

/** The four inner products of rows a, b with rows c, d in one pass. */
function square(
  a: FloatArray,
  b: FloatArray,
  c: FloatArray,
  d: FloatArray,
  from: number,
  to: number,
  raw: Float64Array,
  i: number,
  j: number,
  tasks: number,
): void {
  let ac = 0;
  let ad = 0;
  let bc = 0;
  let bd = 0;
  for (let p = from; p < to; p++) {
    const x = a[p] as number;
    const y = b[p] as number;
    const z = c[p] as number;
    const w = d[p] as number;
    ac += x * z;
    ad += x * w;
    bc += y * z;
    bd += y * w;
  }
  add(raw, i * tasks + j, ac);
  add(raw, i * tasks + j + 1, ad);
  add(raw, (i + 1) * tasks + j, bc);
  add(raw, (i + 1) * tasks + j + 1, bd);
}

/** The largest absolute value in [start, end); NaN if any coordinate is NaN, Infinity if one is infinite. */
export function largest(row: FloatArray, start: number, end: number): number {
  let most = 0;
  for (let p = start; p < end; p++) {
    const size = Math.abs(row[p] as number);
    if (!(size <= most)) {
      most = size;
      if (Number.isNaN(size)) return NaN;
    }
  }
  return most;
}
