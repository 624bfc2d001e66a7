import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scaledEigen, symmetricEigen } from "../src/index.js";
import { exactRank, fewRows, rowsOf, runs, unitForm } from "./arbitraries.js";

describe("scaledEigen", () => {
  it("gives every eigenvalue to its own digits, whatever the scales of the rows", () => {
    fc.assert(
      fc.property(rowsOf, (given) => {
        const { n } = given;
        const { norms, cosines } = unitForm(given);
        const unit = symmetricEigen(cosines, n).values;
        const condition = (unit[0] as number) / (unit[n - 1] as number);
        if (!(condition > 0 && condition < 1e6)) return;
        const { values, vectors } = scaledEigen(norms, cosines, n);
        expect(values.length).toBe(n);
        // Vᵀ D C D V = Λ, entry by entry against √(λₐλᵦ): what no eigensolver on G itself can do.
        for (let a = 0; a < n; a++) {
          for (let b = 0; b < n; b++) {
            let sum = 0;
            for (let i = 0; i < n; i++) {
              for (let j = 0; j < n; j++) {
                const left = ((vectors[i * n + a] as number) * (norms[i] as number)) / Math.sqrt(values[a] as number);
                const right = ((vectors[j * n + b] as number) * (norms[j] as number)) / Math.sqrt(values[b] as number);
                sum += left * right * (cosines[i * n + j] as number);
              }
            }
            expect(Math.abs(sum - Number(a === b))).toBeLessThan(1e-14 * n * n * condition);
          }
        }
      }),
      runs,
    );
  });

  it("leaves out what is rank-deficient", () => {
    expect(scaledEigen([1, 1e9, 3], [1, 1, -1, 1, 1, -1, -1, -1, 1], 3).values.length).toBe(1);
  });

  it("leaves as many values as the rows have dimensions, duplicates and opposites among them", () => {
    fc.assert(
      fc.property(fewRows, (given) => {
        const { norms, cosines } = unitForm(given);
        const { values, vectors } = scaledEigen(norms, cosines, given.n);
        expect(values.length).toBe(exactRank(given.rows));
        expect(values.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
        expect(vectors.every(Number.isFinite)).toBe(true);
      }),
      runs,
    );
  });

  it("adds up to the squared norms: the trace of the Gram", () => {
    fc.assert(
      fc.property(rowsOf, (given) => {
        const { norms, cosines } = unitForm(given);
        const { values } = scaledEigen(norms, cosines, given.n);
        const trace = norms.reduce((sum, norm) => sum + norm * norm, 0);
        expect(Math.abs(values.reduce((sum, value) => sum + value, 0) - trace)).toBeLessThan(1e-12 * trace);
      }),
      runs,
    );
  });

  it("keeps the small eigenvalue of two rows whose lengths differ by 1e24", () => {
    // [[1, c·s], [c·s, s²]]: their product is s²(1 − c²), the large one s²(1 + c²/s² …).
    for (const c of [0, 0.5, -0.9]) {
      const { values } = scaledEigen([1e-12, 1e12], [1, c, c, 1], 2);
      expect((values[1] as number) / (1e-24 * (1 - c * c))).toBeCloseTo(1, 13);
      expect((values[0] as number) / 1e24).toBeCloseTo(1, 13);
    }
  });
});
