import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { dbMtl } from "../src/index.js";

describe("DB-MTL at its edges", () => {
  const gradients = [[1, 0], [0, 3], [0, 0.5]]; // prettier-ignore
  const losses = [[1, 1, 1]];

  it("gives every task the norm that is asked for: the largest, the median, the mean, the least", () => {
    const sum = (target: "max" | "median" | "mean" | "min"): number[] =>
      combinedOf(dbMtl({ beta: 0, target }), gradients, { losses });
    expectClose(sum("max"), [3, 6]);
    expectClose(sum("median"), [1, 2]);
    expectClose(sum("mean"), [1.5, 3]);
    expectClose(sum("min"), [0.5, 1]);
  });

  it("balances gradients of the logarithms: a loss divides its gradient", () => {
    expectClose(combinedOf(dbMtl({ beta: 0 }), [[1, 0], [0, 3]], { losses: [[1, 10]] }), [1, 1]); // prettier-ignore
  });

  it("refuses a loss that has no logarithm, naming task and value", () => {
    expect(() => combinedOf(dbMtl(), gradients, { losses: [[1, 0, 1]] })).toThrow(/loss.* 0/);
  });
});
