import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { gls } from "../src/index.js";

describe("the geometric loss strategy at its edges", () => {
  it("descends on the geometric mean: weights of mean over T times the loss", () => {
    expectClose(combinedOf(gls(), [[1, 0], [0, 1]], { losses: [[1, 4]] }), [1, 0.25]); // prettier-ignore
  });

  it("gives one task alone the weight 1, at any scale of its loss", () => {
    expectClose(combinedOf(gls(), [[1]], { losses: [[1e-200]] }), [1]);
  });

  it("refuses a loss that has no logarithm, naming task and value", () => {
    expect(() => combinedOf(gls(), [[1], [1]], { losses: [[1, 0]] })).toThrow(/loss.* 0/);
  });
});
