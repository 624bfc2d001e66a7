import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leastNormSolve, nonNegativeQuadratic } from "../src/index.js";
import { dot, fewRows, rowMass, rowsOf, rowTimes, runs, subsets, unitForm } from "./arbitraries.js";

const objective = (c: readonly number[], n: number, r: readonly number[], x: ArrayLike<number>): number =>
  Array.from(x).reduce((sum, value, i) => sum + value * (0.5 * rowTimes(c, n, i, x) - (r[i] as number)), 0);

describe("nonNegativeQuadratic", () => {
  it("meets the conditions of the minimum, or shows a ray without end", () => {
    fc.assert(
      fc.property(
        rowsOf,
        fc.array(fc.integer({ min: -3, max: 9 }), { minLength: 16, maxLength: 16 }),
        (given, target) => {
          const { n } = given;
          const { cosines } = unitForm(given);
          const r = target.slice(0, n);
          const { x, status } = nonNegativeQuadratic(cosines, r, n);
          expect(status).not.toBe("limit");
          const size = Math.max(...x, 1);
          x.forEach((value, i) => {
            expect(value).toBeGreaterThanOrEqual(0);
            const along = dot(cosines.slice(i * n, (i + 1) * n), x);
            if (status === "unbounded") expect(Math.abs(along)).toBeLessThan(1e-6 * size);
            else if (value > 0) expect(Math.abs(along - (r[i] as number))).toBeLessThan(1e-10 * size);
            else expect(along - (r[i] as number)).toBeGreaterThan(-1e-10 * size);
          });
          if (status === "unbounded") expect(dot(r, x)).toBeGreaterThan(0);
        },
      ),
      runs,
    );
  });

  it("is as good as the best of all subsets, each solved on its own", () => {
    const targets = fc.array(fc.integer({ min: -3, max: 9 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(fewRows, targets, (given, target) => {
        const { n } = given;
        const { cosines } = unitForm(given);
        const r = target.slice(0, n);
        const { x, status } = nonNegativeQuadratic(cosines, r, n);
        if (status !== "optimal") return;
        const best = subsets(n).reduce((least, free) => {
          const sub = free.flatMap((i) => free.map((j) => cosines[i * n + j] as number));
          const part = leastNormSolve(
            sub,
            free.map((i) => r[i] as number),
            free.length,
          );
          if (part.some((value) => value < 0)) return least;
          const whole = new Float64Array(n);
          free.forEach((i, k) => (whole[i] = part[k] as number));
          return Math.min(least, objective(cosines, n, r, whole));
        }, 0);
        const size = 1 + Math.abs(best);
        expect(objective(cosines, n, r, x)).toBeLessThanOrEqual(best + 1e-9 * size);
      }),
      runs,
    );
  });

  it("never finds a ray where there is none: r in the range of C has a minimum", () => {
    const points = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(rowsOf, points, (given, z) => {
        const { n } = given;
        const { cosines } = unitForm(given);
        const r = Array.from({ length: n }, (_, i) => rowTimes(cosines, n, i, z));
        const { x, status } = nonNegativeQuadratic(cosines, r, n, { bounded: true });
        expect(status).toBe("optimal");
        const size = 1 + Math.max(...r.map(Math.abs), ...x);
        x.forEach((value, i) => {
          const slack = rowTimes(cosines, n, i, x) - (r[i] as number);
          expect(value > 0 ? Math.abs(slack) : -slack).toBeLessThan(1e-7 * (size + rowMass(cosines, n, i, x)));
        });
      }),
      runs,
    );
  });

  it("shows that opposite rows and rows around a point have zero in their hull", () => {
    const third = -0.5;
    const around = [1, third, third, third, 1, third, third, third, 1];
    for (const [c, n] of [
      [[1, -1, -1, 1], 2],
      [around, 3],
    ] as const) {
      const { x, status } = nonNegativeQuadratic(c, Array(n).fill(1), n);
      expect(status).toBe("unbounded");
      x.forEach((value) => expect(value / (x[0] as number)).toBeCloseTo(1, 12));
    }
  });

  it("answers zero where every entry of r is negative, and r where C is the identity", () => {
    expect([...nonNegativeQuadratic([1, 0.5, 0.5, 1], [-1, -2], 2).x]).toEqual([0, 0]);
    expect([...nonNegativeQuadratic([1, 0, 0, 1], [3, -2], 2).x]).toEqual([3, 0]);
  });

  it("takes what noise hides for zero: nearly opposite rows, told to be known to 1e-3, have a ray", () => {
    const c = [1, -1 + 1e-9, -1 + 1e-9, 1];
    expect(nonNegativeQuadratic(c, [1, 1], 2).status).toBe("optimal");
    expect(nonNegativeQuadratic(c, [1, 1], 2, { noise: [1e4, 1e4] }).status).toBe("unbounded");
  });
});
