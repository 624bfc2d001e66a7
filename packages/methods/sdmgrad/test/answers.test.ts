import { answersTo, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { sdmgrad } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("SDMGrad answers better than recorded", () => {
  for (const record of recordsOf(golden, { method: "SDMGrad" })) {
    it(`is nearer to the minimum of the paper's objective: the reference's step of 10 is not scaled and overshoots: ${titleOf(record)}`, () => {
      const got = answersTo(golden, record, sdmgrad({ rho: Number(record.options["lambda"]), iterations: 200 }));
      got.forEach((d, k) => {
        const theirs = (record.output as number[][])[k] as number[];
        expect(Math.hypot(...d)).toBeLessThanOrEqual(Math.hypot(...theirs) + 1e-6);
      });
    });
  }
});
