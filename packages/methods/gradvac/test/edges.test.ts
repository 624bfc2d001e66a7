import { combinedOf, expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { gradvac } from "../src/index.js";

describe("GradVac at its edges", () => {
  it("projects opposite pulls on each other's normal plane while the goals are 0", () => {
    // Each on the normal plane of the other: (1/2, 1/2) and (0, 1).
    expectClose(combinedOf(gradvac({ beta: 0 }), [[1, 0], [-1, 1]]), [0.5, 1.5]); // prettier-ignore
  });

  it("leaves gradients alone that are nearer than their goal", () => {
    expectClose(combinedOf(gradvac(), [[2, 0], [2, 2]]), [4, 2]); // prettier-ignore
  });

  it("brings the next step's cosines up to the goal that this step has set", () => {
    const step = [[1, 0], [1, 1]]; // prettier-ignore
    const { steps } = poolSteps(gradvac({ beta: 1 }), [step, [[1, 0], [0, 1]]]); // prettier-ignore
    // The goal is the cosine √½ of the first step: (1, 0) becomes (1, 0) + (0, 1), then its pair meets the same goal.
    const [x = 0, y = 0] = steps[1]?.combined ?? [];
    expectClose([x, y], [2, 2]);
  });
});
