import { expectClose, lossWeights, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { dwa } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("dynamic weight averaging answers as recorded", () => {
  for (const record of recordsOf(golden, { method: "DWA" })) {
    it(`matches to 1e-9, one step per epoch: ${titleOf(record)}`, () => {
      const pool = dwa({ temperature: Number(record.options["temperature"]) });
      expectClose(lossWeights(pool, record, { epochs: [1, 2, 3, 4, 5] }), record.output);
    });

    it(`matches to 1e-9, steps in the place of epochs, all in one: ${titleOf(record)}`, () => {
      const pool = dwa({ temperature: Number(record.options["temperature"]), every: "step" });
      expectClose(lossWeights(pool, record, { epochs: [1, 1, 1, 1, 1] }), record.output);
    });
  }
});
