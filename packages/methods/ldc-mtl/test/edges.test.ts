import { poolSteps } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { ldcMtl } from "../src/index.js";

const unit = [[1, 0], [0, 1]]; // prettier-ignore

describe("LDC-MTL at its edges", () => {
  it("has a negative weight for the smaller of two losses once 2λΣf > 1, and none below", () => {
    const weights = (lambda: number) =>
      poolSteps(ldcMtl({ lambda, normalize: "none" }), [unit], { losses: [[2, 1]] }).steps[0]?.weights ?? [];
    expect(weights(1.01)[1]).toBeLessThan(0);
    expect(weights(0.99)[1]).toBeGreaterThan(0);
  });

  it("refuses a first loss of 0, which nothing can be relative to", () => {
    expect(() => poolSteps(ldcMtl(), [unit], { losses: [[0, 1]] })).toThrow("loss is 0");
  });
});
