import {
  answersTo,
  expectAnswers,
  expectClose,
  largest,
  outputsOf,
  readGolden,
  recordsOf,
  stepsOf,
  titleOf,
} from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { metaBalance } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));
const strategies = { A: "reduce", B: "enlarge", C: "both" } as const;

describe("MetaBalance answers as recorded", () => {
  for (const record of recordsOf(golden, ({ method }) => method.startsWith("MetaBalance"))) {
    const { method, options, fault } = record;
    const strategy = strategies[(method.split("-")[1] ?? "C") as keyof typeof strategies];
    const pool = metaBalance({ relax: Number(options["relax_factor"]), beta: Number(options["beta"]), strategy });
    if (fault === undefined) {
      it(`matches ${titleOf(record)}`, () => expectAnswers(golden, record, pool));
      continue;
    }
    it(`gives the defined answer where the reference fails (${fault}): ${titleOf(record)}`, () => {
      const [first = [], second = []] = stepsOf(golden, record);
      const got = answersTo(golden, record, pool);
      // Step 1, by hand: a zero auxiliary leaves the target alone; a zero target leaves (1 − r) of the auxiliary.
      const alone = record.input.case === "zero_aux_first_step" ? first[0] : first[1]?.map((x) => 0.3 * x);
      expectClose(got[0], alone);
      expectClose(got[1], outputsOf(golden, record)[1], { scale: largest(second) });
    });
  }
});
