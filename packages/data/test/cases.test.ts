/** Small files on which the product was wrong once, each for its kind: what each must give. */
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { loadKeys, loadPrepared, prepare, type PrepareOptions, type PreparedSet } from "../src/index.js";
import { refusal, scratch } from "./support.js";

const disk = scratch();
afterAll(() => disk.remove());
const fixture = (path: string): string => fileURLToPath(new URL(`./fixtures/${path}`, import.meta.url));
let sets = 0;

async function made(options: Omit<PrepareOptions, "out">) {
  const out = `${disk.folder}/set-${sets++}`;
  const report = await prepare({ ...options, out });
  return { report, set: await loadPrepared(out), keys: await loadKeys(out) };
}

const refused = (options: Omit<PrepareOptions, "out">) => refusal({ ...options, out: `${disk.folder}/refused` });

/** The items, by the source's names, that a part of a behaviour holds. */
const itemsOf = (
  { set, keys }: { set: PreparedSet; keys: { items: readonly string[] } },
  part: "train" | "valid" | "test",
) => new Set([...(set.behaviors[set.target]?.[part].items ?? [])].map((item) => keys.items[item]));

describe("missing labels", () => {
  const columns = { user: "uid", item: "sku", label: "click+conv", time: "ts" };

  it("are missing whether the cell is empty or NaN", async () => {
    for (const file of ["labels-nan.csv", "labels-empty.csv"]) {
      const { report } = await made({
        format: "csv",
        input: fixture(`missing-labels/${file}`),
        columns,
        target: "click",
      });
      expect(report.impressions?.labels["conv"], file).toEqual({ known: 50, positive: 16 });
      expect(report.impressions?.labels["click"], file).toEqual({ known: 200, positive: 50 });
      expect(report.malformed, file).toBe(0);
    }
  });

  it("are missing in Parquet, too, where NaN compares as large", async () => {
    for (const file of ["nan.parquet", "null.parquet"]) {
      const input = fixture(`missing-labels/${file}`);
      const { report } = await made({ format: "parquet", input, columns: { ...columns, time: undefined as never } });
      expect(report.impressions?.labels["conv"]?.positive, file).toBe(20);
    }
  });
});

describe("encodings", () => {
  const request = {
    format: "csv",
    input: fixture("encodings/latin1.csv"),
    columns: { user: "user", item: "item", value: "r" },
  } as const;

  it("refuses bytes that are not UTF-8 with file, line and remedy", async () => {
    const { code, message } = await refused(request);
    expect(code).toBe("invalid-input");
    expect(message).toMatch(/not UTF-8 \(.*latin1\.csv:2\).*encoding/);
  });

  it("reads them as what they are when told", async () => {
    const told = await made({ ...request, encoding: "latin1" });
    const utf8 = await made({ ...request, input: fixture("encodings/utf8.csv") });
    expect(told.keys).toEqual(utf8.keys);
    expect(told.keys.items).toHaveLength(7);
    expect(told.report.behaviors).toEqual(utf8.report.behaviors);
  });

  it("refuses an encoding that does not exist, and one whose bytes these are not", async () => {
    expect((await refused({ ...request, encoding: "klingon" })).message).toMatch(/no encoding "klingon" \(encoding\)/);
    const { message } = await refused({ ...request, encoding: "shift_jis" });
    expect(message).toMatch(/not shift_jis \(.*latin1\.csv:2\)/);
  });
});

it("features whose names differ in punctuation alone are two features", async () => {
  const columns = { user: "uid", item: "sku", label: "click", features: "hour of day+hour-of-day+hour_of_day" };
  const { set } = await made({ format: "csv", input: fixture("feature-names/punct.csv"), columns });
  const found = set.impressions?.train.features ?? [];
  expect(found.map(({ name }) => name)).toEqual(["hour of day", "hour-of-day", "hour_of_day"]);
  const files = set.manifest?.tables.features.map(({ values }) => values) ?? [];
  expect(new Set(files).size).toBe(3);
});

