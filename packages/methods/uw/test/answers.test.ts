import { expectClose, lossWeights, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { uw } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("uncertainty weighting answers as recorded", () => {
  for (const record of recordsOf(golden, { method: "UW" })) {
    it(`matches to 1e-9: ${titleOf(record)}`, () =>
      expectClose(lossWeights(uw({ learningRate: 0 }), record), record.output));
  }
});
