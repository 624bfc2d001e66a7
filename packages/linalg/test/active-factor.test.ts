import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activeFactor } from "../src/active-factor.js";
import { rowMass, rowsOf, runs, unitForm } from "./arbitraries.js";

/** Places to free or to bind, by turns of any order. */
const moves = fc.array(fc.tuple(fc.boolean(), fc.nat(15)), { maxLength: 30 });

describe("activeFactor", () => {
  it("solves C x = b on the free places after any sequence of changes, as a new factor does, bit for bit", () => {
    fc.assert(
      fc.property(rowsOf, moves, (given, sequence) => {
        const { n } = given;
        const { cosines } = unitForm(given);
        const factor = activeFactor(cosines, n);
        const free: number[] = [];
        for (const [enter, place] of sequence) {
          const i = place % n;
          const at = free.indexOf(i);
          if (enter && at < 0) {
            factor.push(i);
            free.push(i);
          } else if (!enter && at >= 0) {
            factor.remove((j) => j === i);
            free.splice(at, 1);
          }
        }
        expect(factor.size()).toBe(free.length);
        expect([...factor.places.subarray(0, free.length)]).toEqual(free);
        const fresh = activeFactor(cosines, n);
        free.forEach((i) => fresh.push(i));
        const right = (i: number): number => i - 3;
        const [x, y] = [new Float64Array(n).fill(7), new Float64Array(n)];
        factor.solve(right, x);
        fresh.solve(right, y);
        expect([...x]).toEqual([...y]);
        x.forEach((value, i) => {
          if (!free.includes(i)) expect(value).toBe(0);
        });
      }),
      runs,
    );
  });

  it("leaves a residual of rounding where the free rows are independent", () => {
    fc.assert(
      fc.property(rowsOf, (given) => {
        const { n } = given;
        // Half of each row's square is its own: no two are dependent.
        const cosines = unitForm(given).cosines.map((c, k) => (k % (n + 1) === 0 ? 1 : c / 2));
        const factor = activeFactor(cosines, n);
        const free = Array.from({ length: n }, (_, i) => i).filter((i) => i % 3 !== 1);
        free.forEach((i) => factor.push(i));
        const x = new Float64Array(n);
        factor.solve((i) => i + 1, x);
        for (const i of free) {
          const sum = free.reduce((total, j) => total + (cosines[i * n + j] as number) * (x[j] as number), 0);
          expect(Math.abs(sum - (i + 1))).toBeLessThan(1e-14 * n * (i + 1 + rowMass(cosines, n, i, x)));
        }
      }),
      runs,
    );
  });

  it("answers zero for a row that depends on those before it", () => {
    const factor = activeFactor([1, 1, 1, 1], 2);
    factor.push(1);
    factor.push(0);
    const x = new Float64Array(2);
    factor.solve(() => 3, x);
    expect([...x]).toEqual([0, 3]);
  });
});
