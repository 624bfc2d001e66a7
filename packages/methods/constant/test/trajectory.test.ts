import { distance, endOf, even, minimumOf } from "@gradpool/testkit/trajectories";
import { describe, expect, it } from "vitest";
import { constant } from "../src/index.js";

describe("constant weights on two convex quadratics", () => {
  it("end at the minimum of the weighted sum, nearer to the heavier task's the heavier it is", () => {
    const [first] = even;
    const ends = [1, 4, 16].map((weight) =>
      endOf(constant({ weights: [weight, 1] }), even, { rate: 0.01, steps: 20_000 }),
    );
    const distances = ends.map((end) => distance(end, first.centre));
    expect(distance(ends[0]!, minimumOf(even))).toBeLessThan(1e-6);
    expect(distances[1]!).toBeLessThan(distances[0]!);
    expect(distances[2]!).toBeLessThan(distances[1]!);
  });
});
