import { readFileSync, readdirSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import {
  generateShop,
  loadPrepared,
  prepare,
  writePrepared,
  type Behavior,
  type PreparedSet,
  type PrepareOptions,
} from "../src/index.js";
import { scratch } from "./support.js";

const disk = scratch();
afterAll(() => disk.remove());

// 60 users, 40 items, 1,200 events of four kinds in a fixed pseudo-random order.
const events = Array.from({ length: 1200 }, (_, k) => {
  const hash = Math.imul(k + 1, 2_654_435_761) >>> 0;
  return `${hash % 60},${(hash >>> 7) % 40},${(hash >>> 7) % 5},${["buy", "buy", "cart", "pv", "fav"][(hash >>> 13) % 5]},${1000 + ((hash >>> 3) % 977)}`;
});
const file = disk.write("events.csv", events.join("\n"));
let sets = 0;
const run = async (options: Partial<PrepareOptions>) => {
  const out = `${disk.folder}/set-${sets++}`;
  await prepare({ format: "taobao", input: file, out, ...options });
  return out;
};
const contents = (out: string): Record<string, string> =>
  Object.fromEntries(readdirSync(out).map((name) => [name, readFileSync(`${out}/${name}`).toString("base64")]));

describe("a prepared set's bytes", () => {
  it("are the same for the same input and seed, on one thread or two", async () => {
    const first = contents(await run({}));
    expect(contents(await run({}))).toEqual(first);
    expect(contents(await run({ threads: 1, memory: "300MB" }))).toEqual(first);
  });

  it("differ for another seed", async () => {
    const [first, second] = [contents(await run({})), contents(await run({ seed: 2 }))];
    expect(second["pairs.buy.train.parquet"]).not.toBe(first["pairs.buy.train.parquet"]);
    expect(second["users.parquet"]).toBe(first["users.parquet"]);
  });

  it("do not depend on the order of the rows, but for the source's own hash", async () => {
    const reversed = disk.write("reversed/events.csv", [...events].reverse().join("\n"));
    const { "manifest.json": one, ...first } = contents(await run({}));
    const { "manifest.json": two, ...second } = contents(await run({ input: reversed }));
    expect(second).toEqual(first);
    expect(two).not.toBe(one);
  });
});

describe("leakage", () => {
  // Everything bought was carted, and half of it viewed: whatever is held out is in the auxiliaries.
  const lines = Array.from({ length: 200 }, (_, k) => [k % 20, Math.floor(k / 20) * 3 + (k % 3)]).flatMap(
    ([u, i], k) => [`${u},${i},1,buy,${k}`, `${u},${i},1,cart,${k}`, ...(k % 2 === 0 ? [`${u},${i},1,pv,${k}`] : [])],
  );
  const input = disk.write("leaky.csv", lines.join("\n"));

  it("is dropped from every auxiliary and counted, so that no held-out pair is left in any", async () => {
    const out = `${disk.folder}/leak-free`;
    const report = await prepare({ format: "taobao", input, out });
    expect(report.behaviors["cart"]).toEqual({ raw: 200, pairs: 200, leaked: 60, train: 140 });
    const set = await loadPrepared(out);
    const [cart, bought] = [set.behaviors["cart"]?.train, set.behaviors["buy"]?.train];
    expect(cart?.items).toEqual(bought?.items);
    expect(cart?.offsets).toEqual(bought?.offsets);
    const { leaked, train } = report.behaviors["pv"] as { leaked: number; train: number };
    expect(leaked + train).toBe(100);
    expect(leaked).toBeGreaterThan(10);
  });

  it("stays on request", async () => {
    const report = await prepare({ format: "taobao", input, keepLeakage: true, out: `${disk.folder}/leaky` });
    expect(report.behaviors["cart"]).toEqual({ raw: 200, pairs: 200, leaked: 0, train: 200 });
  });
});

describe("a split of every behaviour", () => {
  const pairsOf = ({ offsets, items }: Behavior["train"]): string[] =>
    Array.from(offsets.subarray(0, -1), (from, u) =>
      Array.from(items.subarray(from, offsets[u + 1]), (item) => `${u} ${item}`),
    ).flat();

  it.each(["random:0.6,0.2,0.2", "leave-one-out", "time:0.6,0.2,0.2"])(
    "%s: a pair is in one part whatever the behaviour, the target's as without it, and none is lost",
    async (split) => {
      const [alone, all] = [
        await loadPrepared(await run({ split })),
        await loadPrepared(await run({ split, splitAll: true })),
      ];
      const parts = ["train", "valid", "test"] as const;
      const place = new Map<string, string>();
      for (const [name, behavior] of Object.entries(all.behaviors)) {
        for (const part of parts) {
          const own = pairsOf(behavior[part]);
          expect(own.length, `${name} ${part}`).toBeGreaterThan(0);
          for (const pair of own) {
            expect(place.get(pair) ?? part).toBe(part);
            place.set(pair, part);
          }
        }
        const { raw: _, ...counts } = all.counts[name]!;
        expect(counts).toEqual({
          pairs: parts.reduce((sum, part) => sum + behavior[part].items.length, 0),
          ...Object.fromEntries(parts.map((part) => [part, behavior[part].items.length])),
        });
        expect(counts.pairs).toBe(alone.counts[name]!.pairs);
      }
      for (const part of parts) expect(all.behaviors["buy"]![part]).toEqual(alone.behaviors["buy"]![part]);
    },
  );

  it("is refused beside leaks that are to stay, and beside parts that are the target's alone", async () => {
    await expect(run({ splitAll: true, keepLeakage: true })).rejects.toThrow(/leaks are to be kept/);
    const edges = disk.write("edges.txt", "0 1\n0 2\n1 1\n1 2\n");
    const held = disk.write("held.txt", "0 3\n1 3\n");
    const out = `${disk.folder}/given`;
    const behaviors = { buy: [edges], cart: [edges] };
    await expect(prepare({ format: "edges", behaviors, valid: held, test: held, out, splitAll: true })).rejects.toThrow(
      /parts are the target's alone/,
    );
  });
});

describe("the check of what was written", () => {
  const shop = generateShop({ users: 20, items: 40, buysPerUser: 6 });
  const buy = shop.behaviors["buy"] as Behavior;
  const cart = shop.behaviors["cart"] as Behavior;
  const broken: readonly [string, PreparedSet, RegExp][] = [
    [
      "a pair in two parts",
      { ...shop, behaviors: { ...shop.behaviors, buy: { ...buy, valid: buy.train } } },
      /number of unique pairs of buy is/,
    ],
    [
      "a leaked pair",
      { ...shop, behaviors: { ...shop.behaviors, cart: { ...cart, train: buy.test } } },
      /number of leaked pairs in cart is \d+, not 0/,
    ],
    ["an item out of range", { ...shop, items: 39 }, /number of ids out of range in buy is/],
    [
      "counts that are not those of the files",
      { ...shop, counts: { ...shop.counts, cart: { raw: 1, pairs: 1, leaked: 0, train: 1 } } },
      /number of unique pairs of cart is \d+, not 1/,
    ],
  ];

  it.each(broken)("refuses %s", async (_name, set, words) => {
    // The counts agree with the files but for the case about them, so that it is the claim itself that fails.
    const pairs = ({ train, valid, test }: Behavior): number =>
      train.items.length + valid.items.length + test.items.length;
    const counts =
      set.counts === shop.counts
        ? {
            ...shop.counts,
            buy: { raw: 0, pairs: pairs(set.behaviors["buy"] as Behavior), train: 0, valid: 0, test: 0 },
            cart: { raw: 0, pairs: 0, leaked: 0, train: set.behaviors["cart"]?.train.items.length ?? 0 },
          }
        : set.counts;
    await expect(writePrepared({ ...set, counts }, `${disk.folder}/broken`)).rejects.toThrow(words);
  });
});

describe("splits", () => {
  it("leave one out: the last purchase is tested, the one before validates, a lone purchase trains", async () => {
    const set = await loadPrepared(await run({ split: "leave-one-out" }));
    const { train, valid, test } = set.behaviors["buy"] ?? {};
    if (!train?.times || !valid?.times || !test?.times) throw new Error("no times");
    for (let user = 0; user < set.users; user++) {
      const [a, b, c] = [train, valid, test].map(({ offsets, times }) => [
        ...(times ?? new Float64Array(0)).subarray(offsets[user], offsets[user + 1]),
      ]) as [number[], number[], number[]];
      const total = a.length + b.length + c.length;
      expect([b.length, c.length]).toEqual([total > 2 ? 1 : 0, total > 1 ? 1 : 0]);
      if (c.length > 0) expect(Math.max(...a, ...b)).toBeLessThanOrEqual(c[0] as number);
      if (b.length > 0) expect(Math.max(...a)).toBeLessThanOrEqual(b[0] as number);
    }
  });

  it("by time: everything tested is as late as anything that validates, and that as anything trained on", async () => {
    const set = await loadPrepared(await run({ split: "time:0.6,0.2,0.2" }));
    const { train, valid, test } = set.behaviors["buy"] ?? {};
    const total = (train?.items.length ?? 0) + (valid?.items.length ?? 0) + (test?.items.length ?? 0);
    // Pairs of one moment are never parted, so a share may be a few pairs off.
    for (const part of [test, valid]) expect(Math.abs((part?.items.length ?? 0) - 0.2 * total)).toBeLessThan(2);
    expect(Math.max(...(train?.times ?? []))).toBeLessThan(Math.min(...(valid?.times ?? [])));
    expect(Math.max(...(valid?.times ?? []))).toBeLessThan(Math.min(...(test?.times ?? [])));
  });

  it("by time: an auxiliary trains on nothing that came after the target's training part", async () => {
    const set = await loadPrepared(await run({ split: "time:0.6,0.2,0.2" }));
    const from = Math.min(...(set.behaviors["buy"]?.valid.times ?? []));
    for (const { name, train } of Object.values(set.behaviors)) {
      if (name !== "buy") expect(Math.max(...(train.times ?? []))).toBeLessThan(from);
    }
    const kept = await loadPrepared(await run({ split: "time:0.6,0.2,0.2", keepLeakage: true }));
    expect(Math.max(...(kept.behaviors["pv"]?.train.times ?? []))).toBeGreaterThan(from);
  });

  // Of n pairs: trained, validated, tested, as RecBole 1.2's `_calcu_split_ids` answers for 8:1:1 and for 6:2:2.
  const recbole: Readonly<Record<string, readonly (readonly [number, number, number, number])[]>> = {
    "0.8,0.1,0.1": [
      [1, 1, 0, 0],
      [2, 1, 0, 1],
      [3, 1, 1, 1],
      [5, 3, 1, 1],
      [9, 7, 1, 1],
      [10, 8, 1, 1],
      [19, 17, 1, 1],
      [20, 16, 2, 2],
      [39, 33, 3, 3],
      [50, 40, 5, 5],
    ],
    "0.6,0.2,0.2": [
      [2, 1, 0, 1],
      [4, 2, 1, 1],
      [9, 7, 1, 1],
      [10, 6, 2, 2],
    ],
    "0.9,0,0.1": [
      [1, 1, 0, 0],
      [5, 4, 0, 1],
      [20, 18, 0, 2],
    ],
  };
  describe.each(Object.entries(recbole))("per user, at %s", (shares, wanted) => {
    const lines = wanted.flatMap(([n]) =>
      Array.from({ length: n }, (_, k) => `${n},${(k * 7) % 61},1,buy,${1000 + ((k * 31) % 53)}`),
    );
    const input = disk.write(`per-user-${shares.replaceAll(",", "-")}.csv`, lines.join("\n"));
    const counts = ({ behaviors, users }: PreparedSet): number[][] => {
      const { train, valid, test } = behaviors["buy"] as Behavior;
      return Array.from({ length: users }, (_, u) =>
        [train, valid, test].map(({ offsets }) => (offsets[u + 1] as number) - (offsets[u] as number)),
      );
    };

    it.each(["user-random", "user-time"])("%s gives each user's parts the sizes that RecBole does", async (kind) => {
      const set = await loadPrepared(await run({ input, split: `${kind}:${shares}` }));
      expect(counts(set)).toEqual(wanted.map(([, ...sizes]) => sizes));
    });

    it("user-time tests each user's latest pairs, and user-random's choice hangs on the seed", async () => {
      const { behaviors, users } = await loadPrepared(await run({ input, split: `user-time:${shares}` }));
      const { train, valid, test } = behaviors["buy"] as Behavior;
      for (let user = 0; user < users; user++) {
        const ranges = [train, valid, test].map(({ offsets, times }) =>
          (times as Float64Array).subarray(offsets[user], offsets[user + 1]),
        );
        const later = ranges.flatMap((part) => (part.length === 0 ? [] : [[Math.min(...part), Math.max(...part)]]));
        for (const [k, [from]] of later.entries()) if (k > 0) expect(from).toBeGreaterThanOrEqual(later[k - 1]![1]!);
      }
      const split = `user-random:${shares}`;
      const [one, two, again] = await Promise.all(
        [1, 2, 1].map(async (seed) => contents(await run({ input, split, seed }))),
      );
      expect(again).toEqual(one);
      expect(two!["pairs.buy.test.parquet"]).not.toBe(one!["pairs.buy.test.parquet"]);
    });
  });

  it("user-time of data without times is refused, as time is", async () => {
    const input = disk.write("untimed.txt", "1 2\n1 3\n2 3\n");
    const out = `${disk.folder}/untimed`;
    for (const split of ["time", "user-time"]) {
      await expect(prepare({ format: "edges", behaviors: { buy: input }, split, out })).rejects.toThrow("no times");
    }
  });

  it("impressions keep the part of the target's pair, and no pair is in two parts", async () => {
    const out = `${disk.folder}/shown`;
    const rows = events
      .map((line) => line.split(","))
      .map(([u, i, , b, t]) => `${u},${i},${b === "buy" ? 1 : 0},${b === "cart" ? 1 : 0},${t}`);
    const input = disk.write("shown.csv", `u,i,buy,cart,t\n${rows.join("\n")}`);
    await prepare({ format: "csv", input, columns: { user: "u", item: "i", label: "buy+cart", time: "t" }, out });
    const set = await loadPrepared(out);
    const seen = new Map<string, string>();
    for (const part of ["train", "valid", "test"] as const) {
      const shown = set.impressions?.[part];
      if (!shown) throw new Error("no impressions");
      for (let row = 0; row < shown.size; row++) {
        const pair = `${shown.users[row]} ${shown.items[row]}`;
        expect(seen.get(pair) ?? part).toBe(part);
        seen.set(pair, part);
      }
    }
    for (const part of ["train", "valid", "test"] as const) {
      const { offsets, items } = set.behaviors["buy"]?.[part] ?? { offsets: [], items: [] };
      for (let user = 0; user < set.users; user++) {
        for (let k = offsets[user] as number; k < (offsets[user + 1] as number); k++)
          expect(seen.get(`${user} ${items[k]}`)).toBe(part);
      }
    }
  });
});
