import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { sdmgrad } from "../src/index.js";

describe("SDMGrad at its edges", () => {
  it("gives one task alone its gradient", () => {
    expectClose(combinedOf(sdmgrad(), [[3, -4]]), [3, -4]);
  });

  it("tends to the mean as the pull towards it grows", () => {
    expectClose(combinedOf(sdmgrad({ rho: 1e9 }), [[2, 0], [0, 4]]), [1, 2], { relative: 1e-8 }); // prettier-ignore
  });

  it("tends to the minimum-norm point without it", () => {
    expectClose(combinedOf(sdmgrad({ rho: 0, iterations: 2000 }), [[1, 0], [0, 3]]), [0.9, 0.3]); // prettier-ignore
  });
});
