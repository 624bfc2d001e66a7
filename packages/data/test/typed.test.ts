import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  encoderOf,
  type Feature,
  impressionsSampler,
  loadKeys,
  loadPrepared,
  loadVocabularies,
  measuresOf,
  prepare,
  type PreparedSet,
  type Vocabularies,
} from "../src/index.js";
import { refusal, scratch } from "./support.js";

const { folder, write, remove } = scratch();
afterAll(remove);

/** Rows whose values are told by their number. */
const rows = Array.from({ length: 200 }, (_, k) => ({
  uid: String(k % 20),
  sku: String(k % 37),
  click: k % 3 === 0 ? "1" : "0",
  conv: k % 6 === 0 ? "1" : "0",
  price: k % 10 === 7 ? "" : String((k % 50) * 1.5 - 3),
  tags: k % 11 === 0 ? "" : `t${k % 4}|t${k % 3}`,
  city: k === 5 ? "rare" : k % 9 === 0 ? "?" : `c${k % 5}`,
  at: `2024-03-${String(1 + (k % 28)).padStart(2, "0")} ${String(k % 24).padStart(2, "0")}:30`,
}));
type Row = (typeof rows)[number];
const names = Object.keys(rows[0] as object);
const csv = (lines: readonly (readonly string[])[]): string => lines.map((line) => line.join(",")).join("\n");
const log = write("log.csv", csv([names, ...rows.map((row) => Object.values(row))]));
const ages = Array.from({ length: 19 }, (_, k) => [String(k), String(k + 18), k % 2 ? "a" : "b"]);
const users = write("users.csv", csv([["id", "age", "kind"], ...ages]));
const items = write(
  "items.csv",
  csv([["sku", "labels"], ...Array.from({ length: 37 }, (_, k) => [String(k), `x${k % 3}|y`])]),
);

const columns = {
  user: "uid",
  item: "sku",
  label: "click+conv@click",
  features:
    "price:number(log,flag)+bin=price:number(quantiles=4)+tags:list(|,sum)+city:category(min=2)+plain=city:category+at:time(hour,weekday)+city*tags:hash(2^10)",
  users: "id:id+age:number(min-max)+kind",
  items: "labels:list(|)",
};

let out = "";
let set: PreparedSet;
let vocabularies: Vocabularies;
let keys: { readonly users: readonly string[]; readonly items: readonly string[] };
beforeAll(async () => {
  out = join(folder, "set");
  const report = await prepare({ format: "csv", input: log, columns, users, items, out });
  expect(report.notes).toContain("1 of 20 users have no row in the file of users: their features are missing");
  set = await loadPrepared(out);
  vocabularies = await loadVocabularies(out);
  keys = await loadKeys(out);
}, 60_000);

