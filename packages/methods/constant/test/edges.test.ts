import { combinedOf, poolSteps } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { constant } from "../src/index.js";

const gradients = [
  [1, -2],
  [3, 4],
];

describe("constant weights at their edges", () => {
  it("are 1 each where none are given: the plain sum", () => {
    expect(combinedOf(constant(), gradients)).toEqual([4, 2]);
  });

  it("may leave a task out, but not all of them", () => {
    expect(combinedOf(constant({ weights: [0, 2] }), gradients)).toEqual([6, 8]);
    expect(() => constant({ weights: [0, 0] })).toThrow("weights is [0,0] (constant): give at least one task a weight");
  });

  it("are not normalised: twice the weights are twice the gradient", () => {
    expect(combinedOf(constant({ weights: [2, 2] }), gradients)).toEqual([8, 4]);
  });

  it("refuse to be negative, endless, or more or fewer than the tasks, and name what there is", () => {
    expect(() => constant({ weights: [1, -1] })).toThrow("weights is [1,-1]");
    expect(() => constant({ weights: [1, Infinity] })).toThrow("weights is");
    expect(() => combinedOf(constant({ weights: [1, 1, 1] }), gradients)).toThrow("weights has 3 numbers for 2 tasks");
  });

  it("need no losses, and are the same in every step", () => {
    const { steps } = poolSteps(constant({ weights: [1, 0.5] }), [gradients, gradients, gradients]);
    for (const { weights } of steps) expect([...(weights ?? [])]).toEqual([1, 0.5]);
  });
});
