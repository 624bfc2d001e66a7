import { combinedOf, expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { fairgrad } from "../src/index.js";

describe("FairGrad at its edges", () => {
  it("adds unit gradients at a right angle with alpha 1: the Nash bargain", () => {
    expectClose(combinedOf(fairgrad({ alpha: 1 }), [[3, 0], [0, 100]]), [1, 1]); // prettier-ignore
  });

  it("solves G w = w^(−1/α) for other alphas", () => {
    // At a right angle: n² w = w^(−1/2), w = n^(−4/3).
    const [step] = poolSteps(fairgrad({ alpha: 2 }), [[[8, 0], [0, 1]]]).steps; // prettier-ignore
    expectClose(step?.weights, [8 ** (-4 / 3), 1]);
  });

  it("answers with nothing where gradients are opposite: no task can gain", () => {
    expect(combinedOf(fairgrad(), [[1, -2], [-1, 2]])).toEqual([0, 0]); // prettier-ignore
  });
});