describe("times", () => {
  const columns = { user: "customer_id", item: "article_id", time: "t_dat" };
  const split = "time:0.8,0.1,0.1";

  it("that cannot be read make their rows malformed, with line and value", async () => {
    const dmy = await refused({ format: "csv", input: fixture("times/dates-dmy.csv"), columns, split });
    expect(dmy.message).toMatch(
      /60 of 60 rows.*dates-dmy\.csv:2 t_dat is "01\/01\/2020 10:05", not a time: `timeFormat`/,
    );
    const mixed = await refused({ format: "csv", input: fixture("times/dates-mixed.csv"), columns, split });
    expect(mixed.message).toMatch(/10 of 60 rows.*dates-mixed\.csv:7 t_dat is "06\.01\.2020"/);
  });

  it("are read as a given format says", async () => {
    const input = fixture("times/dates-dmy.csv");
    const { report, set } = await made({ format: "csv", input, columns, split, timeFormat: "%d/%m/%Y %H:%M" });
    expect(report.malformed).toBe(0);
    const first = Math.min(...(set.behaviors["interaction"]?.train.times ?? []));
    expect(first).toBe(Date.UTC(2020, 0, 1, 10, 5) / 1000);
    const wrong = await refused({ format: "csv", input, columns, timeFormat: "%d/%Q" });
    expect(wrong.message).toMatch(/the time format is "%d\/%Q" \(timeFormat\)/);
  });

  it("honour offsets", async () => {
    const input = fixture("offsets/offsets.csv");
    const offsets = { user: "user", item: "item", time: "ts" };
    const result = await made({ format: "csv", input, columns: offsets, split: "leave-one-out" });
    expect([...itemsOf(result, "test")]).toEqual(["late"]);
    expect([...itemsOf(result, "valid")]).toEqual(["mid"]);
    expect([...itemsOf(result, "train")]).toEqual(["early"]);
  });

  it("cut all rows of a set at one moment", async () => {
    const input = fixture("time-cut/click-early.csv");
    const clicks = { user: "user", item: "item", label: "click", time: "ts" };
    const { set } = await made({ format: "csv", input, columns: clicks, split });
    const times = (["train", "valid", "test"] as const).map((part) => [...(set.impressions?.[part].times ?? [])]);
    const [train = [], valid = [], test = []] = times;
    expect(train.length + valid.length + test.length).toBe(200);
    expect(Math.max(...train)).toBeLessThan(Math.min(...valid));
    expect(Math.max(...valid)).toBeLessThan(Math.min(...test));
    const pairs = set.behaviors["click"];
    expect(Math.min(...(pairs?.test.times ?? []))).toBe(Math.min(...test));
  });
});

it("unsigned ids of 64 bits are ids", async () => {
  const columns = { user: "uid", item: "sku" };
  const { keys, report } = await made({ format: "parquet", input: fixture("ids/uint64.parquet"), columns });
  expect(report.malformed).toBe(0);
  expect(keys.users.some((key) => BigInt(key) > 2n ** 63n)).toBe(true);
  expect(new Set(keys.users).size).toBe(60);
});

it("separators inside of quotes are no separators, in columns nobody asked for either", async () => {
  const columns = { user: "user", item: "item", time: "time" };
  const input = fixture("quotes/quoted-title.csv");
  const { report } = await made({ format: "csv", input, columns, split: "leave-one-out" });
  expect(report).toMatchObject({ malformed: 0, behaviors: { interaction: { raw: 120, pairs: 120 } } });
});

it("separators, quotes and line ends inside of quotes are text wherever they stand: in names of columns, ids and labels", async () => {
  const quote = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
  const ids = (k: number): readonly [string, string] => [`u,${k % 5}`, `the "${k % 7}",\nbook`];
  const rows = Array.from({ length: 60 }, (_, k) => [...ids(k), "a;b,c", String(k % 2), String(1.6e9 + k)]);
  for (const [name, separator] of [
    ["commas", ","],
    ["semicolons", ";"],
    ["tabs", "\t"],
  ] as const) {
    const lines = [["user, id", 'the "item"', "not asked", "click,", "time"], ...rows];
    const text = lines.map((cells) => cells.map(quote).join(separator)).join("\r\n");
    const input = disk.write(`${name}.${separator === "\t" ? "tsv" : "csv"}`, text);
    const { report, keys } = await made({
      format: "csv",
      input,
      columns: { user: "user, id", item: 'the "item"', label: "click,", time: "time" },
      target: "click,",
    });
    expect(report.malformed, name).toBe(0);
    expect(report.impressions?.labels["click,"], name).toEqual({ known: 60, positive: 30 });
    expect([...keys.users].sort(), name).toEqual([...new Set(rows.map(([user]) => user))].sort());
    expect([...keys.items].sort(), name).toEqual([...new Set(rows.map(([, item]) => item))].sort());
  }
});

