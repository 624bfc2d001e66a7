import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { alignedMtl } from "../src/index.js";

describe("Aligned-MTL at its edges", () => {
  it("brings gradients at a right angle to one length: least, median (the lower of two) or root mean square", () => {
    const gradients = [[3, 0], [0, 4]]; // prettier-ignore
    expectClose(combinedOf(alignedMtl(), gradients), [1.5, 1.5]);
    expectClose(combinedOf(alignedMtl({ mode: "median" }), gradients), [1.5, 1.5]);
    const root = Math.sqrt((9 + 16) / 2) / 2;
    expectClose(combinedOf(alignedMtl({ mode: "rmse" }), gradients), [root, root]);
  });

  it("weighs the aligned gradients by the tasks' preferences", () => {
    expectClose(combinedOf(alignedMtl({ weights: [1, 0] }), [[3, 0], [0, 4]]), [3, 0]); // prettier-ignore
  });

  it("aligns what the gradients span, where they are collinear", () => {
    expectClose(combinedOf(alignedMtl(), [[1, 2], [1, 2]]), [1, 2]); // prettier-ignore
  });
});
