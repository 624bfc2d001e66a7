import { describePareto, disparate, distance, endOf, even, neverRises } from "@gradpool/testkit/trajectories";
import { describe, expect, it } from "vitest";
import { mgda } from "../src/index.js";

describePareto("MGDA", () => mgda(), { disparate: { rate: 0.05 } }, { describe, it });

describe("MGDA on a pair 1,000 apart in scale", () => {
  it("does not end at the large task's minimum, as equal weights do", () => {
    expect(distance(endOf(mgda(), disparate), disparate[1].centre)).toBeGreaterThan(0.5);
  });
});

describe("MGDA at small steps", () => {
  it("never lets a loss rise on the way", () => neverRises(mgda(), even, { rate: 0.01, steps: 500 }));
});
