import { combinedOf, expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { dwa } from "../src/index.js";

describe("dynamic weight averaging at its edges", () => {
  const unit = [[1], [1]];

  it("weighs all tasks alike for two epochs, then those that fall slowly more, to the number of tasks in all", () => {
    const losses = [[4, 4], [2, 4], [1, 4]]; // prettier-ignore
    const { steps } = poolSteps(dwa(), [unit, unit, unit], { epochs: [1, 2, 3], losses });
    expectClose(steps[0]?.weights, [1, 1]);
    expectClose(steps[1]?.weights, [1, 1]);
    // Ratios of the second to the first epoch, 1/2 and 1, at the temperature 2.
    const [a, b] = [Math.exp(0.25), Math.exp(0.5)];
    expectClose(steps[2]?.weights, [(2 * a) / (a + b), (2 * b) / (a + b)]);
  });

  it("means the losses of an epoch's steps", () => {
    const losses = [[2, 4], [6, 4], [2, 4], [1, 1]]; // prettier-ignore
    const { steps } = poolSteps(dwa({ temperature: 1 }), [unit, unit, unit, unit], { epochs: [1, 1, 2, 3], losses });
    const [a, b] = [Math.exp(0.5), Math.exp(1)];
    expectClose(steps[3]?.weights, [(2 * a) / (a + b), (2 * b) / (a + b)]);
  });

  it("refuses a loss that is not positive, naming task and value", () => {
    expect(() => combinedOf(dwa(), unit, { losses: [[1, -1]] })).toThrow(/loss.* -1/);
  });
});
