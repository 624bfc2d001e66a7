import { describePareto, disparate, distance, endOf, even, neverRises } from "@gradpool/testkit/trajectories";
import { describe, expect, it } from "vitest";
import { nashMtl } from "../src/index.js";

describePareto(
  "Nash-MTL",
  () => nashMtl(),
  { even: { rate: 0.1, decay: 0.997, steps: 6000 }, disparate: { rate: 0.1, decay: 0.997, steps: 6000 } },
  { describe, it },
);

describe("Nash-MTL on a pair 1,000 apart in scale", () => {
  it("ends where it ends on the even pair, since it ignores a task's scale", () => {
    const run = { rate: 0.1, decay: 0.997, steps: 6000 };
    expect(distance(endOf(nashMtl(), even, run), endOf(nashMtl(), disparate, run))).toBeLessThan(0.02);
  });
});

describe("Nash-MTL at small steps", () => {
  it("never lets a loss rise on the way", () => neverRises(nashMtl(), even, { rate: 0.005, decay: 0.99, steps: 500 }));
});
