import { describe, expect, it } from "vitest";
import { asymmetricBargain, bargain } from "../src/index.js";

const c = [1, -0.3, 0.5, -0.3, 1, 0.2, 0.5, 0.2, 1];

describe("a bargain of unequal powers", () => {
  it("gives every row the product that its power asks for", () => {
    const powers = [2, 0.9, 0.1];
    const { x } = asymmetricBargain(c, powers, 3);
    powers.forEach((p, i) => {
      const along = [0, 1, 2].reduce((sum, j) => sum + (c[3 * i + j] ?? NaN) * (x[j] ?? NaN), 0);
      expect((x[i] ?? NaN) * along).toBeCloseTo(p, 13);
    });
  });

  it("is the plain one where all have the power 1", () => {
    const { weights } = bargain([1, 1, 1], c, 3);
    asymmetricBargain(c, [1, 1, 1], 3).x.forEach((x, i) => expect(x).toBeCloseTo(weights[i] ?? NaN, 13));
  });

  it("has no answer for opposed rows, and says which", () => {
    const { x, stationary } = asymmetricBargain([1, -1, 0, -1, 1, 0, 0, 0, 1], [1, 1, 1], 3);
    expect([Array.from(x), stationary]).toEqual([
      [0, 0, 0],
      [0, 1],
    ]);
  });
});
