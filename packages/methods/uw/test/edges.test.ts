import { combinedOf, expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { uw } from "../src/index.js";

describe("uncertainty weighting at its edges", () => {
  it("starts at half the precision that is asked for", () => {
    expectClose(combinedOf(uw(), [[1, 0], [0, 1]], { losses: [[1, 1]] }), [0.5, 0.5]); // prettier-ignore
    expectClose(combinedOf(uw({ initial: Math.log(4) }), [[1]], { losses: [[1]] }), [0.125]);
  });

  it("stays where the variance is the loss", () => {
    const unit = [[1]];
    const { steps } = poolSteps(uw({ initial: Math.log(4) }), [unit, unit], { losses: [[4], [4]] });
    expectClose(steps[1]?.weights, [0.125]);
  });

  it("uses the variances of before its step", () => {
    const unit = [[1]];
    const { steps } = poolSteps(uw({ learningRate: 0.2 }), [unit, unit], { losses: [[5], [5]] });
    expectClose(steps[0]?.weights, [0.5]);
    // s = 0.2 · ½ · (5 − 1)
    expectClose(steps[1]?.weights, [Math.exp(-0.4) / 2]);
  });
});
