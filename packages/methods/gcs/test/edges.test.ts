import { combinedOf } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { gcs } from "../src/index.js";

describe("gradient cosine at its edges", () => {
  it("has nothing to agree with where the target's gradient is zero", () => {
    expect(combinedOf(gcs(), [[0, 0], [3, 4]])).toEqual([0, 0]); // prettier-ignore
  });

  it("leaves out an auxiliary at a right angle", () => {
    expect(combinedOf(gcs(), [[1, 0], [0, 5]])).toEqual([1, 0]); // prettier-ignore
  });
});
