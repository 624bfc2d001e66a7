import { expectClose, lossWeights, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { gls } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("the geometric loss strategy answers as recorded", () => {
  for (const record of recordsOf(golden, { method: "GLS (GeometricMean)" })) {
    it(`matches to 1e-9: ${titleOf(record)}`, () => expectClose(lossWeights(gls(), record), record.output));
  }
});
