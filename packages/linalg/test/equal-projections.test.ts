import { describe, expect, it } from "vitest";
import { equalProjections } from "../src/index.js";

const identity = [1, 0, 0, 1];
// Two rows 10° apart, and of lengths that turn the sum of their weights negative only where one is obtuse to the solution.
const narrow = [1, 0.9, 0.1, 0.9, 1, 0.5, 0.1, 0.5, 1];

describe("equal projections", () => {
  it("share by lengths at a right angle", () => {
    const { weights, projection, uphill } = equalProjections([3, 1], identity, 2);
    expect(Array.from(weights)).toEqual([0.25, 0.75]);
    expect(projection).toBeCloseTo(0.75, 15);
    expect(uphill).toBe(false);
  });

  it("have none where rows are opposed", () => {
    const found = equalProjections([1, 1], [1, -1, -1, 1], 2);
    expect(found.degenerate).toBe("no equal projections");
    expect(Array.from(found.weights)).toEqual([0, 0]);
  });

  it("climb every row where the weights that descend add up to less than zero, unless told to descend", () => {
    // The middle row's weight is negative; made short, it outweighs the others in the sum.
    const norms = [1, 1e-3, 1];
    const up = equalProjections(norms, narrow, 3);
    const down = equalProjections(norms, narrow, 3, true);
    expect(up.uphill && down.uphill).toBe(true);
    expect(up.projection).toBeLessThan(0);
    expect(down.projection).toBe(-up.projection);
    expect(Array.from(down.weights)).toEqual(Array.from(up.weights, (a) => -a));
    expect(up.weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });
});
