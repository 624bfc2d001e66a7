/** Negatives by a Bloom filter: never a pair that is there, and of the others no more left out than was said. */
import { describe, expect, it } from "vitest";
import { bprSampler, generateShop, type PreparedSet } from "../src/index.js";
import { pairFilter } from "../src/samplers/bloom.js";

const shop = generateShop({ users: 60, items: 80, seed: 3 });
const known = (set: PreparedSet, exclude: "task" | "all"): readonly Set<number>[] =>
  Array.from({ length: set.users }, (_, user) => {
    const parts = Object.values(set.behaviors).filter(({ name }) => exclude === "all" || name === "buy");
    return new Set(
      parts.flatMap(({ train }) => Array.from(train.items.subarray(train.offsets[user], train.offsets[user + 1]))),
    );
  });

/** By user, every negative of so many epochs. */
function drawn(set: PreparedSet, options: Partial<Parameters<typeof bprSampler>[1]>, epochs: number): Set<number>[] {
  const sampler = bprSampler(set, { task: "buy", batchSize: 64, negativesPerPositive: 4, seed: 5, ...options });
  const found = Array.from({ length: set.users }, () => new Set<number>());
  for (let k = 0; k < epochs * sampler.batchesPerEpoch; k++) {
    const { users, negatives } = sampler.next();
    users.forEach((user, row) => negatives.slice(4 * row, 4 * row + 4).forEach((item) => found[user]?.add(item)));
  }
  return found;
}

describe("a filter of pairs", () => {
  it("knows every pair that it was given, and takes others for its own as rarely as was asked", () => {
    for (const rate of [0.001, 0.01, 0.1]) {
      const filter = pairFilter(20_000, rate, 1, "test");
      for (let k = 0; k < 20_000; k++) filter.add(k % 700, (k * 37) % 9973);
      for (let k = 0; k < 20_000; k++) expect(filter.has(k % 700, (k * 37) % 9973)).toBe(true);
      let wrong = 0;
      for (let k = 0; k < 200_000; k++) if (filter.has(1000 + (k % 997), k % 9973)) wrong++;
      expect(wrong / 200_000).toBeGreaterThan(0.7 * rate);
      expect(wrong / 200_000).toBeLessThan(1.3 * rate);
    }
    expect(pairFilter(1_000_000, 0.01, 1, "test").bytes / 1_000_000).toBeCloseTo(1.2, 1);
    expect(() => pairFilter(10, 1, 1, "test")).toThrow(/falsePositives is 1/);
  });
});

describe("negatives by a filter", () => {
  it.each(["task", "all"] as const)("are never a pair of the user's, exclude %s", (exclude) => {
    for (const negatives of ["uniform", "popularity"] as const) {
      const found = drawn(shop, { known: "bloom", exclude, negatives, falsePositives: 0.2 }, 20);
      const own = known(shop, exclude);
      for (const [user, items] of found.entries()) for (const item of items) expect(own[user]?.has(item)).toBe(false);
    }
  });

  it("leave out some that the user does not have, always the same, and no more than was said", () => {
    const [own, exact] = [known(shop, "task"), drawn(shop, {}, 150)];
    const [once, longer] = [150, 300].map((epochs) => drawn(shop, { known: "bloom", falsePositives: 0.1 }, epochs));
    const never = (found: readonly Set<number>[] | undefined): number =>
      own.reduce((sum, items, user) => sum + shop.items - items.size - (found?.[user]?.size ?? 0), 0);
    const all = own.reduce((sum, items) => sum + shop.items - items.size, 0);
    expect(never(exact) / all).toBeLessThan(0.01);
    expect(never(longer) / all).toBeGreaterThan(0.05);
    expect(never(longer) / all).toBeLessThan(0.15);
    expect(Math.abs(never(once) - never(longer))).toBeLessThan(0.01 * all);
  });

  it("are found even for a user who has all items but one, and of none where he has all", () => {
    const offsets = Int32Array.of(0, 9, 19);
    const items = Int32Array.from([
      ...Array.from({ length: 9 }, (_, k) => k),
      ...Array.from({ length: 10 }, (_, k) => k),
    ]);
    const buy = { ...shop.behaviors["buy"]!, train: { offsets, items } };
    const set = { ...shop, users: 2, items: 10, behaviors: { buy } };
    const sampler = bprSampler(set, { task: "buy", batchSize: 9, known: "bloom", falsePositives: 0.5 });
    expect(sampler.leftOut).toEqual({ users: [1], pairs: 10 });
    expect([...sampler.next().negatives]).toEqual(Array.from({ length: 9 }, () => 9));
  });
});
