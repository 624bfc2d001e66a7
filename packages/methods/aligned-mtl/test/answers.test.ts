import { answersTo, expectClose, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { alignedMtl } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("Aligned-MTL answers as recorded", () => {
  const modes = recordsOf(
    golden,
    (r) => r.method === "AlignedMTL" && r.source === "TorchJD" && r.input.case === "t5p10_random",
  );
  for (const record of modes) {
    it(`matches to 1e-9: ${titleOf(record)}`, () => {
      const pool = alignedMtl({ mode: String(record.options["scale_mode"]) as "min" | "median" | "rmse" });
      expectClose(answersTo(golden, record, pool)[0], record.output);
    });
  }
});
