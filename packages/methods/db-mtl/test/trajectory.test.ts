import { disparate, distance, endOf, even, onParetoSet } from "@gradpool/testkit/trajectories";
import { describe, expect, it } from "vitest";
import { dbMtl } from "../src/index.js";

describe("DB-MTL on two convex quadratics", () => {
  it.each([
    ["the even pair", even],
    ["a pair 1,000 apart in scale", disparate],
  ])("ends where the gradients of the log losses are opposite: on the Pareto set of %s", (_, pair) =>
    onParetoSet(pair, endOf(dbMtl(), pair, { rate: 0.02, decay: 0.998, steps: 6000 }), 0.02),
  );

  it("takes a pair 1,000 apart in scale where it takes the even one, since it ignores a task's scale", () => {
    const run = { rate: 0.1, decay: 0.997, steps: 6000 };
    expect(distance(endOf(dbMtl(), even, run), endOf(dbMtl(), disparate, run))).toBeLessThan(0.02);
  });
});
