import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldGrams, type GramSet, inner, taskGradients } from "../../src/index.js";

const digits = 40n;

/** √n of a non-negative BigInt as mantissa × 2^exponent, exact to 40 decimal digits before it is rounded to float64. */
function root(n: bigint): number {
  if (n === 0n) return 0;
  const shift = 10n ** (2n * digits);
  let x = BigInt(Math.floor(Math.sqrt(Number(n)))) * 10n ** digits + 1n;
  for (let k = 0; k < 200; k++) {
    const next = (x + (n * shift) / x) / 2n;
    if (next === x || next === x + 1n) break;
    x = next;
  }
  return Number(x) / Number(10n ** digits);
}

/** a / √(b c) for BigInts. */
function exactCosine(a: bigint, b: bigint, c: bigint): number {
  if (b === 0n || c === 0n) return 0;
  const scaled = (a * a * 10n ** 60n) / (b * c);
  return (a < 0n ? -1 : 1) * (root(scaled) / 1e30);
}

const matrix = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 12 })).chain(([tasks, size]) =>
  fc.tuple(
    fc.array(fc.array(fc.integer({ min: -99, max: 99 }), { minLength: size, maxLength: size }), {
      minLength: tasks,
      maxLength: tasks,
    }),
    fc.array(fc.integer({ min: -900, max: 900 }), { minLength: tasks, maxLength: tasks }),
  ),
);

const gramOf = (rows: readonly (readonly number[])[]): GramSet =>
  taskGradients({ parameters: [{ name: "p", values: rows }] }).gram("parameter");

describe("the Gram in unit rows", () => {
  it("is exact to rounding at row scales from 2^-900 to 2^900, whatever the others' scale", () => {
    fc.assert(
      fc.property(matrix, ([integers, exponents]) => {
        const rows = integers.map((row, i) => row.map((x) => x * 2 ** (exponents[i] as number)));
        const { norms, cosines, tasks } = gramOf(rows);
        const big = integers.map((row) => row.map(BigInt));
        const product = (i: number, j: number): bigint =>
          (big[i] as bigint[]).reduce((sum, x, k) => sum + x * ((big[j] as bigint[])[k] as bigint), 0n);
        for (let i = 0; i < tasks; i++) {
          const want = root(product(i, i)) * 2 ** (exponents[i] as number);
          expect(Math.abs((norms[i] as number) - want)).toBeLessThanOrEqual(4e-16 * want);
          for (let j = 0; j < tasks; j++) {
            const cosine = i === j ? Number(want > 0) : exactCosine(product(i, j), product(i, i), product(j, j));
            expect(Math.abs((cosines[i * tasks + j] as number) - cosine)).toBeLessThanOrEqual(1e-15);
          }
        }
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it("counts a gradient of 1e-170, whose squares underflow, as what it is", () => {
    const { norms, cosines } = gramOf([
      [3e-170, 4e-170],
      [1, 0],
    ]);
    expect(norms[0]).toBeCloseTo(5e-170, 180);
    expect((norms[0] as number) / 5e-170).toBeCloseTo(1, 14);
    expect(cosines[1]).toBeCloseTo(0.6, 14);
  });

  it("has zero rows and columns for zero gradients, and cosines within [-1, 1]", () => {
    const { cosines, norms } = gramOf([
      [0, 0],
      [0.1, 0.3],
      [-0.1, -0.3],
    ]);
    expect([...cosines]).toEqual([0, 0, 0, 0, 1, -1, 0, -1, 1]);
    expect(norms[0]).toBe(0);
  });

  it("gives the same norms with and without inner products", () => {
    fc.assert(
      fc.property(matrix, ([rows]) => {
        const gradients = taskGradients({ parameters: [{ name: "p", values: rows }] });
        const alone = taskGradients({ parameters: [{ name: "p", values: rows }] }).gram("parameter", "norms");
        const full = gradients.gram("parameter");
        full.norms.forEach((norm, i) =>
          expect(Math.abs(norm - (alone.norms[i] as number))).toBeLessThanOrEqual(1e-14 * norm),
        );
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  it("adds up: shards, tensors and rows fold into the Gram of the whole", () => {
    fc.assert(
      fc.property(matrix, fc.nat(), ([integers, exponents], cut) => {
        const rows = integers.map((row, i) => row.map((x) => x * 2 ** ((exponents[i] as number) % 40)));
        const size = (rows[0] as number[]).length;
        const at = cut % (size + 1);
        const parts = [rows.map((row) => row.slice(0, at)), rows.map((row) => row.slice(at))];
        const folded = foldGrams(
          taskGradients({ parameters: parts.map((values, k) => ({ name: `p${k}`, values })) }).gram("parameter"),
          "model",
        );
        const whole = gramOf(rows);
        whole.norms.forEach((norm, i) =>
          expect(Math.abs(norm - (folded.norms[i] as number))).toBeLessThanOrEqual(1e-14 * norm),
        );
        whole.cosines.forEach((c, k) => expect(Math.abs(c - (folded.cosines[k] as number))).toBeLessThanOrEqual(1e-14));
      }),
      { numRuns: 1000, seed: 3 },
    );
  });

  it("gives inner products", () => {
    const set = gramOf([
      [1, 2],
      [-3, 4],
    ]);
    const gram = { size: 2, index: [0, 1], target: 0, count: 2, norms: set.norms, cosines: set.cosines };
    expect(inner(gram, 0, 1)).toBeCloseTo(5, 12);
  });

  it("accumulates float32 data in float64", () => {
    const size = 200_000;
    const values = [new Float32Array(size).fill(0.1), new Float32Array(size).fill(-0.1)];
    const { norms, cosines } = taskGradients({ parameters: [{ name: "p", values }] }).gram("model");
    const exact = Math.fround(0.1) * Math.sqrt(size);
    expect(Math.abs((norms[0] as number) / exact - 1)).toBeLessThan(1e-13);
    expect(cosines[1]).toBeCloseTo(-1, 13);
  });

  it("cannot be split: a Gram per tensor is refused where one per row is needed", () => {
    expect(() => foldGrams(gramOf([[1]]), "row")).toThrow("cannot be split");
  });
});
