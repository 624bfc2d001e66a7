import { expectClose, readGolden, recordsOf, stepsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { dropSigns } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("GradDrop answers as recorded", () => {
  for (const record of recordsOf(golden, { method: "GradDrop" })) {
    it(`matches to 1e-9 with the recorded draws: ${titleOf(record)}`, () => {
      const rows = stepsOf(golden, record)[0] ?? [];
      const draws = (record.input["U"] as number[]).values();
      const leak = rows.map(() => Number(record.options["leak"]));
      const got = dropSigns(rows, () => draws.next().value as number, leak);
      expectClose(got, record.output);
    });
  }
});
