import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { pcgrad } from "../src/index.js";

describe("PCGrad at its edges", () => {
  it("leaves gradients that do not conflict as they are: one alone, equal, at a right angle", () => {
    expectClose(combinedOf(pcgrad(), [[3, 4]]), [3, 4]);
    expectClose(combinedOf(pcgrad(), [[1, 2], [1, 2]]), [2, 4]); // prettier-ignore
    expectClose(combinedOf(pcgrad(), [[2, 0], [0, 3]]), [2, 3]); // prettier-ignore
  });

  it("leaves nothing of opposite gradients, of whatever lengths", () => {
    expectClose(combinedOf(pcgrad(), [[1, -2], [-1e3, 2e3]]), [0, 0], { scale: 1e3 }); // prettier-ignore
  });

  it("leaves the target's gradient alone against the target", () => {
    const pool = pcgrad({ against: "target" });
    expectClose(combinedOf(pool, [[1, 0], [-90, 30]]), [1, 30]); // prettier-ignore
    expectClose(combinedOf(pool, [[1, 0], [-90, 30]], { target: 1 }), [0.1 - 90, 0.3 + 30]); // prettier-ignore
  });

  it("depends on the order from three tasks on", () => {
    const gradients = [[1, 0], [-1, 1], [-1, -2]]; // prettier-ignore
    const first = combinedOf(pcgrad(), gradients, { order: [[1, 2], [0, 2], [0, 1]] }); // prettier-ignore
    const second = combinedOf(pcgrad(), gradients, { order: [[2, 1], [2, 0], [1, 0]] }); // prettier-ignore
    expect(first).not.toEqual(second);
  });
});
