import { combinedOf, expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { metaBalance } from "../src/index.js";

describe("MetaBalance at its edges", () => {
  it("is the plain sum with relax 0, and gives every auxiliary the target's norm with relax 1 and beta 0", () => {
    const gradients = [[3, 4], [30, 0], [0, 0.1]]; // prettier-ignore
    expectClose(combinedOf(metaBalance({ relax: 0 }), gradients), [33, 4.1]);
    expectClose(combinedOf(metaBalance({ relax: 1, beta: 0 }), gradients), [8, 9]);
  });

  it("moves only larger auxiliaries with reduce, only smaller ones with enlarge", () => {
    const gradients = [[3, 4], [30, 0], [0, 0.1]]; // prettier-ignore
    expectClose(combinedOf(metaBalance({ relax: 1, beta: 0, strategy: "reduce" }), gradients), [8, 4.1]);
    expectClose(combinedOf(metaBalance({ relax: 1, beta: 0, strategy: "enlarge" }), gradients), [33, 9]);
  });

  it("measures against the target, whichever task it is", () => {
    expectClose(combinedOf(metaBalance({ relax: 1, beta: 0 }), [[3, 4], [30, 0]], { target: 1 }), [48, 24]); // prettier-ignore
  });

  it("lets the average of a task decay while its gradient is zero", () => {
    const pool = metaBalance({ relax: 1, beta: 0.5 });
    const { steps } = poolSteps(pool, [[[1], [1]], [[1], [0]], [[1], [1]]]); // prettier-ignore
    // Averages: target 0.5, 0.75, 0.875; auxiliary 0.5, 0.25, 0.625.
    expectClose(steps[2]?.weights, [1, 0.875 / 0.625]);
  });
});
