import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choleskyPivoted, leastNormSolve, symmetricEigen } from "../src/index.js";
import { dot, exactRank, fewRows, type Rows, rowsOf, runs, unitForm } from "./arbitraries.js";

describe("leastNormSolve", () => {
  it("solves A x = A z to rounding, row by row, at row scales of 1e±12", () => {
    fc.assert(
      fc.property(rowsOf, fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 16, maxLength: 16 }), (given, z) => {
        const { norms, cosines } = unitForm(given);
        const { n } = given;
        const a = cosines.map((c, k) => (norms[Math.floor(k / n)] as number) * (norms[k % n] as number) * c);
        // In unit rows every term counts alike: z is given there.
        const b = norms.map((norm, i) => norm * dot(cosines.slice(i * n, (i + 1) * n), z));
        const x = leastNormSolve(a, b);
        const rank = choleskyPivoted(cosines, n).rank;
        const terms = norms.map((_, i) =>
          cosines
            .slice(i * n, (i + 1) * n)
            .reduce((sum, c, j) => sum + Math.abs(c * (norms[j] as number) * (x[j] as number)), 1e-300),
        );
        if (rank < n) return;
        norms.forEach((norm, i) => {
          const left = dot(
            cosines.slice(i * n, (i + 1) * n),
            norms.map((m, j) => m * (x[j] as number)),
          );
          expect(Math.abs(left - (b[i] as number) / norm)).toBeLessThan(1e-12 * ((terms[i] as number) + 1));
        });
      }),
      runs,
    );
  });

  it("gives the pseudo-inverse's solution where the matrix is singular", () => {
    const equalScales = rowsOf.map((given): Rows => ({ ...given, scales: given.scales.map(() => 1) }));
    fc.assert(
      fc.property(equalScales, (given) => {
        const { n, rows } = given;
        const a = rows.flatMap((row) => rows.map((other) => dot(row, other)));
        const b = rows.map((_, i) => i - 2);
        const x = leastNormSolve(a, b, n);
        const { values, vectors } = symmetricEigen(a, n);
        const top = values[0] as number;
        // Only where the rank is beyond doubt.
        const kept = values.filter((value) => value > 1e-6 * top).length;
        if ((values[kept] ?? 0) > 1e-11 * top) return;
        const wanted = x.map((_, i) => {
          let sum = 0;
          for (let k = 0; k < kept; k++) {
            const along = b.reduce((s, value, j) => s + (vectors[j * n + k] as number) * value, 0);
            sum += ((vectors[i * n + k] as number) * along) / (values[k] as number);
          }
          return sum;
        });
        // A right-hand side across the range leaves nothing but its own rounding.
        const size = Math.max(...wanted.map(Math.abs), (1e-6 * Math.hypot(...b)) / (values[kept - 1] as number));
        x.forEach((value, i) => expect(Math.abs(value - (wanted[i] as number))).toBeLessThan(1e-7 * size));
      }),
      runs,
    );
  });

  it("treats a zero row as absent", () => {
    expect([...leastNormSolve([4, 0, 0, 0], [8, 3])]).toEqual([2, 0]);
  });

  it("solves two rows alone to the same bits as beside a third that is orthogonal to them", () => {
    const entry = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(entry, entry, fc.double({ min: -1, max: 1, noNaN: true }), entry, entry, (p, q, cosine, b0, b1) => {
        const c = p * q * cosine;
        const two = leastNormSolve([p * p, c, c, q * q], [b0, -b1]);
        const three = leastNormSolve([p * p, c, 0, c, q * q, 0, 0, 0, 1], [b0, -b1, 1]);
        // Nearly collinear rows go the same way in both, but through eigenvectors of matrices of different sizes.
        if (1 - cosine * cosine < 1e-6) expect(two.every(Number.isFinite)).toBe(true);
        else expect([...two]).toEqual([...three.subarray(0, 2)]);
      }),
      runs,
    );
  });

  it("has the least norm: nothing of it lies where A is zero", () => {
    fc.assert(
      fc.property(fewRows, (given) => {
        const { n, rows } = given;
        const a = rows.flatMap((row) => rows.map((other) => dot(row, other)));
        const z = rows.map((_, i) => i - 1);
        const b = rows.map((_, i) => dot(a.slice(i * n, (i + 1) * n), z));
        const x = leastNormSolve(a, b, n);
        const { values, vectors } = symmetricEigen(a, n);
        const rank = exactRank(rows);
        const size = Math.hypot(...x, 1e-300);
        for (let k = rank; k < n; k++) {
          const null_ = Array.from({ length: n }, (_, i) => vectors[i * n + k] as number);
          expect(Math.abs(dot(null_, x))).toBeLessThan(1e-9 * size);
        }
        // And it solves the system, since b is in the range.
        rows.forEach((_, i) => {
          const left = dot(a.slice(i * n, (i + 1) * n), x);
          expect(Math.abs(left - (b[i] as number))).toBeLessThan(1e-9 * (1 + (values[0] as number) * size));
        });
      }),
      runs,
    );
  });

  it("shares between duplicate rows alike, at scales from 1e-12 to 1e12", () => {
    for (const scale of [1e-12, 1e-6, 1, 1e6, 1e12]) {
      const square = scale * scale;
      for (let n = 2; n <= 16; n++) {
        const x = leastNormSolve(Array(n * n).fill(square), Array(n).fill(square), n);
        x.forEach((value) => expect(value * n).toBeCloseTo(1, 12));
      }
    }
  });
});
