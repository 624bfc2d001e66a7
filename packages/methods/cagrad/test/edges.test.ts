import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { cagrad } from "../src/index.js";

describe("CAGrad at its edges", () => {
  it("is the mean with c 0", () => {
    expectClose(combinedOf(cagrad({ c: 0 }), [[1, 0], [-3, 4]]), [-1, 2]); // prettier-ignore
  });

  it("divides by 1 + c² and by 1 + c as asked", () => {
    const gradients = [[1, 0], [-3, 4]]; // prettier-ignore
    const plain = combinedOf(cagrad({ c: 0.5, rescale: 0 }), gradients);
    expectClose(
      combinedOf(cagrad({ c: 0.5, rescale: 1 }), gradients),
      plain.map((x) => x / 1.25),
    );
    expectClose(
      combinedOf(cagrad({ c: 0.5, rescale: 2 }), gradients),
      plain.map((x) => x / 1.5),
    );
  });

  it("goes c times the mean's length further where all gradients are one", () => {
    expectClose(combinedOf(cagrad({ c: 0.4, rescale: 0 }), [[1, 2], [1, 2]]), [1.4, 2.8]); // prettier-ignore
  });
});
