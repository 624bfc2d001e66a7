import { afterAll, describe, expect, it } from "vitest";
import {
  generateShop,
  kindOfValues,
  loadPrepared,
  prepare,
  type PreparedSet,
  readValueKind,
  valueMoments,
  writePrepared,
} from "../src/index.js";
import { has, real, scratch } from "./support.js";

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

describe("the kind of values", () => {
  const range = (from: number, to: number, by = 1): number[] =>
    Array.from({ length: Math.round((to - from) / by) + 1 }, (_, k) => from + k * by);

  it.each([
    ["stars", range(1, 5)],
    ["halves of stars, as float32", Float32Array.from(range(0.5, 5, 0.5))],
    ["a scale with places that nobody chose", [1, 2, 5, 10]],
    ["thumbs", [0, 1]],
    ["thirds, which are not exact", Float32Array.of(1 / 3, 2 / 3, 1, 4 / 3)],
    ["ratings with one for not rated", [-1, ...range(1, 10)]],
    ["missing ones beside them", [3, NaN, 4]],
    ["20 places", range(1, 20)],
  ])("is ratings for %s", (_name, values) => {
    expect(kindOfValues(values)).toBe("ratings");
    expect(kindOfValues([...values].reverse().flatMap((value) => [value, value]))).toBe("ratings");
  });

  it.each([
    ["21 places", range(1, 21)],
    ["few plays, but far apart", [1, 2, 57, 13_883]],
    ["minutes", [0.25, 0.3, 3.1, 12.75]],
    ["many values of a bounded scale", range(0, 1, 0.01)],
  ])("is counts for %s", (_name, values) => {
    expect(kindOfValues(values)).toBe("counts");
  });

  it("is told apart where there is nothing to tell: one value, none", () => {
    expect([kindOfValues([4, 4, NaN]), kindOfValues([NaN]), kindOfValues([])]).toEqual(["constant", "none", "none"]);
  });
});

describe("the kind of values in a prepared folder", () => {
  const disk = scratch();
  afterAll(disk.remove);

  it("is what it is in memory", async () => {
    const sets = {
      stars: shop,
      counts: withValues(filled((k) => k * k)),
      constant: withValues(filled(() => 1)),
      holes: withValues(filled((k) => (k % 2 === 0 ? NaN : k % 3))),
      empty: withValues(filled(() => NaN)),
      unvalued: withValues(undefined, {
        valid: { ...shop.behaviors["buy"]!.valid, values: undefined } as never,
        test: { ...shop.behaviors["buy"]!.test, values: undefined } as never,
      }),
    };
    const kinds: string[] = [];
    for (const [name, set] of Object.entries(sets)) {
      await writePrepared(set, `${disk.folder}/${name}`);
      const kind = await readValueKind(`${disk.folder}/${name}`);
      const { train } = (await loadPrepared(`${disk.folder}/${name}`)).behaviors["buy"]!;
      expect(kind).toBe(kindOfValues(train.values ?? []));
      kinds.push(kind);
    }
    expect(kinds).toEqual(["ratings", "counts", "constant", "ratings", "none", "none"]);
  });

  it.skipIf(!has("lastfm"))("is counts for plays of Last.fm (needs ../shared/data/lastfm)", async () => {
    const out = `${disk.folder}/lastfm`;
    await prepare({ format: "lastfm", input: real("lastfm"), out });
    expect(await readValueKind(out)).toBe("counts");
  });

  it.skipIf(!has("ml-100k"))("is ratings for MovieLens (needs ../shared/data/ml-100k)", async () => {
    const out = `${disk.folder}/ml`;
    await prepare({ format: "recbole", input: real("ml-100k"), out });
    expect(await readValueKind(out)).toBe("ratings");
  });
});
