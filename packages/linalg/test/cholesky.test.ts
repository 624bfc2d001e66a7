import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choleskyPivoted, choleskySolve, rankTolerance } from "../src/index.js";
import { dot, exactRank, fewRows, rowMass, rowsOf, rowTimes, runs, unitForm } from "./arbitraries.js";

describe("choleskyPivoted", () => {
  it("rebuilds C from L Lᵀ, to what its rank leaves out", () => {
    fc.assert(
      fc.property(rowsOf, (given) => {
        const { n } = given;
        const { cosines } = unitForm(given);
        const { rank, order, l } = choleskyPivoted(cosines, n);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        const row = (i: number): number[] => [...l.subarray(i * rank, (i + 1) * rank)];
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            // A dropped remainder of 8 n ε is √(8 n ε) in length.
            const gap = Math.abs(dot(row(i), row(j)) - (cosines[i * n + j] as number));
            const both = order.indexOf(i) < rank && order.indexOf(j) < rank;
            expect(gap).toBeLessThan(both ? 1e-14 * n : 1e-6);
          }
        }
      }),
      runs,
    );
  });

  it("finds the exact rank of small integer rows, whatever their scales and order of elimination", () => {
    fc.assert(
      fc.property(fewRows, (given) => {
        const { norms, cosines } = unitForm(given);
        const rank = exactRank(given.rows);
        expect(choleskyPivoted(cosines, given.n).rank).toBe(rank);
        const squares = norms.map((norm) => norm * norm);
        expect(choleskyPivoted(cosines, given.n, squares).rank).toBe(rank);
      }),
      runs,
    );
  });

  it("takes the row of the highest priority first, and zero rows never", () => {
    const { order, rank } = choleskyPivoted([1, 0, 0, 0, 1, 0, 0, 0, 1], 3, [1, 1e24, 1e-24]);
    expect(order).toEqual([1, 0, 2]);
    expect(rank).toBe(3);
    expect(choleskyPivoted([1, 0, 0, 0], 2)).toMatchObject({ rank: 1, order: [0, 1] });
  });

  it("tells rows apart at 1e-6 rad, and does not at 1e-9", () => {
    const at = (angle: number): number => {
      const c = Math.cos(angle);
      return choleskyPivoted([1, c, c, 1], 2).rank;
    };
    expect(at(1e-6)).toBe(2);
    expect(at(1e-9)).toBe(1);
    expect(rankTolerance(2)).toBe(16 * Number.EPSILON);
  });
});

describe("choleskySolve", () => {
  it("solves C x = C z on the independent places, and answers zero on the others", () => {
    const points = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(rowsOf, points, (given, z) => {
        const { n } = given;
        const { cosines } = unitForm(given);
        const factors = choleskyPivoted(cosines, n);
        const b = Array.from({ length: n }, (_, i) => rowTimes(cosines, n, i, z));
        const x = choleskySolve(factors, b);
        factors.order.forEach((i, k) => {
          if (k >= factors.rank) expect(x[i]).toBe(0);
          else {
            const gap = Math.abs(rowTimes(cosines, n, i, x) - (b[i] as number));
            expect(gap).toBeLessThan(1e-13 * n * (rowMass(cosines, n, i, x) + rowMass(cosines, n, i, z) + 1));
          }
        });
      }),
      runs,
    );
  });
});
