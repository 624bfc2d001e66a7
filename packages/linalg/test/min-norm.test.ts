import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { minNormPoint } from "../src/index.js";
import { dot, fewRows, rowMass, rowsOf, rowTimes, runs, subsets, unitForm } from "./arbitraries.js";

describe("minNormPoint", () => {
  it("finds the minimum-norm point of two opposite gradients, of whatever lengths, at zero", () => {
    const { weights, stationary } = minNormPoint([1e-6, 1e6], [1, -1, -1, 1], 2);
    expect(stationary).toBe(true);
    expect((weights[0] as number) * 1e-6).toBeCloseTo((weights[1] as number) * 1e6, 15);
  });

  it("gives the shorter of two aligned gradients, and the foot of the perpendicular of two at an angle", () => {
    expect([...minNormPoint([1, 3], [1, 1, 1, 1], 2).weights]).toEqual([1, 0]);
    expect([...minNormPoint([1, 1], [1, 0, 0, 1], 2).weights]).toEqual([0.5, 0.5]);
    expect([...minNormPoint([2], [1], 1).weights]).toEqual([1]);
  });

  it("is a convex combination d with ⟨d, gᵢ⟩ ≥ ‖d‖² for every i, the definition of the nearest point", () => {
    fc.assert(
      fc.property(rowsOf, (given) => {
        const { n } = given;
        const { norms, cosines } = unitForm(given);
        const { weights, stationary, status } = minNormPoint(norms, cosines, n);
        expect(status).toBe("optimal");
        expect(weights.every((w) => w >= 0)).toBe(true);
        expect(Math.abs(weights.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-14);
        const x = weights.map((w, i) => w * (norms[i] as number));
        const square = dot(
          x,
          x.map((_, i) => rowTimes(cosines, n, i, x)),
        );
        const largest = Math.max(...x);
        norms.forEach((norm, i) => {
          const along = norm * rowTimes(cosines, n, i, x);
          const rounding = 1e-10 * norm * rowMass(cosines, n, i, x);
          if (stationary) expect(Math.abs(rowTimes(cosines, n, i, x))).toBeLessThan(1e-6 * largest);
          else expect(along - square).toBeGreaterThan(-rounding - 1e-10 * square);
        });
      }),
      runs,
    );
  });

  it("is no farther from zero than any point of an edge", () => {
    fc.assert(
      fc.property(fewRows, (given) => {
        const { n } = given;
        const { norms, cosines } = unitForm(given);
        const { weights } = minNormPoint(norms, cosines, n);
        const square = (w: ArrayLike<number>): number => {
          const x = Array.from(w, (value, i) => value * (norms[i] as number));
          return dot(
            x,
            x.map((_, i) => rowTimes(cosines, n, i, x)),
          );
        };
        const mine = square(weights);
        const own = weights.reduce((sum, value, i) => sum + (value * (norms[i] as number)) ** 2, 0);
        for (const subset of subsets(n)) {
          if (subset.length > 2) continue;
          for (const t of [0, 0.25, 0.5, 0.75, 1]) {
            const w = new Float64Array(n);
            w[subset[0] as number] = subset.length === 1 ? 1 : t;
            if (subset.length === 2) w[subset[1] as number] = 1 - t;
            const other = square(w);
            const mass = w.reduce((sum, value, i) => sum + (value * (norms[i] as number)) ** 2, 0);
            expect(mine).toBeLessThanOrEqual(other + 1e-12 * (mass + own));
          }
        }
      }),
      runs,
    );
  });

  it("does not move when all gradients are scaled alike", () => {
    fc.assert(
      fc.property(rowsOf, fc.integer({ min: -300, max: 300 }), (given, exponent) => {
        const { norms, cosines } = unitForm(given);
        const scaled = norms.map((norm) => norm * 2 ** exponent);
        expect([...minNormPoint(scaled, cosines, given.n).weights]).toEqual([
          ...minNormPoint(norms, cosines, given.n).weights,
        ]);
      }),
      runs,
    );
  });
});
