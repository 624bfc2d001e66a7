import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { graddrop } from "../src/index.js";

describe("GradDrop at its edges", () => {
  it("keeps everything where all signs are one", () => {
    expectClose(combinedOf(graddrop(), [[1, -2], [3, -4]]), [4, -6]); // prettier-ignore
  });

  it("keeps one side of a coordinate, never both", () => {
    for (let seed = 1; seed <= 20; seed++) {
      expect([1, -3]).toContain(combinedOf(graddrop(), [[1], [-3]], { seed })[0]); // prettier-ignore
    }
  });

  it("is the plain sum where nothing may be dropped", () => {
    expectClose(combinedOf(graddrop({ leak: [1, 1] }), [[1], [-3]]), [-2]); // prettier-ignore
  });
});
