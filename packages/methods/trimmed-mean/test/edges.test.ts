import { combinedOf } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { trimmedMean } from "../src/index.js";

describe("the trimmed mean at its edges", () => {
  it("drops the largest and the smallest of each coordinate", () => {
    expect(combinedOf(trimmedMean(), [[1, -9], [2, 5], [1e9, 7]])).toEqual([2, 5]); // prettier-ignore
  });

  it("refuses fewer tasks than 2k + 1, saying what it takes", () => {
    expect(() => combinedOf(trimmedMean(), [[1], [2]])).toThrow("2 tasks (trimmed-mean, step 1): give 3 or more"); // prettier-ignore
  });
});
