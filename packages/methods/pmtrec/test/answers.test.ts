import { poolContext, taskGradients, taskSet } from "@gradpool/core";
import { expectClose, largest, type Matrix, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { pmtRec } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

interface Step {
  readonly epoch: number;
  /** T × rows × width. */
  readonly gradients: readonly Matrix[];
}

interface Answer {
  /** T × rows. */
  readonly weights: Matrix;
  readonly combined: Matrix;
}

describe("PMTRec answers as recorded", () => {
  for (const record of recordsOf(golden, { method: "PMTRec" })) {
    it(`matches ${titleOf(record)}`, () => {
      const option = (name: string): number => Number(record.options[name] ?? 0);
      const pool = pmtRec({ alpha: option("alpha"), tau: option("tau") });
      const steps = record.input.steps as readonly Step[];
      const want = record.output as unknown as readonly Answer[];
      steps.forEach(({ epoch, gradients }, k) => {
        const rows = gradients.map((table) => ({ ids: table.map((_, r) => r), values: table.flat() }));
        const width = gradients[0]?.[0]?.length as number;
        const tasks = taskSet(gradients.length, option("target"));
        const { combined } = pool.pool(
          taskGradients({ parameters: [{ name: "table", width, rows }] }),
          poolContext({ tasks, epoch, step: k + 1 }),
          pool.init(tasks),
        );
        const weights = combined.weights?.weights as Float64Array;
        const transposed = want[k]?.weights.map((row, t) =>
          row.map((_, r) => weights[r * gradients.length + t] as number),
        );
        expectClose(transposed, want[k]?.weights, { scale: 1 });
        expectClose(combined.value("table"), want[k]?.combined, { scale: largest(gradients) });
      });
      expect(steps.length).toBe(want.length);
    });
  }
});
