import { combinedOf, expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { multiBalance } from "../src/index.js";

describe("MultiBalance at its edges", () => {
  it("keeps equal weights with step size 0", () => {
    expectClose(combinedOf(multiBalance({ beta: 0 }), [[2, 0], [0, 4]]), [1, 2]); // prettier-ignore
  });

  it("gives one task alone its gradient", () => {
    expectClose(combinedOf(multiBalance(), [[3, -4]]), [3, -4]);
  });

  it("follows the norms slowly, and not at all without the averages", () => {
    const steps = [[[1]], [[11]]];
    expectClose(poolSteps(multiBalance({ gamma: 0.1 }), steps).steps[1]?.combined, [2]);
    expectClose(poolSteps(multiBalance({ ema: false }), steps).steps[1]?.combined, [11]);
  });

  it("gives a task with a zero gradient nothing to add", () => {
    const [x = NaN, y = NaN] = combinedOf(multiBalance(), [[1, 0], [0, 0]]); // prettier-ignore
    expect(x).toBeGreaterThanOrEqual(0);
    expect(y).toBe(0);
  });
});
