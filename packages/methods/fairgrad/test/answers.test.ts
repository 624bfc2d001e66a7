import { answersTo, expectClose, hasNoAnswer, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { fairgrad } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

/** Where zero is in the convex hull, least squares stops anywhere, or never converges. */
const zeroInHull = new Set([
  "t2p4_opposite",
  "t2p4_zero_row",
  "t2p4_all_zero",
  "t3p4_zero_row",
  "t3p2_rank_deficient",
  "t3p2_self_matters",
]);

describe("FairGrad answers as recorded", () => {
  const usable = recordsOf(golden, ({ input: { case: name = "" }, output }) => {
    return !zeroInHull.has(name) && !name.includes("scale") && !hasNoAnswer(output);
  });
  for (const record of usable) {
    it(`matches to 1e-4, the accuracy of the reference's least squares: ${titleOf(record)}`, () => {
      const pool = fairgrad({ alpha: Number(record.options["alpha"]) });
      expectClose(answersTo(golden, record, pool)[0], record.output, { relative: 1e-4 });
    });
  }
});
