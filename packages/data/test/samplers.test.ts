import { describe, expect, it } from "vitest";
import {
  bprSampler,
  generateShop,
  impressionsSampler,
  jointSampler,
  pairsSampler,
  pointwiseSampler,
  ratingSampler,
  toBags,
  type Batch,
  type Interactions,
  type PreparedSet,
  type Sampler,
} from "../src/index.js";

const shop = generateShop({ users: 60, items: 80, seed: 4 });
const part = (behavior: string): Interactions => shop.behaviors[behavior]?.train as Interactions;
const has = ({ offsets, items }: Interactions, user: number, item: number): boolean =>
  items.subarray(offsets[user], offsets[user + 1]).includes(item);

const huge = { batchSize: 1e12 };
const largest: Record<string, () => Sampler> = {
  bpr: () => bprSampler(shop, { ...huge, negativesPerPositive: 3 }),
  "bpr by popularity": () => bprSampler(shop, { ...huge, task: "pv", negatives: "popularity" }),
  pointwise: () => pointwiseSampler(shop, huge),
  joint: () => jointSampler(shop, huge),
  rating: () => ratingSampler(shop, huge),
  social: () => pairsSampler(shop, { ...huge, relation: "social" }),
  category: () => pairsSampler(shop, { ...huge, relation: "category" }),
  impressions: () => impressionsSampler(shop, huge),
};

const makers: Record<string, (seed: number) => Sampler> = {
  bpr: (seed) => bprSampler(shop, { batchSize: 37, seed, negativesPerPositive: 3 }),
  "bpr by popularity": (seed) => bprSampler(shop, { batchSize: 37, seed, task: "pv", negatives: "popularity" }),
  pointwise: (seed) => pointwiseSampler(shop, { batchSize: 37, seed, negativesPerPositive: 2, exclude: "all" }),
  joint: (seed) => jointSampler(shop, { batchSize: 37, seed, negativesPerPositive: 2 }),
  rating: (seed) => ratingSampler(shop, { batchSize: 37, seed }),
  social: (seed) => pairsSampler(shop, { batchSize: 37, seed, relation: "social", negativesPerPositive: 2 }),
  category: (seed) => pairsSampler(shop, { batchSize: 37, seed, relation: "category" }),
  impressions: (seed) => impressionsSampler(shop, { batchSize: 37, seed }),
};

const copy = (batch: Batch): string =>
  JSON.stringify(batch, (_, value: unknown) => (ArrayBuffer.isView(value) ? [...(value as Int32Array)] : value));

/**
 * The upper tail of a chi-squared statistic by Wilson and Hilferty's cube root; draws are refused below 1e-6, so that a
 * right sampler fails about never and one that is off by a few per cent always.
 */
