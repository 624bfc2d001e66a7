import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { config } from "../src/index.js";

describe("ConFIG at its edges", () => {
  it("goes at equal angles to gradients at a right angle, as long as they are along it together", () => {
    expectClose(combinedOf(config(), [[3, 0], [0, 4]]), [3.5, 3.5]); // prettier-ignore
  });

  it("answers with nothing where gradients are opposite", () => {
    expectClose(combinedOf(config(), [[1, -2], [-1, 2]]), [0, 0], { scale: 1 }); // prettier-ignore
  });

  it("keeps the wanted cosines apart by the weights", () => {
    const [x = 0, y = 0] = combinedOf(config({ weights: [1, 2] }), [[3, 0], [0, 4]]); // prettier-ignore
    expectClose(y / x, 2);
  });
});
