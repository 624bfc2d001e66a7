import { expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { igb } from "../src/index.js";

const unit = [[1, 0], [0, 1]]; // prettier-ignore

describe("IGB over epochs", () => {
  it("takes log losses in the base epoch, then weighs them by what is left of its mean losses", () => {
    const losses = [[1, 4], [3, 4], [1, 4]]; // prettier-ignore
    const { steps } = poolSteps(igb(), [unit, unit, unit], { losses, epochs: [1, 1, 2] });
    expectClose(steps[1]?.weights, [1 / 3, 1 / 4]);
    const [a, b] = [Math.exp(1 / 2), Math.exp(1)];
    expectClose(steps[2]?.weights, [(2 * a) / (a + b), (2 * b) / (a + b) / 4]);
  });
});
