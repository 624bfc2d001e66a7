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

/** One to 16 rows without a zero row, dependent more often than not, at scales from 2⁻⁴⁰ to 2⁴⁰ (1e±12). */
export const rowsOf: fc.Arbitrary<Rows> = fc
  .tuple(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 20 }))
  .chain(([n, width]) =>
    fc.record({
      n: fc.constant(n),
      rows: fc.array(
        fc
          .array(entry, { minLength: width, maxLength: width })
          .map((row) => (row.some((x) => x !== 0) ? row : row.map(() => 1))),
        { minLength: n, maxLength: n },
      ),
      scales: fc.array(
        fc.integer({ min: -40, max: 40 }).map((exponent) => 2 ** exponent),
        { minLength: n, maxLength: n },
      ),
    }),
  );

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, x, p) => sum + x * (b[p] as number), 0);

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