function expectFit(counts: Float64Array, expected: Float64Array): void {
  let chi = 0;
  let freedom = -1;
  for (let k = 0; k < counts.length; k++) {
    const mean = expected[k] as number;
    if (mean === 0) {
      expect(counts[k]).toBe(0);
      continue;
    }
    expect(mean).toBeGreaterThan(5);
    chi += ((counts[k] as number) - mean) ** 2 / mean;
    freedom++;
  }
  const z = (Math.cbrt(chi / freedom) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
  expect(Math.abs(z)).toBeLessThan(4.9);
}

/** How often each item is drawn as the negative of one user. */
function negativesOf(set: PreparedSet, user: number, options: Partial<Parameters<typeof bprSampler>[1]>): Float64Array {
  const sampler = bprSampler(set, { batchSize: 64, negativesPerPositive: 50, ...options });
  const counts = new Float64Array(set.items);
  for (let batch = 0; batch < 40 * sampler.batchesPerEpoch; batch++) {
    const { users, negatives, negativesPerPositive } = sampler.next();
    for (let k = 0; k < negatives.length; k++) {
      if (users[Math.floor(k / negativesPerPositive)] === user) counts[negatives[k] as number]!++;
    }
  }
  return counts;
}

describe.each(Object.entries(makers))("the %s sampler", (_name, make) => {
  it("gives the same batches for the same seed and others for another", () => {
    const [a, b, c] = [make(1), make(1), make(2)];
    const many = (sampler: Sampler): string[] =>
      Array.from({ length: 2 * sampler.batchesPerEpoch + 1 }, () => copy(sampler.next()));
    const first = many(a);
    expect(many(b)).toEqual(first);
    expect(many(c)).not.toEqual(first);
    expect(first[0]).not.toBe(first[a.batchesPerEpoch]);
  });

  it("goes on from a saved state as if it had never stopped, within and across epochs", () => {
    const sampler = make(3);
    for (const steps of [1, 5, sampler.batchesPerEpoch, 2 * sampler.batchesPerEpoch]) {
      const whole = make(3);
      for (let k = 0; k < steps; k++) whole.next();
      const saved = JSON.parse(JSON.stringify(whole.state())) as ReturnType<Sampler["state"]>;
      const resumed = make(3);
      resumed.next();
      resumed.restore(saved);
      for (let k = 0; k < sampler.batchesPerEpoch + 2; k++) expect(copy(resumed.next())).toBe(copy(whole.next()));
      expect(resumed.state()).toEqual(whole.state());
    }
  });

  it("hands out the same arrays again and again, and only the last batch of an epoch is shorter", () => {
    const sampler = make(1);
    const seen = new Set<Batch>();
    let total = 0;
    for (let k = 0; k < sampler.batchesPerEpoch; k++) {
      const batch = sampler.next();
      seen.add(batch);
      total += batch.size;
    }
    const width = total / sampler.length;
    expect(Number.isInteger(width)).toBe(true);
    for (let k = 0; k < 3 * sampler.batchesPerEpoch; k++) seen.add(sampler.next());
    expect(seen.size).toBeLessThanOrEqual(2);
    const buffers = new Set(
      [...seen].map((batch) => Object.values(batch).find((value) => ArrayBuffer.isView(value))?.buffer),
    );
    expect(buffers.size).toBe(1);
  });

  it("refuses a state that is none", () => {
    expect(() => make(1).restore({ epoch: 0, position: 1e9, random: [1, 2, 3, 4] })).toThrow(/state/);
    expect(() => make(1).restore({ epoch: 0, position: 0, random: [] })).toThrow(/state/);
  });
});

describe("negatives", () => {
  it("are never a training positive of that user for that task", () => {
    for (const task of Object.keys(shop.behaviors)) {
      for (const negatives of ["uniform", "popularity"] as const) {
        const sampler = bprSampler(shop, { task, negatives, batchSize: 100, negativesPerPositive: 5 });
        for (let k = 0; k < 2 * sampler.batchesPerEpoch; k++) {
          const batch = sampler.next();
          for (let n = 0; n < batch.negatives.length; n++) {
            expect(has(part(task), batch.users[Math.floor(n / 5)] as number, batch.negatives[n] as number)).toBe(false);
          }
        }
      }
    }
  });

  it("are never anything the user touched, if all behaviours are excluded", () => {
    const sampler = pointwiseSampler(shop, { batchSize: 100, exclude: "all" });
    for (let k = 0; k < sampler.batchesPerEpoch; k++) {
      const { users, items, labels } = sampler.next();
      for (let row = 0; row < users.length; row++) {
        const touched = Object.keys(shop.behaviors).some((task) =>
          has(part(task), users[row] as number, items[row] as number),
        );
        expect(touched).toBe(labels[row] === 1);
      }
    }
  });

  it("are uniform over what the user does not have", () => {
    const counts = negativesOf(shop, 7, {});
    const total = counts.reduce((sum, count) => sum + count, 0);
    const free = Array.from(counts, (_, item) => (has(part("buy"), 7, item) ? 0 : 1));
    const size = free.reduce<number>((sum, one) => sum + one, 0);
    expect(total).toBeGreaterThan(5000);
    expectFit(
      counts,
      Float64Array.from(free, (one) => (one * total) / size),
    );
  });

  it("follow popularity to the power of 3/4 over what the user does not have", () => {
    const counts = negativesOf(shop, 7, { negatives: "popularity" });
    const total = counts.reduce((sum, count) => sum + count, 0);
    const weights = new Float64Array(shop.items);
    for (const item of part("buy").items) weights[item]!++;
    for (let item = 0; item < shop.items; item++)
      weights[item] = has(part("buy"), 7, item) ? 0 : (weights[item] as number) ** 0.75;
    const sum = weights.reduce((all, weight) => all + weight, 0);
    expectFit(
      counts,
      weights.map((weight) => (weight * total) / sum),
    );
  });

  it("stay exact for a user who has nearly everything, and a user who has everything is left out, counted", () => {
    const crowded = (missing: readonly number[]): PreparedSet => {
      const items = Int32Array.from({ length: 500 }, (_, k) => k).filter((item) => !missing.includes(item));
      const train = { offsets: Int32Array.of(0, items.length, items.length + 2), items: Int32Array.of(...items, 3, 9) };
      const none = { offsets: new Int32Array(3), items: new Int32Array(0) };
      return {
        users: 2,
        items: 500,
        target: "buy",
        behaviors: { buy: { name: "buy", train, valid: none, test: none } },
        counts: {},
        itemPairs: {},
        userFeatures: [],
        itemFeatures: [],
      };
    };
    const uniform = negativesOf(crowded([17, 250, 499]), 0, { negativesPerPositive: 1 });
    const total = uniform.reduce((sum, count) => sum + count, 0);
    expectFit(
      uniform,
      uniform.map((_, item) => ([17, 250, 499].includes(item) ? total / 3 : 0)),
    );
    // 3 and 9 are bought twice, so they weigh 2^0.75; the others once, or never.
    const popular = negativesOf(crowded([3, 250]), 0, { negatives: "popularity", negativesPerPositive: 1 });
    expect(popular[250]).toBe(0);
    expect(popular[3]).toBe(popular.reduce((sum, count) => sum + count, 0));
    const full = bprSampler(crowded([]), { batchSize: 8 });
    expect(full.leftOut).toEqual({ users: [0], pairs: 500 });
    const all = full.length;
    for (let seen = 0; seen < all;) {
      const { users, size } = full.next();
      expect(users.includes(0)).toBe(false);
      seen += size;
    }
  });
});

describe("an epoch", () => {
  it("of triples holds every training pair once, in a new order each time", () => {
    const sampler = bprSampler(shop, { batchSize: 50 });
    const epochs = [0, 1].map(() => {
      const pairs: number[] = [];
      for (let k = 0; k < sampler.batchesPerEpoch; k++) {
        const { users, positives } = sampler.next();
        for (let row = 0; row < users.length; row++)
          pairs.push((users[row] as number) * shop.items + (positives[row] as number));
      }
      return pairs;
    });
    const all = [...part("buy").items].map(
      (item, k) => part("buy").offsets.findLastIndex((offset) => offset <= k) * shop.items + item,
    );
    for (const pairs of epochs) expect([...pairs].sort((a, b) => a - b)).toEqual(all.sort((a, b) => a - b));
    expect(epochs[0]).not.toEqual(epochs[1]);
  });

  it("is shuffled without a favourite place", () => {
    const sampler = ratingSampler(shop, { batchSize: 1e6 });
    const bins = new Float64Array(10);
    const first = part("buy").items[0] as number;
    for (let epoch = 0; epoch < 3000; epoch++) {
      const { users, items } = sampler.next();
      for (let k = 0; k < users.length; k++)
        if (users[k] === 0 && items[k] === first) bins[Math.floor((10 * k) / users.length)]!++;
    }
    expectFit(bins, new Float64Array(10).fill(300));
  });

  it.each(["unlabelled", "negative"] as const)(
    "of joint batches labels each pair with every task's training part, others' pairs %s",
    (missing) => {
      const sampler = jointSampler(shop, {
        batchSize: 64,
        negativesPerPositive: 2,
        ...(missing === "unlabelled" ? {} : { missing }),
      });
      for (let k = 0; k < sampler.batchesPerEpoch; k++) {
        const { users, items, labels, masks, tasks } = sampler.next();
        for (let row = 0; row < users.length; row++) {
          const truth = tasks.map((task) => (has(part(task), users[row] as number, items[row] as number) ? 1 : 0));
          expect(labels.map((column) => column[row])).toEqual(truth);
          expect(truth.includes(1)).toBe(row % 3 === 0);
          const labelled = missing === "negative" || row % 3 !== 0 ? tasks.map(() => 1) : truth;
          expect(masks.map((column) => column[row])).toEqual(labelled);
        }
      }
    },
  );

  it("refuses an unknown meaning of missing labels", () => {
    const missing = "positive" as "negative";
    expect(() => jointSampler(shop, { batchSize: 4, missing })).toThrow(
      /missing is "positive".*unlabelled or negative/s,
    );
  });

  it("refuses options and words that there are not, from code without types", () => {
    const other = (change: object) => ({ batchSize: 4, ...change });
    expect(() => bprSampler(shop, other({ negative: 2 }))).toThrow(/unknown option negative \(triples of buy\)/);
    expect(() => bprSampler(shop, other({ negatives: "popular" }))).toThrow(/negatives is "popular".*popularity/);
    expect(() => pointwiseSampler(shop, other({ exclude: "everything" }))).toThrow(/exclude is "everything"/);
    expect(() => jointSampler(shop, other({ over: "all" }))).toThrow(/over is "all".*union or target/);
    expect(() => impressionsSampler(shop, other({ part: "trian" }))).toThrow(/part is "trian"/);
    expect(() => ratingSampler(shop, other({ exclude: "all" }))).toThrow(/unknown option exclude/);
  });

  it.each(Object.keys(makers))("of %s holds no more than the data, however large the batch", (name) => {
    const sampler = (largest[name] as () => Sampler)();
    expect([sampler.batchesPerEpoch, sampler.batchSize]).toEqual([1, sampler.length]);
    sampler.next();
  });

  it("of ratings holds the values of the training pairs", () => {
    const sampler = ratingSampler(shop, { batchSize: 64 });
    const { values, offsets, items } = part("buy");
    for (let k = 0; k < sampler.batchesPerEpoch; k++) {
      const batch = sampler.next();
      for (let row = 0; row < batch.size; row++) {
        const user = batch.users[row] as number;
        const at = items.indexOf(batch.items[row] as number, offsets[user]);
        expect(batch.ratings[row]).toBe(values?.[at]);
      }
    }
  });
});

describe("pairs", () => {
  const linked = (left: number, right: number): boolean =>
    [...(shop.social?.left ?? [])].some((from, k) => from === left && shop.social?.right[k] === right);

  it("of friends are links, their negatives neither links nor oneself", () => {
    const sampler = pairsSampler(shop, { relation: "social", batchSize: 40, negativesPerPositive: 3 });
    expect(sampler.length).toBe(shop.social?.left.length);
    for (let k = 0; k < sampler.batchesPerEpoch; k++) {
      const { left, right, negatives, entity } = sampler.next();
      expect(entity).toBe("user");
      for (let row = 0; row < left.length; row++) {
        expect(linked(left[row] as number, right[row] as number)).toBe(true);
        for (let n = 0; n < 3; n++) {
          const negative = negatives[3 * row + n] as number;
          expect(negative === left[row] || linked(left[row] as number, negative)).toBe(false);
        }
      }
    }
  });

  it("of one category share one, their negatives none; partners are uniform", () => {
    // Item k has the categories of the set bits of k + 1, so bags overlap in every way; item 6 (all bits) has no stranger.
    const owners: number[] = [];
    const ids: number[] = [];
    for (let bit = 0; bit < 3; bit++) {
      const having = [0, 1, 2, 3, 4, 5, 6].filter((item) => (item + 1) & (1 << bit));
      owners.push(...having);
      ids.push(...having.map(() => bit + 1));
    }
    const categories = { ...toBags(Int32Array.from(owners), Int32Array.from(ids), 7), vocabulary: 4 };
    const set: PreparedSet = { ...shop, items: 7, categories };
    const sampler = pairsSampler(set, { relation: "category", batchSize: 6 });
    expect(sampler.length).toBe(6);
    const partners = new Float64Array(7);
    for (let k = 0; k < 6000; k++) {
      const { left, right, negatives } = sampler.next();
      for (let row = 0; row < left.length; row++) {
        const own = (left[row] as number) + 1;
        expect(own & ((right[row] as number) + 1)).toBeGreaterThan(0);
        expect(right[row]).not.toBe(left[row]);
        expect(own & ((negatives[row] as number) + 1)).toBe(0);
        if (left[row] === 0) partners[right[row] as number]!++;
      }
    }
    expectFit(partners, Float64Array.of(0, 0, 2000, 0, 2000, 0, 2000));
  });

  it("of an unknown relation are refused with those there are", () => {
    expect(() => pairsSampler(shop, { relation: "also_viewed", batchSize: 4 })).toThrow(/social, category/);
  });
});

describe("impressions", () => {
  const set: PreparedSet = {
    ...shop,
    users: 3,
    items: 2,
    userFeatures: [{ kind: "numerical", name: "age", values: Float32Array.of(20, 40, Number.NaN) }],
    itemFeatures: [
      {
        kind: "multi-hot",
        name: "genres",
        vocabulary: 4,
        offsets: Int32Array.of(0, 2, 3),
        ids: Int32Array.of(1, 3, 2),
      },
      { kind: "one-hot", name: "maker", vocabulary: 3, ids: Int32Array.of(2, 0) },
    ],
    impressions: (() => {
      const rows = (users: number[], items: number[], a: number[], b: number[], hour: number[]) => ({
        size: users.length,
        users: Int32Array.from(users),
        items: Int32Array.from(items),
        labels: [Uint8Array.from(a), Uint8Array.from(b)],
        features: [{ kind: "one-hot" as const, name: "hour", vocabulary: 5, ids: Int32Array.from(hour) }],
      });
      const train = rows([0, 1, 2], [0, 1, 0], [1, 0, 255], [255, 1, 0], [1, 2, 3]);
      return { tasks: ["click", "buy"], train, valid: rows([2], [1], [1], [0], [4]), test: rows([], [], [], [], []) };
    })(),
  };

  it("carry one- and multi-hot fields, standardised numbers, labels and masks", () => {
    const batch = impressionsSampler(set, { batchSize: 3, shuffle: false }).next();
    expect(batch.fields.map((field) => [field.name, field.vocabulary, [...field.ids].slice(0, 5)])).toEqual([
      ["user", 3, [0, 1, 2]],
      ["item", 2, [0, 1, 0]],
      ["genres", 4, [1, 3, 2, 1, 3]],
      ["maker", 3, [2, 0, 2]],
      ["hour", 5, [1, 2, 3]],
    ]);
    const genres = batch.fields[2];
    expect(genres?.kind === "multi-hot" && [...genres.offsets]).toEqual([0, 2, 3, 5]);
    expect([...batch.numerical]).toEqual([-1, 1, 0]);
    expect(batch.labels.map((column) => [...column])).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(batch.masks.map((column) => [...column])).toEqual([
      [1, 1, 0],
      [0, 1, 1],
    ]);
  });

  it("of validation are standardised by the training rows; tasks and features can be chosen", () => {
    const batch = impressionsSampler(set, {
      batchSize: 8,
      part: "valid",
      tasks: ["buy"],
      features: ["age", "hour"],
    }).next();
    expect(batch.fields.map((field) => field.name)).toEqual(["user", "item", "hour"]);
    expect([batch.size, [...batch.users], [...batch.numerical], batch.labels.length]).toEqual([1, [2], [0], 1]);
  });

  it("refuse what is not there", () => {
    expect(() => impressionsSampler(set, { batchSize: 1, tasks: ["rent"] })).toThrow(/click, buy/);
    expect(() => impressionsSampler(set, { batchSize: 1, features: ["size"] })).toThrow(/age, genres/);
    expect(() => impressionsSampler(set, { batchSize: 1, part: "test" })).toThrow(/nothing to sample/);
    const { impressions: _none, ...bare } = set;
    expect(() => impressionsSampler(bare, { batchSize: 1 })).toThrow(/no impressions/);
    expect(() => bprSampler(shop, { batchSize: 0 })).toThrow(/batchSize is 0/);
    expect(() => bprSampler(shop, { batchSize: 8, task: "rent" })).toThrow(/buy, cart, pv, fav/);
  });
});
