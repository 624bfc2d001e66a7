import { endOf, even, onParetoSet } from "@gradpool/testkit/trajectories";
import { describe, it } from "vitest";
import { gradvac } from "../src/index.js";

describe("GradVac on two convex quadratics", () => {
  it("ends on the Pareto set", () => {
    // With the norms kept, projections vanish only where gradients are opposite, and there the sum's are equal and opposite.
    onParetoSet(even, endOf(gradvac({ beta: 0 }), even), 0.01);
  });
});
