import { answersTo, expectClose, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { cagrad } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("CAGrad answers as recorded", () => {
  const scaled = recordsOf(
    golden,
    (r) => r.method === "CAGrad" && r.source === "LibMTL" && r.input.case === "t5p10_random",
  );
  for (const record of scaled) {
    it(`matches to 1e-3, the accuracy of the reference's SLSQP: ${titleOf(record)}`, () => {
      const { calpha, rescale } = record.options;
      const pool = cagrad({ c: Number(calpha), rescale: Number(rescale) as 0 | 1 | 2 });
      expectClose(answersTo(golden, record, pool)[0], record.output, { relative: 1e-3 });
    });
  }
});
