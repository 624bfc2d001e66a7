import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { gradCraft } from "../src/index.js";

describe("GradCraft at its edges", () => {
  it("is PCGrad's mean for two tasks with tau and epsilon 0", () => {
    // Each on the normal plane of the other: (1/2, 1/2) and (0, 1).
    expectClose(combinedOf(gradCraft({ tau: 0, epsilon: 0 }), [[1, 0], [-1, 1]]), [0.25, 0.75]); // prettier-ignore
  });

  it("gives all tasks the largest norm with tau 1", () => {
    expectClose(combinedOf(gradCraft({ tau: 1 }), [[1, 0], [0, 100]]), [50, 50]); // prettier-ignore
  });

  it("keeps the cosine epsilon to a task that was in conflict", () => {
    const [x = 0, y = 0] = combinedOf(gradCraft({ tau: 0, epsilon: 0.1, reduction: "sum" }), [[1, 0], [-1, 1]]); // prettier-ignore
    // g̃₁ = g₁ + c g₂ and g̃₂ = g₂ + e g₁, with ⟨g̃₁, g₂⟩ = −1 + 2c and ⟨g̃₂, g₁⟩ = −1 + e both ε ‖g₁‖ ‖g₂‖.
    const kept = 0.1 * Math.SQRT2;
    const [c, e] = [(1 + kept) / 2, 1 + kept];
    expectClose([x, y], [1 - c - 1 + e, c + 1]);
  });

  it("takes the minimum-norm solution where conflicting gradients are collinear", () => {
    const gradients = [[1, 0], [-1, 1], [-2, 2]]; // prettier-ignore
    // The first leaves the plane of both others at once; each of them leaves that of the first.
    expectClose(combinedOf(gradCraft({ tau: 0, epsilon: 0, reduction: "sum" }), gradients), [0.5, 3.5]);
  });
});
