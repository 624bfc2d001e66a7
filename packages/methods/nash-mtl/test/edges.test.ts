import { combinedOf, expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { nashMtl } from "../src/index.js";

describe("Nash-MTL at its edges", () => {
  it("adds unit gradients at a right angle, cut to the norm maxNorm", () => {
    expectClose(combinedOf(nashMtl({ maxNorm: 0 }), [[3, 0], [0, 100]]), [1, 1]); // prettier-ignore
    expectClose(combinedOf(nashMtl(), [[3, 0], [0, 100]]), [Math.SQRT1_2, Math.SQRT1_2]); // prettier-ignore
  });

  it("answers with nothing where gradients are opposite: no task can gain", () => {
    expect(combinedOf(nashMtl(), [[1, -2], [-1, 2]])).toEqual([0, 0]); // prettier-ignore
  });

  it("keeps its weights between the steps that solve", () => {
    const steps = [[[1, 0], [0, 1]], [[1, 0], [0, 4]], [[1, 0], [0, 4]]]; // prettier-ignore
    const got = poolSteps(nashMtl({ every: 2, maxNorm: 0 }), steps).steps.map(({ weights }) =>
      Array.from(weights ?? []),
    );
    expectClose(got, [
      [1, 1],
      [1, 1],
      [1, 0.25],
    ]);
  });
});
