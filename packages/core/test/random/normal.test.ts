import { describe, expect, it } from "vitest";
import { createRandom, restoreRandom } from "../../src/index.js";
import { chiBounds, chiSquare } from "./generator.js";

const n = 100_000;
const random = createRandom(3);
const z = Float64Array.from({ length: n }, () => random.normal());

/** Φ⁻¹(k / 20) for k = 1 … 10, from tables. */
const quantiles = [
  -1.6448536269514722, -1.2815515655446004, -1.0364333894937898, -0.8416212335729143, -0.6744897501960817,
  -0.5244005127080409, -0.38532046640756773, -0.2533471031357997, -0.12566134685507402, 0,
];

describe("normal numbers", () => {
  it("have the moments of a normal distribution up to the sixth", () => {
    const moment = (power: number): number => z.reduce((sum, x) => sum + x ** power, 0) / n;
    // Of zᵏ: mean (k − 1)!! or 0, and variance (2k − 1)!! less its square.
    for (const [power, mean, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
      [5, 0, 945],
      [6, 15, 10_170],
    ] as const) {
      expect(Math.abs(moment(power) - mean), `moment ${power}`).toBeLessThan(5 * Math.sqrt(variance / n));
    }
  });

  it("fall evenly between the twentieths of a normal distribution", () => {
    const edges = [...quantiles, ...quantiles.slice(0, -1).map((q) => -q)].sort((a, b) => a - b);
    const cells = new Float64Array(20);
    for (const x of z) cells[edges.filter((edge) => edge < x).length]! += 1;
    const { low, high } = chiBounds(19);
    expect(chiSquare(cells, n / 20)).toBeGreaterThan(low);
    expect(chiSquare(cells, n / 20)).toBeLessThan(high);
  });

  it("reach beyond four standard deviations as often as they should", () => {
    const far = z.filter((x) => Math.abs(x) > 4).length;
    // P(|z| > 4) = 6.33e-5.
    expect(far).toBeGreaterThan(0);
    expect(far).toBeLessThan(22);
  });

  it("do not depend on the one before", () => {
    let sum = 0;
    for (let k = 1; k < n; k++) sum += z[k]! * z[k - 1]!;
    expect(Math.abs(sum)).toBeLessThan(5 * Math.sqrt(n));
  });

  it("draw nothing ahead: the state after one is all that the next depends on", () => {
    const drawing = createRandom(8);
    for (let k = 0; k < 100; k++) {
      const restored = restoreRandom(drawing.getState());
      expect(drawing.normal()).toBe(restored.normal());
    }
  });

  it("have known values", () => {
    const known = createRandom(1, 1);
    expect([known.normal(), known.normal(), known.normal()]).toEqual([
      -0.3542171033568529, 0.07786640229465641, -0.3807726758934322,
    ]);
  });
});
