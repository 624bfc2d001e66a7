import { combinedOf } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { cosmos } from "../src/index.js";

const unit = [[1, 0], [0, 1]]; // prettier-ignore

describe("COSMOS at its edges", () => {
  it("has negative weights where the pull is strong", () => {
    const [, w = NaN] = combinedOf(cosmos({ lambda: 100 }), unit, { losses: [[10, 0.1]] });
    expect(w).toBeLessThan(0);
  });

  it("draws preferences of sum 1 from the step's own generator", () => {
    const draw = (seed: number) =>
      combinedOf(cosmos({ lambda: 0, sample: "dirichlet" }), unit, { losses: [[1, 1]], seed });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect((draw(3)[0] ?? NaN) + (draw(3)[1] ?? NaN)).toBeCloseTo(1, 12);
  });
});
