import { expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { rlw, type RlwOptions } from "../src/index.js";

describe("random loss weighting at its edges", () => {
  it.each<RlwOptions["distribution"]>(["normal", "uniform", "dirichlet", "bernoulli"])(
    "draws %s weights that are shares: none negative, one in all, in every step anew",
    (distribution) => {
      const steps = poolSteps(
        rlw({ distribution }),
        Array.from({ length: 200 }, () => [[1], [1], [1]]),
      ).steps;
      for (const { weights } of steps) {
        expect(Math.min(...(weights ?? []))).toBeGreaterThanOrEqual(0);
        expectClose(
          weights?.reduce((sum, weight) => sum + weight, 0),
          1,
        );
      }
      expect(new Set(steps.map(({ weights }) => String(weights))).size).toBeGreaterThan(
        distribution === "bernoulli" ? 5 : 190,
      );
    },
  );

  it("keeps a draw for a whole epoch, and draws for the next", () => {
    const { steps } = poolSteps(
      rlw({ every: "epoch" }),
      [
        [[1], [1]],
        [[1], [1]],
        [[1], [1]],
      ],
      { epochs: [1, 1, 2] },
    );
    const [first, second, third] = steps.map(({ weights }) => String(weights));
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });
});
