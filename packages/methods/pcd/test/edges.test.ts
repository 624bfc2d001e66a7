import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { pcd } from "../src/index.js";

const opposed = [[1, -2], [-1, 2]]; // prettier-ignore

describe("PCD at its edges", () => {
  it("climbs the target where its only auxiliary is opposed, as published, unless guarded", () => {
    expectClose(combinedOf(pcd(), opposed), [-1, 2]);
    expectClose(combinedOf(pcd({ guard: "target" }), opposed), [1, -2]);
  });

  it("follows the target where no direction serves two opposed auxiliaries", () => {
    expectClose(combinedOf(pcd(), [[3, 0], [0, 1], [0, -1]]), [3, 0]); // prettier-ignore
  });

  it("takes a gain of its own for each auxiliary", () => {
    const rows = [[1, 0], [0, 1], [0, 1]]; // prettier-ignore
    expectClose(combinedOf(pcd({ taus: [0, 0.5, 1] }), rows), [Math.SQRT1_2, Math.SQRT1_2]);
  });
});
