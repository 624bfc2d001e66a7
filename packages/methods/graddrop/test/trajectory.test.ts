import { descend, even } from "@gradpool/testkit/trajectories";
import { describe, expect, it } from "vitest";
import { graddrop } from "../src/index.js";

describe("GradDrop on two convex quadratics", () => {
  it("is at rest in the mean over draws only where the signs balance, and wanders about there", () => {
    const tail = descend(graddrop(), even, { rate: 0.01, steps: 20_000 }).slice(-10_000);
    const centre = (axis: 0 | 1): number => tail.reduce((sum, at) => sum + at[axis] / tail.length, 0);
    // Each coordinate ends between the two minima.
    expect(centre(0)).toBeGreaterThan(-1);
    expect(centre(0)).toBeLessThan(1);
    expect(centre(1)).toBeGreaterThan(0);
    expect(centre(1)).toBeLessThan(0.5);
  });
});
