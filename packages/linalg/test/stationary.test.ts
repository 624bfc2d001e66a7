import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bargain, nonNegativeQuadratic, stationaryFace } from "../src/index.js";
import { fewRows, rowMass, rowsOf, rowTimes, runs, unitForm } from "./arbitraries.js";

/**
 * For integer rows in the plane, exactly: a row is open if some direction has a positive product with it and none
 * negative with any. Such directions end at the normals of the rows, so those and their sums are all that need trying.
 */
function openInThePlane(rows: readonly (readonly number[])[]): number[] {
  const normals = rows.flatMap(([x = 0, y = 0]) => [
    [-y, x],
    [y, -x],
    [x, y],
  ]);
  const tried = normals.flatMap((a) => normals.map((b) => [a[0]! + b[0]!, a[1]! + b[1]!]));
  const product = (d: readonly number[], row: readonly number[]): number => d[0]! * row[0]! + d[1]! * row[1]!;
  const harmless = tried.filter((d) => rows.every((row) => product(d, row) >= 0));
  return rows.flatMap((row, i) => (harmless.some((d) => product(d, row) > 0) ? [i] : []));
}

const plane = fc.array(
  fc
    .tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 }))
    .map(([x, y]) => (x === 0 && y === 0 ? [1, 0] : [x, y])),
  { minLength: 1, maxLength: 8 },
);

describe("stationaryFace", () => {
  it("agrees with every direction tried, for integer rows in the plane", () => {
    fc.assert(
      fc.property(plane, (rows) => {
        const { cosines } = unitForm({ n: rows.length, rows, scales: rows.map(() => 1) });
        const { open, stationary } = stationaryFace(cosines, rows.length);
        expect([...open].sort((a, b) => a - b)).toEqual(openInThePlane(rows));
        expect([...open, ...stationary].sort((a, b) => a - b)).toEqual(rows.map((_, i) => i));
      }),
      runs,
    );
  });

  it("leaves open rows that one direction serves, which is orthogonal to the stationary ones", () => {
    fc.assert(
      fc.property(fewRows, (given) => {
        const { n } = given;
        const { cosines } = unitForm(given);
        const { open, stationary } = stationaryFace(cosines, n);
        const { weights } = bargain(Array(n).fill(1), cosines, n);
        for (const i of open) expect(rowTimes(cosines, n, i, weights)).toBeGreaterThan(0);
        for (const i of stationary) {
          const along = rowTimes(cosines, n, i, weights);
          expect(Math.abs(along)).toBeLessThan(1e-7 * (1 + rowMass(cosines, n, i, weights)));
        }
      }),
      runs,
    );
  });

  it("calls rows stationary that are really in the way of each other: no direction serves one of them alone", () => {
    fc.assert(
      fc.property(fewRows, (given) => {
        const { n } = given;
        const { cosines } = unitForm(given);
        const { stationary } = stationaryFace(cosines, n);
        for (const i of stationary) {
          // The shortest d with ⟨d, uᵢ⟩ ≥ 1 and ⟨d, uⱼ⟩ ≥ 0 would be there if one did.
          const r = Array.from({ length: n }, (_, j) => Number(i === j));
          expect(nonNegativeQuadratic(cosines, r, n).status).toBe("unbounded");
        }
      }),
      runs,
    );
  });

  it("has the cosines and lengths of what is left across the stationary ones", () => {
    fc.assert(
      fc.property(rowsOf, (given) => {
        const { cosines } = unitForm(given);
        const { open, stationary, lengths, cosines: rest } = stationaryFace(cosines, given.n);
        expect(lengths.length).toBe(open.length);
        lengths.forEach((length) => expect(length > 0 && length <= 1 + 1e-12).toBe(true));
        if (stationary.length === 0) expect([...rest]).toEqual(cosines);
        rest.forEach((c, k) => expect(Math.abs(c) <= 1 && (k % (open.length + 1) !== 0 || c === 1)).toBe(true));
      }),
      runs,
    );
  });
});