describe("Parquet as Spark writes it: times of 96 bits, ids in dictionaries, cells that may be null", () => {
  const input = fixture("types/spark.parquet");
  const columns = { user: "user", item: "item", label: "click", time: "ts" };

  it("is read as the same rows are from text", async () => {
    const request = { columns, target: "click", split: "time:0.8,0.1,0.1" } as const;
    const binary = await made({ format: "parquet", input, ...request });
    const hour = (k: number): string => new Date(Date.UTC(2024, 0, 1, (k * 37) % 400)).toISOString();
    const rows = Array.from({ length: 400 }, (_, k) =>
      [
        k === 5 ? "" : `u${k % 20}`,
        k === 6 ? "" : 100 + ((k * 7) % 23),
        hour(k),
        k % 4 === 3 ? "" : (k % 2) ^ 1,
      ].join(),
    );
    const csv = disk.write("spark.csv", `user,item,ts,click\n${rows.join("\n")}\n`);
    const text = await made({ format: "csv", input: csv, ...request });
    expect(binary.report.malformedRows.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      "6 user is empty",
      "7 item is empty",
    ]);
    expect(binary.report.malformed).toBe(2);
    expect(binary.report.impressions).toEqual(text.report.impressions);
    expect(binary.report.impressions?.labels["click"]).toMatchObject({ known: 298 });
    expect(binary.report.behaviors).toEqual(text.report.behaviors);
    expect([...binary.keys.users].sort()).toEqual([...text.keys.users].sort());
    for (const part of ["train", "valid", "test"] as const)
      expect(itemsOf(binary, part), part).toEqual(itemsOf(text, part));
  });

  it("is refused where the split needs a time and one is null", async () => {
    const gap = { ...columns, time: "gap" };
    const { message } = await refused({ format: "parquet", input, columns: gap, split: "time:0.8,0.1,0.1" });
    expect(message).toMatch(/time|gap/);
  });
});

describe("label values", () => {
  const request = {
    format: "csv",
    input: fixture("label-values/minus1.csv"),
    columns: { user: "user", item: "item", label: "click+buy" },
    target: "click",
  } as const;

  it("other than 0 and 1 are malformed without a rule", async () => {
    const { message } = await refused(request);
    expect(message).toMatch(/200 of 300 rows.*minus1\.csv:3 buy is "-1", not 0, 1, true or false: a rule/);
  });

  it("mean what a rule says, for the task and for its behaviour", async () => {
    const { report } = await made({ ...request, labels: ["buy=buy>=1"] });
    expect(report.impressions?.tasks).toEqual(["click", "buy"]);
    expect(report.impressions?.labels["buy"]).toEqual({ known: 300, positive: 13 });
    expect(report.behaviors["buy"]?.raw).toBe(13);
  });

  it("may be words, by a rule", async () => {
    const rows = Array.from({ length: 30 }, (_, k) => `${k % 5},${k},${["yes", "no", ""][k % 3]}`);
    const input = disk.write("words.csv", `u,i,liked\n${rows.join("\n")}\n`);
    const columns = { user: "u", item: "i", label: "liked" };
    expect((await refused({ format: "csv", input, columns })).message).toMatch(/liked is "yes", not 0, 1/);
    const { report } = await made({ format: "csv", input, columns, labels: ["liked=liked=yes"] });
    expect(report.impressions?.labels["liked"]).toEqual({ known: 20, positive: 10 });
  });

  it("may be True and False", async () => {
    const columns = { user: "user", item: "item", label: "click", time: "ts" };
    const { report } = await made({ format: "csv", input: fixture("smaller/bool.csv"), columns });
    expect(report.impressions?.labels["click"]).toEqual({ known: 300, positive: 100 });
  });
});

