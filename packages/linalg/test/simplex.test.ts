import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { projectSimplex } from "../src/index.js";
import { runs } from "./arbitraries.js";

describe("projectSimplex", () => {
  it("finds the nearest point: v − x is the same wherever x > 0, and no larger elsewhere", () => {
    const vectors = fc.array(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 16 });
    fc.assert(
      fc.property(vectors, (v) => {
        const x = projectSimplex(v);
        const size = Math.max(1, ...v.map(Math.abs));
        expect(Math.abs(x.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-14);
        const theta = Math.max(...v.map((value, i) => ((x[i] as number) > 0 ? value - (x[i] as number) : -Infinity)));
        v.forEach((value, i) => {
          expect(x[i]).toBeGreaterThanOrEqual(0);
          const gap = value - (x[i] as number) - theta;
          expect((x[i] as number) > 0 ? Math.abs(gap) : gap).toBeLessThanOrEqual(1e-14 * size);
        });
      }),
      runs,
    );
  });

  it("leaves a point of the simplex where it is", () => {
    expect([...projectSimplex([0.25, 0.75])]).toEqual([0.25, 0.75]);
    expect([...projectSimplex([7])]).toEqual([1]);
    expect([...projectSimplex([])]).toEqual([]);
  });

  it("does not depend on what all entries have in common, nor on their order", () => {
    const steps = fc.array(fc.integer({ min: -64, max: 64 }), { minLength: 1, maxLength: 16 });
    fc.assert(
      fc.property(steps, fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), (values, shift) => {
        const v = values.map((value) => value / 64);
        const x = projectSimplex(v);
        expect([...projectSimplex(v.map((value) => value + shift))]).toEqual([...x]);
        expect([...projectSimplex([...v].reverse())].reverse()).toEqual([...x]);
      }),
      runs,
    );
  });

  it("gives everything to an entry that is one ahead, and shares alike among equals, at any scale", () => {
    for (const scale of [1e-12, 1, 1e12]) {
      expect([...projectSimplex([scale + 1, scale, scale - 5])]).toEqual([1, 0, 0]);
      for (let n = 1; n <= 16; n++) {
        projectSimplex(Array(n).fill(scale)).forEach((x) => expect(Math.abs(x * n - 1)).toBeLessThan(1e-15 * n));
      }
    }
  });
});
