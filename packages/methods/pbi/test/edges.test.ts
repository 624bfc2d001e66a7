import { combinedOf } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { pbi } from "../src/index.js";

describe("PBI at its edges", () => {
  it("makes the smaller of two losses climb towards the ray", () => {
    const [large = NaN, small = NaN] = combinedOf(pbi(), [[1, 0], [0, 1]], { losses: [[2, 1]] }); // prettier-ignore
    expect(large).toBeCloseTo(6 * Math.SQRT1_2, 12);
    expect(small).toBeCloseTo(-4 * Math.SQRT1_2, 12);
  });
});