it("of repeated rows a value is never lost to an empty one", async () => {
  const columns = { user: "user", item: "item", value: "r", time: "t" };
  const input = fixture("smaller/dup.csv");
  const { set } = await made({ format: "csv", input, columns, split: "random:1,0,0" });
  expect(set.behaviors["interaction"]?.train.values?.[0]).toBe(4.5);
});

it("a header line of pairs is recognised, and said", async () => {
  const { report, keys } = await made({ format: "edges", behaviors: { buy: fixture("smaller/edges-header.txt") } });
  expect(keys.users).not.toContain("user_id");
  expect(report.notes.join("; ")).toMatch(/edges-header\.txt:1 is read as a header: user_id item_id/);
});

it("columns nobody asked for do not matter, whatever they are called", async () => {
  const columns = { user: "user", item: "item" };
  const { report } = await made({ format: "csv", input: fixture("header/pandas.csv"), columns });
  expect(report.behaviors["interaction"]).toMatchObject({ raw: 90, pairs: 90 });
  const rows = Array.from({ length: 20 }, (_, k) => `x,y,z,"a,b",u${k % 4},i${k}`).join("\n");
  const input = disk.write("odd-header.csv", `,User,user2,USER,user,item\n${rows}\n`);
  expect((await made({ format: "csv", input, columns })).report.users).toBe(4);
});

it("hexadecimal is no number for either reader", async () => {
  const { report } = await made({ format: "edges", behaviors: { buy: fixture("numbers/hex.txt") } });
  expect(report.malformedRows).toEqual([{ file: "hex.txt", line: 9001, reason: 'value is "0x10", not a number' }]);
  expect(report.behaviors["buy"]?.raw).toBe(9000);
});

it("a behaviour that takes something back is no task unless it is asked for", async () => {
  const rows = Array.from({ length: 60 }, (_, k) => `u${k % 6},i${k},${k === 7 ? "refund" : k % 2 ? "view" : "buy"}`);
  const input = disk.write("refund.csv", `u,i,e\n${rows.join("\n")}\n`);
  const request = { format: "csv", input, columns: { user: "u", item: "i", behavior: "e" } } as const;
  const { report } = await made(request);
  expect(Object.keys(report.behaviors)).toEqual(["buy", "view"]);
  expect(report.notes).toContain("the target is buy: it is called so");
  expect(report.notes.join("; ")).toMatch(/1 rows of refund are left out/);
  const asked = await made({ ...request, behaviors: ["view", "refund", "buy"] });
  expect(Object.keys(asked.report.behaviors)).toEqual(["view", "refund", "buy"]);
  expect((await refused({ ...request, behaviors: ["buy", "rent"] })).message).toMatch(/no "rent" \(behaviors\)/);
});

it("behaviours, tasks and features can be chosen and renamed", async () => {
  const rows = Array.from(
    { length: 60 },
    (_, k) => `u${k % 6},i${k},${k % 2},${k % 3 === 0 ? 1 : 0},${k % 4},${k % 5}`,
  );
  const input = disk.write("choose.csv", `u,i,click,conv,hour,device\n${rows.join("\n")}\n`);
  const columns = { user: "u", item: "i", label: "click+conv", features: "hour+device" };
  const { report, set } = await made({
    format: "csv",
    input,
    columns,
    rename: { conv: "__proto__", device: "../constructor" },
    behaviors: ["__proto__", "click"],
    features: ["../constructor"],
  });
  expect(Object.keys(report.behaviors)).toEqual(["__proto__", "click"]);
  expect(report.impressions?.tasks).toEqual(["click", "__proto__"]);
  expect(report.impressions?.labels["__proto__"]).toEqual({ known: 60, positive: 20 });
  expect(set.target).toBe("__proto__");
  expect(set.behaviors["__proto__"]?.train.items.length).toBe(14);
  expect(set.behaviors["constructor"]).toBeUndefined();
  expect(set.impressions?.train.features.map(({ name }) => name)).toEqual(["../constructor"]);
  for (const { name } of set.manifest?.files ?? []) expect(name).toMatch(/^[\w.-]+\.parquet$/);
});
