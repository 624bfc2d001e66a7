import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { projectDualCone } from "../src/index.js";
import { rowMass, rowsOf, rowTimes, runs, unitForm } from "./arbitraries.js";

describe("projectDualCone", () => {
  it("leaves a sum that conflicts with nobody as it is", () => {
    expect([...projectDualCone([1, 2], [1, 0.5, 0.5, 1], [0.5, 0.5], 2).weights]).toEqual([0.5, 0.5]);
  });

  it("gives weights v ≥ u with ⟨d, gᵢ⟩ ≥ 0, and raises a weight only where ⟨d, gᵢ⟩ = 0", () => {
    const starts = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(rowsOf, starts, (given, start) => {
        const { n } = given;
        const { norms, cosines } = unitForm(given);
        const u = start.slice(0, n);
        const { weights, status } = projectDualCone(norms, cosines, u, n);
        expect(status).toBe("optimal");
        const x = weights.map((w, i) => w * (norms[i] as number));
        const most = Math.max(...norms.map((norm, i) => norm * (u[i] as number)), 0);
        weights.forEach((w, i) => {
          expect(w).toBeGreaterThanOrEqual(u[i] as number);
          const along = rowTimes(cosines, n, i, x);
          const rounding = 1e-10 * (rowMass(cosines, n, i, x) + most);
          expect(along).toBeGreaterThanOrEqual(-rounding);
          const raised = (w - (u[i] as number)) * (norms[i] as number);
          if (raised > 1e-9 * most) expect(Math.abs(along)).toBeLessThanOrEqual(rounding);
        });
      }),
      runs,
    );
  });

  it("projects one of two conflicting gradients on the other's normal plane", () => {
    // u = (1, 0): d = g₁ + v₂ g₂ with ⟨d, g₂⟩ = 0, so v₂ = −⟨g₁, g₂⟩ / ‖g₂‖².
    for (const scale of [1e-12, 1, 1e12]) {
      const { weights } = projectDualCone([1, scale], [1, -0.5, -0.5, 1], [1, 0], 2);
      expect(weights[0]).toBe(1);
      expect((weights[1] as number) * scale).toBeCloseTo(0.5, 14);
    }
  });

  it("gives zero for a sum of nothing", () => {
    expect([...projectDualCone([1, 2], [1, -1, -1, 1], [0, 0], 2).weights]).toEqual([0, 0]);
  });
});
