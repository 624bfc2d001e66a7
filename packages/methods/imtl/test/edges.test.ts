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

  it("climbs for every task where its weights add up to less than zero, as published, unless guarded", () => {
    const rows = [[1, 0, 0], [0.0009, Math.sqrt(0.19) * 1e-3, 0], [0.1, 0.9406, 0.3244]]; // prettier-ignore
    const [up, down] = [combinedOf(imtl(), rows), combinedOf(imtl({ guard: "descent" }), rows)];
    for (const row of rows) {
      const along = (d: number[]) => row.reduce((sum, x, p) => sum + x * (d[p] ?? NaN), 0);
      expect(along(up)).toBeLessThan(0);
      expect(along(down)).toBeGreaterThan(0);
    }
  });
});
