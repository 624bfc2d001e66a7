import { answersTo, expectClose, type Matrix, readGolden, recordsOf, stepsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { nashMtl } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

/** How far a direction Σ aᵢgᵢ of two gradients is from a₁⟨d, g₁⟩ = a₂⟨d, g₂⟩, the bargain's condition. */
function unfairness(d: readonly number[], rows: Matrix): number {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, v, p) => sum + v * (y[p] as number), 0);
  const [g, h] = rows as [readonly number[], readonly number[]];
  const determinant = dot(g, g) * dot(h, h) - dot(g, h) ** 2;
  const a = (dot(d, g) * dot(h, h) - dot(d, h) * dot(g, h)) / determinant;
  const b = (dot(d, h) * dot(g, g) - dot(d, g) * dot(g, h)) / determinant;
  return Math.abs((a * dot(d, g)) / (b * dot(d, h)) - 1);
}

describe("Nash-MTL answers as recorded", () => {
  for (const record of recordsOf(golden, (r) => r.method === "NashMTL" && r.input.case === "seq_t2p4")) {
    it(`matches to 1e-3 (a conic solver) at every step where the reference has not stalled: ${titleOf(record)}`, () => {
      const every = Number(record.options["update_weights_every"]);
      const got = answersTo(golden, record, nashMtl({ maxNorm: Number(record.options["max_norm"]), every }));
      stepsOf(golden, record).forEach((rows, k) => {
        const wanted = (record.output as number[][])[k] as number[];
        if (k % every === 0) expect(unfairness(got[k] as number[], rows)).toBeLessThan(1e-9);
        if (k % every === 0 && unfairness(wanted, rows) > 1e-2) return;
        expectClose(got[k], wanted, { relative: 1e-3 });
      });
    });
  }
});
