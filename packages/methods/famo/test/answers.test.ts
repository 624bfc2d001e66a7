import { expectClose, lossWeights, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { famo } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("FAMO answers as recorded", () => {
  for (const record of recordsOf(golden, { method: "FAMO" })) {
    it(`matches to 1e-9 with the reference's 1e-8 added to the losses: ${titleOf(record)}`, () => {
      const decay = Number(record.options["gamma(weight_decay)"] ?? record.options["weight_decay"]);
      const got = lossWeights(famo({ decay, epsilon: 1e-8 }), record);
      expectClose(got.slice(0, (record.output as unknown[]).length), record.output);
    });
  }
});
