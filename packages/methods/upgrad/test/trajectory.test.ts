import { describePareto, even, neverRises } from "@gradpool/testkit/trajectories";
import { describe, it } from "vitest";
import { dualProj, upgrad } from "../src/index.js";

for (const [name, make] of [
  ["UPGrad", upgrad],
  ["DualProj", dualProj],
] as const) {
  describePareto(name, () => make(), { disparate: { rate: 5e-4, steps: 20_000 } }, { describe, it });

  describe(`${name} at small steps`, () => {
    it("never lets a loss rise on the way", () => neverRises(make(), even, { rate: 0.01, steps: 500 }));
  });
}
