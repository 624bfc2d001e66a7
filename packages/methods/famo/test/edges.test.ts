import { combinedOf, expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { famo } from "../src/index.js";

describe("FAMO at its edges", () => {
  it("starts with equal shares of the logarithms: weights as the inverse losses, of sum one", () => {
    const [step] = poolSteps(famo(), [[[1], [1]]], { losses: [[1, 3]] }).steps; // prettier-ignore
    expectClose(step?.weights, [0.75, 0.25]);
  });

  it("gives more to a task whose loss has fallen less", () => {
    const unit = [[1], [1]];
    const { steps } = poolSteps(famo(), [unit, unit], { losses: [[1, 1], [0.5, 1]] }); // prettier-ignore
    const [a = 0, b = 0] = steps[1]?.weights ?? [];
    // Shares of the logarithms: the weights times the losses.
    expect(1 * b).toBeGreaterThan(0.5 * a);
  });

  it("refuses a loss that has no logarithm, naming task and value", () => {
    expect(() => combinedOf(famo(), [[1], [1]], { losses: [[1, 0]] })).toThrow(/loss.* 0/);
  });
});
