import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { dualProj, upgrad } from "../src/index.js";

describe("UPGrad and DualProj at its edges", () => {
  it.each([
    ["UPGrad", upgrad],
    ["DualProj", dualProj],
  ])("%s is the mean where nothing conflicts, and nothing where all is opposite", (_, make) => {
    expectClose(combinedOf(make(), [[2, 0], [0, 4]]), [1, 2]); // prettier-ignore
    expectClose(combinedOf(make(), [[1, -2], [-1, 2]]), [0, 0], { scale: 1 }); // prettier-ignore
  });

  it("project each gradient, or their mean, on the cone of directions that hurt no task", () => {
    // The projections of (1, 0) and (−1, 1) are (1/2, 1/2) and (0, 1); their mean is (0, 1/2) before, on the cone's edge.
    expectClose(combinedOf(upgrad(), [[1, 0], [-1, 1]]), [0.25, 0.75]); // prettier-ignore
    expectClose(combinedOf(dualProj(), [[1, 0], [-1, 1]]), [0, 0.5]); // prettier-ignore
  });

  it("weigh the tasks by preferences", () => {
    expectClose(combinedOf(upgrad({ weights: [1, 0] }), [[1, 0], [-1, 1]]), [0.5, 0.5]); // prettier-ignore
  });
});
