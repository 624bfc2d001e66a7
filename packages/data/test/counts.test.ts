import { afterAll, describe, expect, it } from "vitest";
import { loadKeys, loadPrepared, prepare, type Interactions, type PrepareOptions } from "../src/index.js";
import { overlap, readPairs, recount, type Pair } from "./recount.js";
import { has, real, scratch } from "./support.js";

const disk = scratch();
afterAll(() => disk.remove());

/** The pairs of a part, in the source's own ids. */
async function pairsOf(out: string, part: Interactions): Promise<Pair[]> {
  const { users, items } = await loadKeys(out);
  const pairs: Pair[] = [];
  for (const [u, user] of users.entries()) {
    for (const item of part.items.subarray(part.offsets[u], part.offsets[u + 1]))
      pairs.push([user, items[item] as string]);
  }
  return pairs;
}

/** Prepares with own splits and filters, and compares every count with sets made by hand. */
async function compare(
  name: string,
  options: Omit<PrepareOptions, "out">,
  behaviors: Record<string, Pair[]>,
  target: string,
): Promise<void> {
  const out = `${disk.folder}/${name}`;
  const report = await prepare({ ...options, out });
  const expected = recount(behaviors, target, {
    minUser: options.minUser ?? 0,
    minItem: options.minItem ?? 0,
    once: options.passes === "once",
  });
  expect([report.users, report.items]).toEqual([expected.users.size, expected.items.size]);
  const set = await loadPrepared(out);
  const main = set.behaviors[target];
  if (!main) throw new Error("no target");
  const held = [...(await pairsOf(out, main.valid)), ...(await pairsOf(out, main.test))];
  for (const [behavior, rows] of Object.entries(behaviors)) {
    const pairs = expected.pairs[behavior] ?? [];
    const counts = report.behaviors[behavior];
    if (behavior === target) {
      const tenth = Math.round(pairs.length * 0.15);
      const train = pairs.length - 2 * tenth;
      expect(counts).toEqual({ raw: rows.length, pairs: pairs.length, train, valid: tenth, test: tenth });
      expect(overlap(await pairsOf(out, main.train), pairs)).toBe(train);
      expect(overlap(held, pairs)).toBe(2 * tenth);
    } else {
      const leaked = options.keepLeakage ? 0 : overlap(pairs, held);
      expect(counts).toEqual({ raw: rows.length, pairs: pairs.length, leaked, train: pairs.length - leaked });
      const written = await pairsOf(out, set.behaviors[behavior]?.train as Interactions);
      expect(overlap(written, pairs)).toBe(pairs.length - leaked);
      if (!options.keepLeakage) expect(overlap(written, held)).toBe(0);
    }
  }
}

