import { createRandom, type Gram, type Random } from "@gradpool/core";

export type Kind = "plain" | "conflicting" | "rank deficient" | "duplicates" | "opposites" | "nearly collinear";
const kinds: readonly Kind[] = [
  "plain",
  "conflicting",
  "rank deficient",
  "duplicates",
  "opposites",
  "nearly collinear",
];

export interface Problem {
  readonly kind: Kind;
  readonly tasks: number;
  /** Rows with their scales. */
  readonly rows: readonly Float64Array[];
  readonly scales: Float64Array;
  readonly gram: Gram;
}

function unit(random: Random, width: number): Float64Array {
  const row = new Float64Array(width);
  let square = 0;
  while (square === 0) {
    for (let p = 0; p < width; p++) row[p] = random.normal();
    square = row.reduce((sum, x) => sum + x * x, 0);
  }
  return row.map((x) => x / Math.sqrt(square));
}

const add = (a: Float64Array, factor: number, b: Float64Array): Float64Array =>
  a.map((x, p) => x + factor * (b[p] as number));

/** The Gram of some rows, in unit-row form, as a pool's weighting sees it. */
export function gramOf(rows: readonly Float64Array[], target = 0): Gram {
  const size = rows.length;
  const most = rows.map((row) => row.reduce((a, x) => Math.max(a, Math.abs(x)), 0));
  const scaled = rows.map((row, i) => row.map((x) => x / (most[i] as number)));
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, p) => sum + x * (b[p] as number), 0);
  const local = scaled.map((row) => Math.sqrt(dot(row, row)));
  const cosines = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    cosines[i * size + i] = 1;
    for (let j = 0; j < i; j++) {
      const value = dot(scaled[i] as Float64Array, scaled[j] as Float64Array);
      const cosine = Math.max(-1, Math.min(1, value / ((local[i] as number) * (local[j] as number))));
      cosines[i * size + j] = cosine;
      cosines[j * size + i] = cosine;
    }
  }
  return {
    size,
    index: rows.map((_, i) => i),
    target,
    count: size,
    norms: Float64Array.from(local, (x, i) => x * (most[i] as number)),
    cosines,
  };
}

/** The k-th random matrix: T = 1…16, all kinds in turn, every second one with row scales from 1e-12 to 1e12. */
export function problem(k: number, seed = 1, most = 16): Problem {
  const random = createRandom(seed, k);
  const kind = kinds[k % kinds.length] as Kind;
  const tasks = 1 + random.int(most);
  const width = kind === "rank deficient" ? 1 + random.int(Math.max(1, tasks - 1)) : tasks + random.int(16);
  const rows = Array.from({ length: tasks }, () => unit(random, width));
  const common = unit(random, width);
  for (let i = 0; i < tasks; i++) {
    const row = rows[i] as Float64Array;
    const other = rows[random.int(tasks)] as Float64Array;
    if (kind === "conflicting") rows[i] = add(row, i % 2 === 0 ? 0.9 : -0.9, common);
    if (kind === "duplicates" && i % 3 === 2) rows[i] = other.slice();
    if (kind === "opposites" && i % 3 === 2 && other !== row) rows[i] = other.map((x) => -x);
    if (kind === "nearly collinear" && i % 2 === 1) rows[i] = add(other, 10 ** -(1 + 7 * random.uniform()), row);
  }
  const wide = Math.floor(k / kinds.length) % 2 === 1;
  const scales = Float64Array.from(rows, () => (wide ? 10 ** (24 * random.uniform() - 12) : 1));
  const scaled = rows.map((row, i) => row.map((x) => x * (scales[i] as number)));
  return { kind, tasks, rows: scaled, scales, gram: gramOf(scaled) };
}

/** The rows, each divided by its norm. */
export function unitRows({ rows, gram }: Problem): Float64Array[] {
  return rows.map((row, i) => row.map((x) => x / (gram.norms[i] as number)));
}
