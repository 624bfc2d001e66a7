import { readFileSync } from "node:fs";
import { expect } from "vitest";

interface Lists {
  offsets: number[];
  items: number[];
  grades?: number[];
}
/** JSON has no NaN: null stands for it. */
type Values = Record<string, number | null>;

interface Fixture {
  ranking: {
    seed: number;
    dim: number;
    k: number;
    users: number[];
    items: number[];
    bias?: number[];
    exclude: Lists;
    relevant: Lists;
    top: number[];
    counted: number[];
    perUser: Record<string, number[]>;
    mean: Values;
  }[];
  classification: {
    seed: number;
    probabilities: number[];
    labels: number[];
    users: number[];
    counted: number[];
    perUser: number[];
    values: Values;
  }[];
  statistics: {
    seed: number;
    a: number[];
    b: number[];
    summary: { mean: number; sd: number; interval95: [number, number]; interval90: [number, number] };
    t: { t: number; p: number; lower: number; upper: number };
    wilcoxon: { statistic: number; p: number };
  }[];
  catalogue: {
    seed: number;
    k: number;
    users: number;
    items: number;
    scores: number[];
    popularity: number[];
    values: Values;
  }[];
  ratings: { seed: number; predictions: number[]; ratings: number[]; values: Values }[];
  corrections: { p: number[]; holm: number[]; methods: number; table: number[]; ranks: number[] }[];
}

/** Made by fixtures/make_fixtures.py with scikit-learn, SciPy and NumPy. */
export const fixture: Fixture = JSON.parse(
  readFileSync(new URL("./fixtures/metrics.json", import.meta.url), "utf8"),
) as Fixture;

/** Equal to 1e-12, relative to values above 1; null means NaN. */
export function expectClose(actual: number, expected: number | null, what: string): void {
  if (expected === null) expect(actual, what).toBeNaN();
  else
    expect(Math.abs(actual - expected), `${what}: ${actual}, not ${expected}`).toBeLessThanOrEqual(
      1e-12 * Math.max(1, Math.abs(expected)),
    );
}

export function lists({ offsets, items }: Lists): { offsets: Int32Array; items: Int32Array } {
  return { offsets: Int32Array.from(offsets), items: Int32Array.from(items) };
}
