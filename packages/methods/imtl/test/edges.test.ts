import { combinedOf, expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { imtl } from "../src/index.js";

describe("IMTL-G at its edges", () => {
  it("shares by norms at a right angle: equal projections, weights of sum one", () => {
    const [step] = poolSteps(imtl(), [[[3, 0], [0, 1]]]).steps; // prettier-ignore
    expectClose(step?.weights, [0.25, 0.75]);
    expectClose(step?.combined, [0.75, 0.75]);
  });

  it("takes nothing where no projections can be equal, or the weights cancel", () => {
    expect(combinedOf(imtl(), [[1, -2], [-1, 2]])).toEqual([0, 0]); // prettier-ignore
  });

  it("takes the minimum-norm weights among equal gradients", () => {
    expectClose(poolSteps(imtl(), [[[1, 2], [1, 2]]]).steps[0]?.weights, [0.5, 0.5]); // prettier-ignore
  });
});
