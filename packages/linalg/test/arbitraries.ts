import fc from "fast-check";

export interface Rows {
  readonly n: number;
  readonly rows: readonly (readonly number[])[];
  /** Powers of two, so that scaling does not round. */
  readonly scales: readonly number[];
}

const entry = fc.oneof(
  { arbitrary: fc.integer({ min: -9, max: 9 }), weight: 3 },
  { arbitrary: fc.double({ min: -10, max: 10, noNaN: true }).map((x) => (Math.abs(x) < 1e-3 ? 0 : x)), weight: 1 },
);

/** Per row, a multiple of the row before that takes its place; null, most often: none does. */
const copies = (n: number): fc.Arbitrary<(number | null)[]> =>
  fc.array(fc.oneof({ arbitrary: fc.constant(null), weight: 6 }, fc.constantFrom(1, 2, -1, -4)), {
    minLength: n,
    maxLength: n,
  });

function withCopies(rows: readonly (readonly number[])[], factors: readonly (number | null)[]): number[][] {
  const out: number[][] = [];
  rows.forEach((row, i) => {
    const factor = factors[i] ?? null;
    const own = row.some((x) => x !== 0) ? [...row] : row.map(() => 1);
    out.push(factor === null || i === 0 ? own : (out[i - 1] as number[]).map((x) => factor * x));
  });
  return out;
}

function rowsWith(entries: fc.Arbitrary<number>, most: number, widest: number): fc.Arbitrary<Rows> {
  return fc.tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: widest })).chain(([n, width]) =>
    fc
      .record({
        rows: fc.array(fc.array(entries, { minLength: width, maxLength: width }), { minLength: n, maxLength: n }),
        factors: copies(n),
        scales: fc.array(
          fc.integer({ min: -40, max: 40 }).map((exponent) => 2 ** exponent),
          { minLength: n, maxLength: n },
        ),
      })
      .map(({ rows, factors, scales }) => ({ n, rows: withCopies(rows, factors), scales })),
  );
}

/**
 * One to 16 rows without a zero row, dependent more often than not, collinear, opposite and duplicate ones among them, at
 * scales from 2⁻⁴⁰ to 2⁴⁰ (1e±12).
 */
export const rowsOf: fc.Arbitrary<Rows> = rowsWith(entry, 16, 20);

/** Up to five rows of small integers, for which a reference can try every subset and rank is known exactly. */
export const fewRows: fc.Arbitrary<Rows> = rowsWith(fc.integer({ min: -4, max: 4 }), 5, 5);

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, x, p) => sum + x * (b[p] as number), 0);

/** (C x)ᵢ. */
export const rowTimes = (c: readonly number[], n: number, i: number, x: ArrayLike<number>): number =>
  dot(c.slice(i * n, (i + 1) * n), x);

/** Σⱼ |cᵢⱼ xⱼ|: what (C x)ᵢ was added up from. */
export const rowMass = (c: readonly number[], n: number, i: number, x: ArrayLike<number>): number =>
  c.slice(i * n, (i + 1) * n).reduce((sum, value, j) => sum + Math.abs(value * (x[j] as number)), 0);

/** Norms and cosines of the scaled rows. */
export function unitForm({ rows, scales, n }: Rows): { norms: number[]; cosines: number[]; units: number[][] } {
  const lengths = rows.map((row) => Math.sqrt(dot(row, row)));
  const units = rows.map((row, i) => row.map((x) => x / (lengths[i] as number)));
  const cosines = Array.from({ length: n * n }, (_, k) => {
    const i = Math.floor(k / n);
    const j = k % n;
    if (i === j) return 1;
    const value = dot(rows[i] as number[], rows[j] as number[]) / ((lengths[i] as number) * (lengths[j] as number));
    return Math.max(-1, Math.min(1, value));
  });
  return { norms: lengths.map((length, i) => length * (scales[i] as number)), cosines, units };
}

/** The rank of integer rows, without rounding (Bareiss' elimination in whole numbers). */
export function exactRank(rows: readonly (readonly number[])[]): number {
  const m = rows.map((row) => row.map(BigInt));
  const width = m[0]?.length ?? 0;
  let rank = 0;
  for (let column = 0; column < width && rank < m.length; column++) {
    const pivot = m.findIndex((row, i) => i >= rank && row[column] !== 0n);
    if (pivot < 0) continue;
    [m[rank], m[pivot]] = [m[pivot] as bigint[], m[rank] as bigint[]];
    const top = m[rank] as bigint[];
    for (let i = rank + 1; i < m.length; i++) {
      const row = m[i] as bigint[];
      const factor = row[column] as bigint;
      for (let k = column; k < width; k++) {
        row[k] = (row[k] as bigint) * (top[column] as bigint) - factor * (top[k] as bigint);
      }
    }
    rank++;
  }
  return rank;
}

/** Every subset of 0 … n − 1 but the empty one. */
export function subsets(n: number): number[][] {
  return Array.from({ length: 2 ** n - 1 }, (_, mask) =>
    Array.from({ length: n }, (_unused, i) => i).filter((i) => (((mask + 1) >> i) & 1) === 1),
  );
}

export const runs: { numRuns: number; seed: number } = { numRuns: 1000, seed: 1 };
