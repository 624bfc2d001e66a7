import { expectClose, poolSteps, readGolden, recordsOf, stepsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { moco } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("MoCo answers as recorded", () => {
  for (const record of recordsOf(golden, { method: "MoCo" })) {
    it(`matches to 1e-7 in the reference's form: unit gradients times losses, softmax, raw Gram: ${titleOf(record)}`, () => {
      const option = (name: string): number => Number(record.options[name]);
      const pool = moco({
        beta: option("beta"),
        gamma: option("gamma"),
        rho: option("rho"),
        betaSigma: option("beta_sigma"),
        gammaSigma: option("gamma_sigma"),
        relative: false,
        projection: "softmax",
      });
      const steps = stepsOf(golden, record).map((step, k) =>
        step.map((row, i) => {
          const scale = (record.input.losses?.[k]?.[i] as number) / Math.hypot(...row);
          return row.map((x) => x * scale);
        }),
      );
      const got = poolSteps(pool, steps).steps.map(({ combined }) => combined);
      expectClose(got, record.output, { relative: 1e-7 });
    });
  }
});
