import { answersTo, expectClose, hasNoAnswer, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { pcgradPlus } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("PCGrad+ answers as recorded", () => {
  const usable = recordsOf(
    golden,
    ({ options, input, output }) =>
      Number(options["e"]) === 0 &&
      input.case !== "t3p2_self_matters" &&
      !hasNoAnswer(output) &&
      !String(options["note"] ?? "").includes("sums to exactly 0"),
  );
  for (const record of usable) {
    it(`matches to 1e-9: ${titleOf(record)}`, () =>
      expectClose(answersTo(golden, record, pcgradPlus({ tau: Number(record.options["r"]) }))[0], record.output));
  }
});
