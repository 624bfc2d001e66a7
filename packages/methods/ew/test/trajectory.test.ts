import { disparate, distance, endOf, even, minimumOf } from "@gradpool/testkit/trajectories";
import { describe, expect, it } from "vitest";
import { ew } from "../src/index.js";

describe("equal weights on two convex quadratics", () => {
  it("end at the one minimum of the sum", () => {
    expect(distance(endOf(ew(), even), minimumOf(even))).toBeLessThan(1e-6);
  });

  it("take a pair 1,000 apart in scale to the large task's minimum", () => {
    const end = endOf(ew(), disparate, { rate: 5e-4, steps: 20_000 });
    expect(distance(end, disparate[1].centre)).toBeLessThan(0.01);
  });
});
