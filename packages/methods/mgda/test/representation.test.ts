import { describeRecorded, playRecorded, recordedOf } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { mgda } from "../src/index.js";

// MGDA-UB is MGDA on dL/dΦ of the shared representation, batch × width flattened: no method of its own.
const file = new URL("./golden2.json", import.meta.url);
const beaten = "mgda-ub-898";

describeRecorded({ file, method: "mgda-ub", pool: () => mgda(), except: [beaten] }, { describe, it });

describe("MGDA on rows 24 orders of magnitude apart", () => {
  it(`is shorter than recorded (${beaten}): the recorded point, the smallest row alone, points against the next`, () => {
    const record = recordedOf(file, "mgda-ub").find(({ id }) => id === beaten)!;
    playRecorded(mgda(), record).forEach(({ combined, weights }, k) => {
      const recorded = record.output?.[k] ?? [];
      const rows = record.input.steps[k]?.gradients ?? [];
      expect(Math.hypot(...combined)).toBeLessThanOrEqual(Math.hypot(...recorded) * (1 + 1e-12));
      for (const row of rows) {
        const along = row.reduce((sum, x, p) => sum + x * (combined[p] as number), 0);
        expect(along).toBeGreaterThanOrEqual(-1e-13 * Math.hypot(...row) * Math.hypot(...combined));
      }
      expect(weights?.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    });
    expect(Math.hypot(...(playRecorded(mgda(), record)[0]?.combined ?? []))).toBeLessThan(
      0.95 * Math.hypot(...(record.output?.[0] ?? [])),
    );
  });
});
