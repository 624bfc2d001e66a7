import { readFileSync, readdirSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { loadPrepared, prepare, type PrepareOptions } from "../src/index.js";
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
    expect(test?.items.length).toBe(Math.round(0.2 * total));
    expect(valid?.items.length).toBe(Math.round(0.2 * total));
    expect(Math.max(...(train?.times ?? []))).toBeLessThanOrEqual(Math.min(...(valid?.times ?? [])));
    expect(Math.max(...(valid?.times ?? []))).toBeLessThanOrEqual(Math.min(...(test?.times ?? [])));
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
