import { expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { gradnorm } from "../src/index.js";

const uneven = [[3, 0], [0, 1]]; // prettier-ignore
const three = [uneven, uneven, uneven];

describe("GradNorm at its edges", () => {
  it("lowers the weight of the larger gradient, whose weights add up to T", () => {
    const { steps } = poolSteps(gradnorm(), three, { losses: three.map(() => [1, 1]) });
    expectClose(steps[0]?.weights, [1, 1]);
    const [a = NaN, b = NaN] = steps[2]?.weights ?? [];
    expect(a).toBeLessThan(b);
    expect(a + b).toBeCloseTo(2, 12);
  });

  it("has equal weights in a warm-up epoch, whose mean losses are then the base", () => {
    const { steps, state } = poolSteps(gradnorm({ warmup: "epoch" }), three, { losses: [[1, 2], [3, 2], [1, 1]], epochs: [1, 1, 2] }); // prettier-ignore
    expectClose(steps[1]?.weights, [1, 1]);
    expectClose(state.base, [2, 2]);
  });

  it("looks at the last tensor alone, or at all", () => {
    const shapes = [[1], [1]];
    const weights = (on: "last" | "model") =>
      poolSteps(gradnorm({ on }), three, { shapes, losses: three.map(() => [1, 1]) }).steps[1]?.weights?.slice(0, 2) ??
      [];
    // The last tensor belongs to the second task alone.
    expect(weights("last")[1]).toBeLessThan(1);
    expect(weights("model")[0]).toBeLessThan(1);
  });

  it("never lets a renormalised weight below zero", () => {
    const pool = gradnorm({ parametrisation: "renormalise", optimizer: "sgd", lr: 1 });
    const { steps } = poolSteps(pool, three, { losses: three.map(() => [1, 1]) });
    for (const { weights } of steps) for (const weight of weights ?? []) expect(weight).toBeGreaterThanOrEqual(0);
    expectClose(steps[1]?.weights, [0, 2]);
  });
});
