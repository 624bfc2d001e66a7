import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { stch } from "../src/index.js";

describe("smooth Tchebycheff scalarisation at its edges", () => {
  it("shares equally between equal losses", () => {
    expectClose(combinedOf(stch(), [[1, 0], [0, 1]], { losses: [[2, 2]] }), [0.25, 0.25]); // prettier-ignore
  });

  it("descends on the largest loss alone as mu becomes small, without an overflow", () => {
    expectClose(combinedOf(stch({ mu: 1e-9 }), [[1, 0], [0, 1]], { losses: [[1, 2]] }), [0, 0.5]); // prettier-ignore
  });

  it("measures losses from the ideal ones", () => {
    const pool = stch({ mu: 1e-9, reference: [0, 1.5] });
    expectClose(combinedOf(pool, [[1, 0], [0, 1]], { losses: [[1, 2]] }), [0.5, 0]); // prettier-ignore
  });

  it("refuses preferences that are not one per task", () => {
    expect(() => combinedOf(stch({ weights: [1, 2, 3] }), [[1], [1]], { losses: [[1, 1]] })).toThrow(/weights/);
  });
});
