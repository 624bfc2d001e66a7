import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bargain, stationaryFace } from "../src/index.js";
import { dot, rowsOf, runs, unitForm } from "./arbitraries.js";

describe("bargains", () => {
  it("give every task of an orthogonal set the same share", () => {
    const { weights } = bargain([2, 4], [1, 0, 0, 1], 2);
    expect(weights[0]).toBeCloseTo(0.5, 12);
    expect(weights[1]).toBeCloseTo(0.25, 12);
  });

  it("bargain across those that are at a stationary point among themselves", () => {
    // u₁ = −u₂ = x, u₃ at 60° of x: only its part along y is left.
    const c = [1, -1, 0.5, -1, 1, -0.5, 0.5, -0.5, 1];
    const face = stationaryFace(c, 3);
    expect([...face.stationary].sort()).toEqual([0, 1]);
    const { weights, stationary } = bargain([1, 1, 1], c, 3);
    expect(stationary.length).toBe(2);
    const along = [0, 1, 2].map((i) => dot(c.slice(3 * i, 3 * i + 3), weights));
    expect(along[0]).toBeCloseTo(0, 12);
    expect((weights[2] as number) * (along[2] as number)).toBeCloseTo(1, 12);
  });

  it("hold G a = a^(−1/α) to rounding for random rows and α", () => {
    fc.assert(
      fc.property(rowsOf, fc.constantFrom(0.5, 1, 2), (given, alpha) => {
        const { norms, cosines } = unitForm(given);
        const { residual, weights } = bargain(norms, cosines, given.n, alpha);
        expect(weights.every(Number.isFinite)).toBe(true);
        expect(residual).toBeLessThan(1e-10);
      }),
      runs,
    );
  });

  it("move against a task's own scale alone: n → c n makes a → a / c at α = 1", () => {
    fc.assert(
      fc.property(rowsOf, (given) => {
        const { n, scales } = given;
        const { norms, cosines } = unitForm(given);
        const { weights } = bargain(norms, cosines, n);
        const plain = bargain(
          norms.map((norm, i) => norm / (scales[i] as number)),
          cosines,
          n,
        ).weights;
        weights.forEach((w, i) => {
          const expected = plain[i] as number;
          expect(Math.abs(w * (scales[i] as number) - expected)).toBeLessThan(1e-9 * (Math.abs(expected) + 1e-9));
        });
      }),
      runs,
    );
  });

  it("hold for two tasks at every angle: a₁n₁ = a₂n₂ = 1/√(1 + c)", () => {
    for (const c of [-0.999999, -0.5, 0, 0.3, 0.999999, 1]) {
      for (const scale of [1e-12, 1, 1e12]) {
        const { weights } = bargain([1, scale], [1, c, c, 1], 2);
        const share = 1 / Math.sqrt(1 + c);
        expect((weights[0] as number) / share).toBeCloseTo(1, 9);
        expect(((weights[1] as number) * scale) / share).toBeCloseTo(1, 9);
      }
    }
  });

  it("give 16 orthogonal tasks a^(1 + 1/α) = 1/n² each", () => {
    const norms = Array.from({ length: 16 }, (_, i) => 10 ** (i - 8));
    const identity = Array.from({ length: 256 }, (_, k) => Number(k % 17 === 0));
    for (const alpha of [0.5, 1, 2, 8]) {
      const { weights } = bargain(norms, identity, 16, alpha);
      weights.forEach((w, i) => expect(w / (norms[i] as number) ** (-2 / (1 + 1 / alpha))).toBeCloseTo(1, 9));
    }
  });
});
