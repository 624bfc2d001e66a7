import { describe, expect, it } from "vitest";
import { generateShop, type PreparedSet, valueMoments } from "../src/index.js";

const shop = generateShop({ users: 40, items: 50, seed: 4 });

/** The shop with other values on the training pairs of its target. */
function withValues(
  values: Float32Array | undefined,
  held: Partial<PreparedSet["behaviors"][string]> = {},
): PreparedSet {
  const { buy } = shop.behaviors;
  const { values: _, ...train } = buy!.train;
  const behavior = { ...buy!, ...held, train: values === undefined ? train : { ...train, values } };
  return { ...shop, behaviors: { ...shop.behaviors, buy: behavior } };
}
const size = shop.behaviors["buy"]!.train.items.length;
const filled = (value: (k: number) => number): Float32Array => Float32Array.from({ length: size }, (_, k) => value(k));

describe("what values are standardised by", () => {
  it("is their mean and population standard deviation, missing values left out", () => {
    const set = withValues(filled((k) => (k < 4 ? [2, 4, 4, 6][k]! : NaN)));
    const { count, mean, deviation } = valueMoments(set);
    expect([count, mean]).toEqual([4, 4]);
    expect(deviation).toBeCloseTo(Math.sqrt(2), 14); // with n - 1 it were 1.633
  });

  it("gives values of mean 0 and deviation 1, for stars and for counts alike", () => {
    for (const set of [shop, withValues(filled((k) => 1 + ((k * 7919) % 350_000)))]) {
      const { mean, deviation } = valueMoments(set);
      const z = Array.from(set.behaviors["buy"]!.train.values!, (value) => (value - mean) / deviation);
      expect(z.reduce((sum, value) => sum + value, 0) / z.length).toBeCloseTo(0, 10);
      expect(z.reduce((sum, value) => sum + value * value, 0) / z.length).toBeCloseTo(1, 10);
    }
  });

  it("is taken from the training part alone", () => {
    const { valid, test } = shop.behaviors["buy"]!;
    const moved = (part: typeof valid) => ({ ...part, values: part.values!.map((value) => 1000 + value) });
    const values = shop.behaviors["buy"]!.train.values!;
    expect(valid.values!.length * test.values!.length).toBeGreaterThan(0);
    expect(valueMoments(withValues(values, { valid: moved(valid), test: moved(test) }))).toEqual(valueMoments(shop));
  });

  it("does not exist where the values are all the same, missing or not finite, and the error says so", () => {
    // 0.1 is no binary fraction: a sum over it is not exact, and a deviation of nearly 0 would pass for one.
    for (const value of [4, 0.1, 1e9]) {
      expect(() => valueMoments(withValues(filled(() => value)))).toThrow(
        /all \d+ training values are .*standard deviation of 0 \(values of buy\): leave the task rating out/,
      );
    }
    expect(() => valueMoments(withValues(filled((k) => (k === 0 ? 3 : NaN))))).toThrow(/all 1 training values are 3/);
    expect(() => valueMoments(withValues(filled(() => NaN)))).toThrow(/no training pair has a value \(values of buy\)/);
    expect(() => valueMoments(withValues(undefined))).toThrow(/no training pair has a value/);
    expect(() => valueMoments(withValues(filled((k) => (k === 0 ? Infinity : 1))))).toThrow(
      /no finite standard deviation/,
    );
    expect(() => valueMoments(shop, "sell")).toThrow(/no behaviour "sell"/);
  });
});
