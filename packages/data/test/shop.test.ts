import { readFileSync, readdirSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import {
  generateShop,
  loadPrepared,
  prepare,
  writePrepared,
  writeUserBehavior,
  type PreparedSet,
  type ShopOptions,
} from "../src/index.js";
import { refusal, scratch } from "./support.js";

const disk = scratch();
afterAll(() => disk.remove());

const data = ({ manifest: _manifest, ...set }: PreparedSet): Omit<PreparedSet, "manifest"> => set;
describe("what the shop is told", () => {
  it("is refused where it is nothing that it knows: a mistyped knob would turn nothing", () => {
    expect(() => generateShop({ nope: 3 } as ShopOptions)).toThrow(/unknown option nope \(generateShop\): .*agreement/);
    const agreement = { buy: 1 } as NonNullable<ShopOptions["agreement"]>;
    expect(() => generateShop({ agreement })).toThrow(/unknown option buy \(generateShop, agreement\)/);
  });
});

const size = (set: PreparedSet, behavior: string): number => set.behaviors[behavior]?.train.items.length ?? 0;

/** Mean number of a user's tested purchases among the 20 items that fit best to their training events of `behavior`, by item co-occurrence. */
function hitsOf(set: PreparedSet, behavior: string): number {
  const { offsets, items } = set.behaviors[behavior]?.train ?? { offsets: new Int32Array(0), items: new Int32Array(0) };
  const together = new Float64Array(set.items * set.items);
  const counts = new Float64Array(set.items);
  for (let user = 0; user < set.users; user++) {
    const own = items.subarray(offsets[user], offsets[user + 1]);
    for (const a of own) {
      counts[a]!++;
      for (const b of own) together[a * set.items + b]!++;
    }
  }
  const test = set.behaviors["buy"]?.test;
  const bought = set.behaviors["buy"]?.train;
  let hits = 0;
  for (let user = 0; user < set.users; user++) {
    const own = items.subarray(offsets[user], offsets[user + 1]);
    const known = new Set(bought?.items.subarray(bought.offsets[user], bought.offsets[user + 1]));
    const scores = Array.from({ length: set.items }, (_, item) => {
      let score = known.has(item) ? Number.NEGATIVE_INFINITY : 0;
      for (const other of own)
        score +=
          (together[other * set.items + item] as number) /
          Math.sqrt(1 + (counts[item] as number) * (counts[other] as number));
      return { item, score };
    });
    const best = new Set(
      scores
        .sort((a, b) => b.score - a.score)
        .slice(0, 20)
        .map(({ item }) => item),
    );
    for (const item of test?.items.subarray(test.offsets[user], test.offsets[user + 1]) ?? [])
      if (best.has(item)) hits++;
  }
  return hits / (test?.items.length ?? 1);
}

describe("generateShop", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(data(generateShop({ users: 50, items: 60 }))).toEqual(data(generateShop({ users: 50, items: 60 })));
    expect(data(generateShop({ users: 50, items: 60, seed: 2 }))).not.toEqual(
      data(generateShop({ users: 50, items: 60 })),
    );
  });

  it("keeps every promise of a prepared set: unique sorted pairs, parts that do not meet, no leaked pair", () => {
    const set = generateShop();
    const held = new Set<number>();
    const all = new Set<number>();
    const keys = ({ offsets, items }: { offsets: Int32Array; items: Int32Array }, user: number): number[] =>
      [...items.subarray(offsets[user], offsets[user + 1])].map((item) => user * set.items + item);
    for (let user = 0; user < set.users; user++) {
      for (const part of ["train", "valid", "test"] as const) {
        const own = keys(set.behaviors["buy"]?.[part] as never, user);
        expect(own).toEqual([...new Set(own)].sort((a, b) => a - b));
        for (const key of own) {
          expect(all.has(key)).toBe(false);
          all.add(key);
          if (part !== "train") held.add(key);
        }
      }
    }
    expect(all.size).toBe(set.counts["buy"]?.pairs);
    for (const name of ["cart", "pv", "fav"]) {
      let leaked = 0;
      for (let user = 0; user < set.users; user++)
        for (const key of keys(set.behaviors[name]?.train as never, user)) if (held.has(key)) leaked++;
      expect(leaked).toBe(0);
    }
  });

  it("has auxiliaries that outnumber purchases as asked", () => {
    const set = generateShop({ ratio: { pv: 12, cart: 3, fav: 0.5 }, items: 2000, users: 300 });
    const buys = set.counts["buy"]?.pairs ?? 0;
    expect(buys / 300).toBeGreaterThan(9);
    expect(buys / 300).toBeLessThan(11);
    for (const [name, ratio] of [
      ["pv", 12],
      ["cart", 3],
      ["fav", 0.5],
    ] as const) {
      const pairs = set.counts[name]?.pairs ?? 0;
      expect(pairs / buys / ratio).toBeGreaterThan(0.85);
      expect(pairs / buys / ratio).toBeLessThan(1.15);
    }
  });

  it("has few popular items and many that are not", () => {
    const set = generateShop();
    const counts = new Float64Array(set.items);
    for (const item of set.behaviors["pv"]?.train.items ?? []) counts[item]!++;
    const sorted = [...counts].sort((a, b) => b - a);
    const share = (top: number): number =>
      sorted.slice(0, top).reduce((sum, count) => sum + count, 0) / size(set, "pv");
    expect(share(set.items / 10)).toBeGreaterThan(0.2);
    expect(sorted.at(-1)).toBeLessThan((sorted[0] as number) / 5);
  });

  it("has views that tell of purchases as far as they agree with them", () => {
    const options = { users: 300, items: 200, seed: 3 } satisfies ShopOptions;
    const hits = [-0.8, 0, 0.9].map((agreement) => hitsOf(generateShop({ ...options, agreement }), "fav"));
    expect(hits[2]).toBeGreaterThan(1.3 * (hits[1] as number));
    expect(hits[1]).toBeGreaterThan(hits[0] as number);
    // Twenty of 200 items at random would hit 0.1; purchases themselves must say more than that.
    expect(hitsOf(generateShop(options), "buy")).toBeGreaterThan(0.15);
  });

  it("names the option that is out of range", () => {
    expect(() => generateShop({ agreement: 2 })).toThrow(/agreement\.cart is 2/);
    expect(() => generateShop({ users: 3 })).toThrow(/users is 3/);
    expect(() => generateShop({ items: 30, buysPerUser: 20 })).toThrow(/buysPerUser is 20/);
    // What nobody gave fits what was given.
    expect(generateShop({ users: 40, items: 30 }).items).toBe(30);
  });
});

