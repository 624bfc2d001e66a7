import { answersTo, expectClose, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { gradvac } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

const own = "baiyimeng/GradCraft";

describe("GradVac answers as recorded", () => {
  for (const record of recordsOf(golden, (r) => r.method === "GradVac" && r.source !== own)) {
    it(`matches to 1e-7: the reference adds 1e-8 to its denominators: ${titleOf(record)}`, () => {
      const pool = gradvac({ beta: Number(record.options["beta"]) });
      expectClose(answersTo(golden, record, pool), record.output, { relative: 1e-7 });
    });
  }

  for (const record of recordsOf(golden, { method: "GradVac", source: own })) {
    it(`differs, since that code moves its goals only where it projects, and not always as in the paper's algorithm 1: ${titleOf(record)}`, () => {
      const pool = gradvac({ beta: Number(record.options["beta"]), reduction: "mean" });
      const got = answersTo(golden, record, pool);
      const wanted = record.output as number[][];
      // Before the first conflict both are the mean.
      expectClose(got[0], wanted[0]);
      expect(() => expectClose(got, wanted)).toThrow();
    });
  }
});