describe("prepare on real data, counted again with sets", () => {
  it.skipIf(!has("taobao"))(
    "drops exactly the 3,381 test purchases that are in cart, and those of validation (needs ../shared/data/taobao)",
    async () => {
      const files = { buy: real("taobao/buy.txt"), cart: real("taobao/cart.txt") };
      const [buy, cart, test, valid] = ["buy", "cart", "test", "valid"].map((name) =>
        readPairs(real(`taobao/${name}.txt`)),
      ) as [Pair[], Pair[], Pair[], Pair[]];
      const out = `${disk.folder}/taobao-test`;
      const onlyTest = await prepare({ format: "edges", behaviors: files, test: real("taobao/test.txt"), out });
      expect(onlyTest.behaviors["cart"]).toEqual({ raw: 195_476, pairs: 195_476, leaked: 3381, train: 192_095 });
      expect(overlap(cart, test)).toBe(3381);
      const left = await pairsOf(out, (await loadPrepared(out)).behaviors["cart"]?.train as Interactions);
      expect(overlap(left, test)).toBe(0);

      const both = await prepare({
        format: "edges",
        behaviors: files,
        test: real("taobao/test.txt"),
        valid: real("taobao/valid.txt"),
        out,
        force: true,
      });
      const all = recount({ buy: [...buy, ...test, ...valid], cart }, "buy");
      const leaked = overlap(cart, [...test, ...valid]);
      expect(both).toMatchObject({ users: all.users.size, items: all.items.size });
      expect(both.behaviors).toEqual({
        buy: {
          raw: buy.length + test.length + valid.length,
          pairs: all.pairs["buy"]?.length,
          train: (all.pairs["buy"]?.length ?? 0) - test.length - valid.length,
          valid: valid.length,
          test: test.length,
        },
        cart: { raw: cart.length, pairs: cart.length, leaked, train: cart.length - leaked },
      });
    },
  );

  it.skipIf(!has("taobao"))(
    "filters, splits and cleans taobao as counted by hand (needs ../shared/data/taobao)",
    async () => {
      const behaviors = { buy: readPairs(real("taobao/buy.txt")), cart: readPairs(real("taobao/cart.txt")) };
      const options = {
        format: "edges",
        behaviors: { buy: real("taobao/buy.txt"), cart: real("taobao/cart.txt") },
      } as const;
      await compare("taobao", options, behaviors, "buy");
      await compare("taobao-5", { ...options, minUser: 5, minItem: 3, seed: 7 }, behaviors, "buy");
      await compare("taobao-once", { ...options, minUser: 6, minItem: 5, passes: "once" }, behaviors, "buy");
      await compare("taobao-user", { ...options, minUser: 5, keepLeakage: true }, behaviors, "buy");
      await compare("taobao-item", { ...options, minItem: 5 }, behaviors, "buy");
    },
  );

  it.skipIf(!has("jdata"))(
    "prepares jdata as counted by hand, with its own parts and with a split (needs ../shared/data/jdata)",
    async () => {
      const names = ["buy", "cart", "collect"] as const;
      const behaviors = Object.fromEntries(names.map((name) => [name, readPairs(real(`jdata/${name}.txt`))]));
      const files = Object.fromEntries(names.map((name) => [name, real(`jdata/${name}.txt`)]));
      await compare("jdata", { format: "edges", behaviors: files, minUser: 3, minItem: 3 }, behaviors, "buy");
      const [test, valid] = ["test", "valid"].map((name) => readPairs(real(`jdata/${name}.txt`))) as [Pair[], Pair[]];
      const given = await prepare({
        format: "edges",
        behaviors: files,
        test: real("jdata/test.txt"),
        valid: real("jdata/valid.txt"),
        out: `${disk.folder}/jdata-given`,
      });
      const held = [...test, ...valid];
      const buy = recount({ buy: [...(behaviors["buy"] ?? []), ...held] }, "buy").pairs["buy"] ?? [];
      expect(given.behaviors["buy"]).toMatchObject({
        pairs: buy.length,
        test: overlap(test, test),
        valid: overlap(valid, valid) - overlap(valid, test),
        train: buy.length - overlap(held, held),
      });
      for (const name of ["cart", "collect"])
        expect(given.behaviors[name]).toMatchObject({ leaked: overlap(behaviors[name] ?? [], held) });
    },
  );

  it.skipIf(!has("ml-100k"))(
    "prepares ml-100k from its atomic files as counted by hand (needs ../shared/data/ml-100k)",
    async () => {
      const interaction = readPairs(real("ml-100k/ml-100k.inter"), [0, 1], true);
      await compare("ml", { format: "recbole", input: real("ml-100k") }, { interaction }, "interaction");
      await compare(
        "ml-20",
        { format: "recbole", input: real("ml-100k/ml-100k"), minUser: 30, minItem: 30 },
        { interaction },
        "interaction",
      );
    },
  );

  it.skipIf(!has("ml-100k"))(
    "keeps a core of ml-100k in which nobody is below the limit (needs ../shared/data/ml-100k)",
    async () => {
      const interaction = readPairs(real("ml-100k/ml-100k.inter"), [0, 1], true);
      const report = await prepare({
        format: "recbole",
        input: real("ml-100k"),
        core: 50,
        out: `${disk.folder}/ml-core`,
      });
      const expected = recount({ interaction }, "interaction", { minUser: 50, minItem: 50 });
      expect([report.users, report.items]).toEqual([expected.users.size, expected.items.size]);
      expect(report.behaviors["interaction"]?.pairs).toBe(expected.pairs["interaction"]?.length);
    },
  );

  it.skipIf(!has("lastfm"))(
    "prepares lastfm with its friendships as counted by hand (needs ../shared/data/lastfm)",
    async () => {
      const [train, test, trust] = ["train", "test", "trust"].map((name) => readPairs(real(`lastfm/${name}.txt`))) as [
        Pair[],
        Pair[],
        Pair[],
      ];
      await compare(
        "lastfm-split",
        { format: "lastfm", input: real("lastfm"), split: "random:0.7,0.15,0.15", minUser: 5, minItem: 5 },
        { listen: [...train, ...test] },
        "listen",
      );
      const given = await prepare({ format: "lastfm", input: real("lastfm"), out: `${disk.folder}/lastfm` });
      const { users, pairs } = recount({ listen: [...train, ...test] }, "listen");
      const links = new Set(
        trust.filter(([a, b]) => a !== b && users.has(a) && users.has(b)).map((pair) => pair.join(" ")),
      );
      expect(given.social).toBe(links.size);
      expect(given.users).toBe(users.size);
      expect(given.behaviors["listen"]).toEqual({
        raw: train.length + test.length,
        pairs: pairs["listen"]?.length,
        train: (pairs["listen"]?.length ?? 0) - test.length,
        valid: 0,
        test: test.length,
      });
    },
  );
});
