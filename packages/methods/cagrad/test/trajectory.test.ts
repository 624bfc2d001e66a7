import { describePareto, distance, endOf, even, minimumOf } from "@gradpool/testkit/trajectories";
import { describe, expect, it } from "vitest";
import { cagrad } from "../src/index.js";

// With c > 1 it crosses the set at full length from either side: only a falling rate comes to rest.
describePareto(
  "CAGrad, c = 1.5",
  () => cagrad({ c: 1.5 }),
  { even: { decay: 0.998, steps: 6000 }, disparate: { rate: 5e-4, decay: 0.9995, steps: 20_000 } },
  { describe, it },
);

describe("CAGrad with c < 1", () => {
  it("ends at the one minimum of the sum", () => {
    expect(distance(endOf(cagrad({ c: 0.4 }), even), minimumOf(even))).toBeLessThan(1e-3);
  });
});