const shown = (): NonNullable<PreparedSet["impressions"]> => set.impressions as NonNullable<PreparedSet["impressions"]>;
const parts = ["train", "valid", "test"] as const;
const pick = (features: readonly Feature[], name: string): Feature => {
  const found = features.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name} among ${features.map((one) => one.name).join()}`);
  return found;
};
/** The source row of a pair: each pair stands once. */
const sourceOf = new Map(rows.map((row) => [`${row.uid} ${row.sku}`, row]));
const rowsOf = (part: (typeof parts)[number]): Row[] => {
  const { users: u, items: i } = shown()[part];
  return Array.from(u, (user, k) => sourceOf.get(`${keys.users[user]} ${keys.items[i[k] as number]}`) as Row);
};

/** What stands in the set for a row. */
function held(feature: Feature, row: number): readonly number[] {
  if (feature.kind === "numerical") return [feature.values[row] as number];
  if (feature.kind === "one-hot") return feature.ids[row] === 0 ? [] : [feature.ids[row] as number];
  return [...feature.ids.subarray(feature.offsets[row], feature.offsets[row + 1])];
}

describe("typed features", () => {
  it("are fields and inputs of a batch, each as what it is", () => {
    expect(set.manifest?.version).toBe(2);
    const batch = impressionsSampler(set, { batchSize: 1000, shuffle: false }).next();
    expect(batch.numericalNames).toEqual(["age", "price", "price.missing"]);
    expect(batch.fields.map(({ name, kind, vocabulary }) => `${name} ${kind} ${vocabulary}`)).toEqual([
      "user one-hot 20",
      "item one-hot 37",
      "kind one-hot 3",
      "labels multi-hot 5",
      "bin one-hot 5",
      "tags multi-hot 5",
      "city one-hot 8",
      "plain one-hot 8",
      "at.hour one-hot 25",
      "at.weekday one-hot 8",
      "city*tags one-hot 1025",
    ]);
    expect(batch.fields.find(({ name }) => name === "tags")).toMatchObject({ pooling: "sum" });
  });

  it("number a row that comes later exactly as prepare numbered those of the files", () => {
    let compared = 0;
    for (const part of parts) {
      const source = rowsOf(part);
      for (const feature of shown()[part].features) {
        const known = vocabularies.impression[feature.name];
        const encode = encoderOf(feature, (value) => Math.max(0, known?.indexOf(value) ?? 0));
        for (const [k, row] of source.entries()) {
          const { ids, number } = encode(row);
          expect([feature.name, row, feature.kind === "numerical" ? [Math.fround(number)] : ids]).toEqual([
            feature.name,
            row,
            held(feature, k),
          ]);
          compared++;
        }
      }
    }
    expect(compared).toBe(8 * rows.length);
  });

  it("learn bounds, vocabularies and scales from training rows alone", () => {
    const train = rowsOf("train");
    const counts = new Map<string, number>();
    for (const { city } of train) counts.set(city, (counts.get(city) ?? 0) + 1);
    const frequent = [...counts].filter(([, count]) => count >= 2).map(([city]) => city);
    expect(vocabularies.impression["city"]?.filter(Boolean).sort()).toEqual(frequent.sort());
    const prices = train.flatMap(({ price }) => (price === "" ? [] : [Number(price)])).sort((a, b) => a - b);
    const bin = pick(shown().train.features, "bin").encoding;
    if (bin?.kind !== "buckets") throw new Error("no buckets");
    for (const [k, share] of [0.25, 0.5, 0.75].entries()) {
      const below = prices.filter((price) => price < (bin.bounds[k] as number)).length / prices.length;
      expect(Math.abs(below - share)).toBeLessThan(0.06);
      expect(prices).toContain(bin.bounds[k]);
    }
    const logs = prices.map((price) => Math.sign(price) * Math.log1p(Math.abs(price)));
    const mean = logs.reduce((sum, x) => sum + x, 0) / logs.length;
    const deviation = Math.sqrt(logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / logs.length);
    const { price, age } = measuresOf(set);
    expect(price?.mean).toBeCloseTo(mean, 5);
    expect(price?.scale).toBeCloseTo(1 / deviation, 5);
    const own = train.flatMap(({ uid }) => (uid === "19" ? [] : [Number(uid) + 18]));
    expect(age).toEqual({ mean: Math.min(...own), scale: 1 / (Math.max(...own) - Math.min(...own)) });
  });

  it("say missing apart from unknown: a number's flag, no value, and a number for what is rare or new", () => {
    const city = pick(shown().train.features, "city");
    const encode = encoderOf(city, (value) => Math.max(0, vocabularies.impression["city"]?.indexOf(value) ?? 0));
    expect(encode({ city: "" })).toMatchObject({ ids: [], known: true });
    expect(encode({ city: "Atlantis" })).toMatchObject({ ids: [7], known: false });
    expect(city).toMatchObject({ vocabulary: 8, encoding: { unknown: 7 } });
    const batch = impressionsSampler(set, { batchSize: 1000, shuffle: false }).next();
    rowsOf("train").forEach(({ price }, k) => {
      expect(batch.numerical[3 * k + 2]).toBe(price === "" ? 1 : 0);
      if (price === "") expect(batch.numerical[3 * k + 1]).toBe(0);
    });
  });

  it("of users and items come from files of their own, by their ids", () => {
    const kind = pick(set.userFeatures, "kind");
    const labels = pick(set.itemFeatures, "labels");
    keys.users.forEach((key, user) => {
      const words = held(kind, user).map((id) => vocabularies.user["kind"]?.[id]);
      expect(words).toEqual(key === "19" ? [] : [Number(key) % 2 ? "a" : "b"]);
    });
    keys.items.forEach((key, item) => {
      const words = held(labels, item).map((id) => vocabularies.item["labels"]?.[id]);
      expect(words).toEqual([`x${Number(key) % 3}`, "y"]);
    });
  });

  it("are the same from a schema, with words for nothing", async () => {
    const schema = write(
      "schema.json",
      JSON.stringify({
        user: "uid",
        item: "sku",
        label: ["click", "conv@click"],
        missing: ["?"],
        features: { city: { type: "category" }, price: { type: "number", scale: "none" } },
      }),
    );
    const to = join(folder, "by-schema");
    await prepare({ format: "csv", input: log, schema, out: to });
    expect((await loadVocabularies(to)).impression["city"]?.filter(Boolean)).not.toContain("?");
    expect(vocabularies.impression["plain"]).toContain("?");
  });
});

describe("a label with a space of its own", () => {
  it("counts where the other label is 1, and has none elsewhere", () => {
    for (const part of parts) {
      const [click, conv] = shown()[part].labels;
      rowsOf(part).forEach((row, k) => {
        expect(click?.[k]).toBe(Number(row.click));
        expect(conv?.[k]).toBe(row.click === "1" ? Number(row.conv) : 255);
      });
    }
    expect(set.manifest?.tables.impressions?.spaces).toEqual({ conv: "click" });
  });
});

describe("what does not fit", () => {
  const refused = async (change: object): Promise<string> =>
    (await refusal({ format: "csv", input: log, columns, users, items, out: join(folder, "none"), ...change })).message;
  const withFeatures = (features: string): object => ({ columns: { ...columns, features } });
  let schemas = 0;
  const schema = (value: unknown): object => ({
    schema: write(`wrong-${schemas++}.json`, JSON.stringify(value)),
    columns: undefined,
  });

  it.each([
    ["a column that is not there", withFeatures("prise:number"), /no column "prise"/],
    [
      "a type that is none",
      withFeatures("price:nmber"),
      /"nmber" is no type \(feature price\).*category, list, number/,
    ],
    [
      "an option that the type has not",
      withFeatures("price:number(sum)"),
      /scale is "sum".*feature price.*standard, min-max, log or none/,
    ],
    ["a number that is text", withFeatures("city:number"), /city is "c1", not a number/],
    ["two of a name", withFeatures("price:number+price:list(|)"), /two features are called "price"/],
    [
      "a schema with an unknown type",
      schema({ user: "uid", item: "sku", features: { a: { type: "enum" } } }),
      /type is "enum" .*feature a.*category, list/,
    ],
    ["a schema with a key that is none", schema({ user: "uid", itm: "sku" }), /the schema has "itm"/],
    ["a label's space that is no label", { columns: { ...columns, label: "click+conv@view" } }, /no label "view"/],
    [
      "a label within itself",
      { columns: { ...columns, label: "click@conv+conv@click" } },
      /the label's space is itself/,
    ],
    ["features of users without a file", { users: undefined }, /features of users are named, and there is no file/],
    [
      "a file of users without features",
      { columns: { ...columns, users: undefined } },
      /nothing says what its columns are/,
    ],
  ])("is refused in one line: %s", async (_, change, message) => {
    expect(await refused(change)).toMatch(message);
  });

  it("is refused in one line: an empty space of a label", async () => {
    const input = write(
      "never.csv",
      csv([names, ...rows.map((row) => Object.values({ ...row, click: row.uid === "1" ? "1" : "0", conv: "" }))]),
    );
    expect(await refused({ input, columns: { ...columns, label: "click+conv@click" } })).toMatch(
      /the space of conv is empty: no training row has click = 1 and a label of conv \(conv@click\)/,
    );
  });

  it("is refused in one line: a number that becomes text far into the file, with its line", async () => {
    const input = write(
      "turns.csv",
      csv([
        names,
        ...Array.from({ length: 3000 }, (_, k) =>
          Object.values({ ...(rows[k % 200] as Row), ...(k === 2500 && { price: "cheap" }) }),
        ),
      ]),
    );
    expect(await refused({ input, strict: true })).toMatch(
      /price is "cheap", not a number.*turns.csv:2502|turns.csv:2502.*price is "cheap"/,
    );
  });

  it("is refused in one line: a user that stands twice, and weights below 0", async () => {
    const twice = write("twice.csv", csv([["id", "age", "kind"], ...ages, ["3", "40", "a"]]));
    expect(await refused({ users: twice })).toMatch(/id 3 stands in 2 rows/);
    expect(await refused({ columns: { ...columns, weight: "price" }, input: write("w.csv", csv([names, ...rows.map((row) => Object.values({ ...row, price: "-1" }))])) })).toMatch(/200 weights are below 0/); // prettier-ignore
  });
});
