import { combinedOf, expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { moco } from "../src/index.js";

describe("MoCo at its edges", () => {
  it("starts from the first gradients at rate beta, and follows them", () => {
    const got = poolSteps(moco({ beta: 0.5 }), [[[2, 4]], [[2, 4]]]).steps.map(({ combined }) => combined);
    expectClose(
      got[1]?.map((x, k) => x / (got[0]?.[k] ?? NaN)),
      [1.5, 1.5],
    );
  });

  it("takes the gradients themselves with beta 1, in the weights' mean with gamma 0", () => {
    expectClose(combinedOf(moco({ beta: 1, gamma: 0 }), [[2, 0], [0, 4]]), [1, 2]); // prettier-ignore
  });
});
