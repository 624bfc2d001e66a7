import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { mgda } from "../src/index.js";

describe("MGDA at its edges", () => {
  it("stops where the gradients are opposite", () => {
    expectClose(combinedOf(mgda(), [[1, -2], [-3, 6]]), [0, 0], { scale: 1 }); // prettier-ignore
  });

  it("takes the shorter of two gradients of one direction, and one alone as it is", () => {
    expectClose(combinedOf(mgda(), [[1, 0], [3, 0]]), [1, 0]); // prettier-ignore
    expectClose(combinedOf(mgda(), [[3, -4]]), [3, -4]);
  });

  it("weighs gradients at a right angle by the squares of the others' norms", () => {
    expectClose(combinedOf(mgda(), [[1, 0], [0, 3]]), [0.9, 0.3]); // prettier-ignore
  });
});
