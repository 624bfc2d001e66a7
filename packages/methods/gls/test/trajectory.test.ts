import { describePareto, disparate, distance, endOf, even, type Point } from "@gradpool/testkit/trajectories";
import { describe, expect, it } from "vitest";
import { gls } from "../src/index.js";

describePareto("GLS", () => gls(), { disparate: { rate: 0.002, steps: 20_000 } }, { describe, it });

describe("GLS on a pair 1,000 apart in scale", () => {
  it("ends where it ends on the even pair, since it ignores a task's scale", () => {
    const [a, b] = [even, disparate].map((pair) =>
      endOf(gls(), pair, { rate: 0.05 / Math.sqrt(pair[1].scale), steps: 6000 }),
    ) as [Point, Point];
    expect(distance(a, b)).toBeLessThan(0.02);
  });
});
