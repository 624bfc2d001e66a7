import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { pcgradPlus } from "../src/index.js";

describe("PCGrad+ at its edges", () => {
  it("is PCGrad's mean with tau and epsilon 0", () => {
    expectClose(combinedOf(pcgradPlus({ tau: 0 }), [[1, 0], [-1, 1]]), [0.25, 0.75]); // prettier-ignore
  });

  it("gives all tasks the largest norm with tau 1", () => {
    expectClose(combinedOf(pcgradPlus({ tau: 1 }), [[1, 0], [0, 100]]), [50, 50]); // prettier-ignore
  });

  it("leaves nothing of opposite gradients", () => {
    expectClose(combinedOf(pcgradPlus(), [[1, -2], [-1, 2]]), [0, 0], { scale: 1 }); // prettier-ignore
  });
});
