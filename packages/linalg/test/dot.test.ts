import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dot } from "../src/index.js";
import { runs } from "./arbitraries.js";

/** Integers times powers of two: products that are exact, and so is a sum of them in whole numbers. */
const numbers = fc.array(
  fc.tuple(
    fc.integer({ min: -1000, max: 1000 }),
    fc.integer({ min: -1000, max: 1000 }),
    fc.integer({ min: 0, max: 80 }),
  ),
  { minLength: 1, maxLength: 16 },
);

describe("dot", () => {
  it("is right to a few ε of its terms, and to its own digits unless it is rounding", () => {
    fc.assert(
      fc.property(numbers, (terms) => {
        const n = terms.length;
        const got = dot(
          n,
          (i) => terms[i]![0] * 2 ** terms[i]![2],
          (i) => terms[i]![1],
        );
        const products = terms.map(([a, b, exponent]) => BigInt(a) * BigInt(b) * 2n ** BigInt(exponent));
        const exact = Number(products.reduce((sum, x) => sum + x, 0n));
        const size = products.reduce((sum, x) => sum + Math.abs(Number(x)), 0);
        if (Math.abs(exact) <= 4 * n * Number.EPSILON * size) expect(got).toBe(0);
        else
          expect(Math.abs(got - exact)).toBeLessThanOrEqual(
            2 * Number.EPSILON * Math.abs(exact) + n * n * 2e-32 * size,
          );
      }),
      runs,
    );
  });

  it("does not depend on the order of its terms where they do not cancel to rounding", () => {
    fc.assert(
      fc.property(numbers, (terms) => {
        const sum = (list: typeof terms): number =>
          dot(
            list.length,
            (i) => list[i]![0] * 2 ** list[i]![2],
            (i) => list[i]![1],
          );
        const [there, back] = [sum(terms), sum([...terms].reverse())];
        expect(Math.abs(there - back)).toBeLessThanOrEqual(2 * Number.EPSILON * Math.abs(there));
      }),
      runs,
    );
  });

  it("is exactly zero where terms cancel but for their rounding", () => {
    const [a, b] = [
      [0.1, 0.2, -0.3],
      [1, 1, 1],
    ] as const;
    expect(0.1 + 0.2 - 0.3).not.toBe(0);
    expect(
      dot(
        3,
        (i) => a[i] as number,
        (i) => b[i] as number,
      ),
    ).toBe(0);
    expect(
      dot(
        0,
        () => 1,
        () => 1,
      ),
    ).toBe(0);
  });
});
