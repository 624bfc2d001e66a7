import { expectClose, lossWeights, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { stch } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("smooth Tchebycheff scalarisation answers as recorded", () => {
  for (const record of recordsOf(golden, { method: "STCH" })) {
    it(`matches to 1e-9: ${titleOf(record)}`, () =>
      expectClose(lossWeights(stch({ mu: Number(record.options["mu"]) }), record), record.output));
  }
});