describe("a generated set on disk", () => {
  it("comes back as it was, and is the same bytes every time", async () => {
    const set = generateShop({ users: 80, items: 60 });
    const [first, second] = [`${disk.folder}/first`, `${disk.folder}/second`];
    const manifest = await writePrepared(set, first, { options: { users: 80, items: 60 } });
    await writePrepared(set, second, { options: { users: 80, items: 60 } });
    const loaded = await loadPrepared(first);
    expect(data(loaded)).toEqual(data(set));
    expect(loaded.manifest).toEqual(manifest);
    for (const name of readdirSync(first))
      expect(readFileSync(`${first}/${name}`).equals(readFileSync(`${second}/${name}`))).toBe(true);
    await expect(writePrepared(set, first)).rejects.toThrow(/exists/);
  });
});

describe("writeUserBehavior", () => {
  it("writes exactly the rows asked for, in Taobao's layout and proportions, and prepares", async () => {
    const path = `${disk.folder}/UserBehavior.csv`;
    const bytes = writeUserBehavior(path, { rows: 200_000, seed: 5 });
    const lines = readFileSync(path, "utf8").split("\n");
    expect(bytes).toBe(readFileSync(path).length);
    expect(lines.pop()).toBe("");
    expect(lines).toHaveLength(200_000);
    expect(lines.every((line) => /^\d+,\d+,\d+,(pv|buy|cart|fav),\d{10}$/.test(line))).toBe(true);
    const report = await prepare({ format: "taobao", input: path, minUser: 3, minItem: 3, out: `${disk.folder}/ub` });
    const raw = Object.fromEntries(
      Object.entries(report.behaviors).map(([name, counts]) => [name, counts.raw / 200_000]),
    );
    expect(raw["pv"]).toBeGreaterThan(0.85);
    expect(raw["buy"]).toBeGreaterThan(0.01);
    expect(raw["buy"]).toBeLessThan(0.03);
    expect(report.users).toBeGreaterThan(20);
    expect(report.malformed).toBe(0);
    writeUserBehavior(`${disk.folder}/again.csv`, { rows: 200_000, seed: 5 });
    expect(readFileSync(`${disk.folder}/again.csv`).equals(readFileSync(path))).toBe(true);
  });

  it("refuses sizes that are none", async () => {
    expect(() => writeUserBehavior(`${disk.folder}/no.csv`, { rows: 0 })).toThrow(/rows is 0/);
    expect(
      (await refusal({ format: "taobao", input: `${disk.folder}/no.csv`, out: `${disk.folder}/x/set` })).code,
    ).toBe("not-found");
  });
});
