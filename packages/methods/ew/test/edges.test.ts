import { poolContext, taskGradients, taskSet } from "@gradpool/core";
import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { ew } from "../src/index.js";

describe("equal weighting at its edges", () => {
  it("takes the mean over the tasks that are present, not over those that are not", () => {
    const tasks = taskSet(3);
    const present = [true, false, true];
    const gradients = taskGradients({ parameters: [{ name: "p", values: [[3], null, [5]] }], present });
    const { combined } = ew({ reduction: "mean" }).pool(gradients, poolContext({ tasks }), null);
    expectClose(combined.value("p"), [4]);
  });

  it("leaves opposite gradients at nothing, and one task alone as it is", () => {
    expect(
      combinedOf(ew(), [
        [1, -2],
        [-1, 2],
      ]),
    ).toEqual([0, 0]);
    expect(combinedOf(ew(), [[1e-12, -2e12]])).toEqual([1e-12, -2e12]);
  });
});
