import { expectAnswers, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { ew } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("equal weighting answers as recorded", () => {
  for (const [method, reduction] of [
    ["Sum", "sum"],
    ["Mean", "mean"],
  ] as const) {
    for (const record of recordsOf(golden, { method })) {
      it(`matches ${titleOf(record)}`, () => {
        if (record.input.losses === undefined) expectAnswers(golden, record, ew({ reduction }));
        else expect(record.options["kind"]).toBe("scalarizer");
      });
    }
  }
});
