import { answersTo, expectClose, hasNoAnswer, readGolden, recordsOf, stepsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { dbMtl } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("DB-MTL answers as recorded", () => {
  for (const record of recordsOf(golden, { method: "DB_MTL" })) {
    it(`matches to 1e-7, the reference's 1e-8 added to the losses: it adds as much to the norms: ${titleOf(record)}`, () => {
      const { options, input } = record;
      const pool = dbMtl({ beta: Number(options["DB_beta"]), sigma: Number(options["DB_beta_sigma"]) });
      const losses = (input.losses ?? []).map((row) => row.map((loss) => loss + 1e-8));
      expectClose(answersTo(golden, record, pool, { losses }), record.output, { relative: 1e-7 });
    });
  }

  const usable = recordsOf(
    golden,
    (r) => r.method === "DBMTL" && !String(r.options["note"]).includes("sums to exactly 0") && !hasNoAnswer(r.output),
  );
  for (const record of usable) {
    it(`matches to 1e-9 with losses of 1 and current gradients: ${titleOf(record)}`, () => {
      const losses = [(stepsOf(golden, record)[0] ?? []).map(() => 1)];
      expectClose(answersTo(golden, record, dbMtl({ beta: 0 }), { losses })[0], record.output);
    });
  }
});
