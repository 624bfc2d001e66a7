import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { symmetricEigen } from "../src/index.js";
import { dot, rowsOf, runs, unitForm } from "./arbitraries.js";

describe("symmetricEigen", () => {
  it("come with orthonormal vectors that rebuild the matrix", () => {
    fc.assert(
      fc.property(rowsOf, (given) => {
        const { n } = given;
        const { cosines } = unitForm(given);
        const { values, vectors } = symmetricEigen(cosines, n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let sum = 0;
            let product = 0;
            for (let k = 0; k < n; k++) {
              sum += (values[k] as number) * (vectors[i * n + k] as number) * (vectors[j * n + k] as number);
              product += (vectors[k * n + i] as number) * (vectors[k * n + j] as number);
            }
            expect(Math.abs(sum - (cosines[i * n + j] as number))).toBeLessThan(1e-13 * n);
            expect(Math.abs(product - Number(i === j))).toBeLessThan(1e-13 * n);
          }
        }
      }),
      runs,
    );
  });

  it("gives A v = λ v to rounding for Grams of rows at equal scales, values in descending order", () => {
    fc.assert(
      fc.property(rowsOf, ({ n, rows }) => {
        const a = rows.flatMap((row) => rows.map((other) => dot(row, other)));
        const { values, vectors } = symmetricEigen(a, n);
        const top = values[0] as number;
        for (let k = 0; k < n; k++) {
          if (k > 0) expect(values[k]).toBeLessThanOrEqual(values[k - 1] as number);
          const v = Array.from({ length: n }, (_, i) => vectors[i * n + k] as number);
          for (let i = 0; i < n; i++) {
            const left = dot(a.slice(i * n, (i + 1) * n), v);
            expect(Math.abs(left - (values[k] as number) * (v[i] as number))).toBeLessThan(1e-13 * n * top);
          }
        }
      }),
      runs,
    );
  });

  it("has the trace for its sum, and 2ᵏ A has 2ᵏ times the values and the same vectors, to the last bit", () => {
    fc.assert(
      fc.property(rowsOf, fc.integer({ min: -300, max: 300 }), (given, exponent) => {
        const { cosines } = unitForm(given);
        const { values, vectors } = symmetricEigen(cosines, given.n);
        expect(Math.abs(values.reduce((sum, x) => sum + x, 0) - given.n)).toBeLessThan(1e-13 * given.n);
        const factor = 2 ** exponent;
        const scaled = symmetricEigen(
          cosines.map((c) => c * factor),
          given.n,
        );
        expect([...scaled.values]).toEqual([...values].map((value) => value * factor));
        expect([...scaled.vectors]).toEqual([...vectors]);
      }),
      runs,
    );
  });

  it("knows a 2 × 2 and a diagonal matrix", () => {
    const { values, vectors } = symmetricEigen([2, 1, 1, 2], 2);
    expect(values[0]).toBeCloseTo(3, 14);
    expect(values[1]).toBeCloseTo(1, 14);
    expect(Math.abs(vectors[0] as number)).toBeCloseTo(Math.SQRT1_2, 14);
    expect([...symmetricEigen([1e-12, 0, 0, 0, 1e12, 0, 0, 0, -1], 3).values]).toEqual([1e12, 1e-12, -1]);
    expect([...symmetricEigen([5], 1).values]).toEqual([5]);
  });
});
