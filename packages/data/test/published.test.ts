import { join } from "node:path";
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { impressionsSampler, inspectTable, loadPrepared, prepare } from "../src/index.js";
import { has, real, scratch } from "./support.js";

const { folder, write, remove } = scratch();
afterAll(remove);

let made = 0;
async function prepared(format: string, input: string, change: object = {}) {
  const out = join(folder, `set-${made++}`);
  await prepare({ format, input, out, split: "random:0.6,0.2,0.2", ...change });
  return loadPrepared(out);
}

describe("published layouts", () => {
  it.skipIf(!has("samples/criteo_sample.txt")).each([
    ["criteo", "criteo_sample.txt", 200, ["label"], 26, 26],
    ["ali-ccp", "ali_ccp_train_sample.csv", 100, ["click", "purchase"], 23, 8],
    ["aliexpress", "aliexpress_train_sample.csv", 100, ["click", "conversion"], 17, 63],
    ["kuairand", "kuairand_sample.csv", 200, ["is_click"], 31, 7],
    ["byterec", "byterec_sample.txt", 200, ["finish", "like"], 8, 1],
  ] as const)(
    "%s: every row of the publisher's sample, by name alone",
    async (format, file, rows, tasks, fields, numbers) => {
      const set = await prepared(format, real(`samples/${file}`));
      expect(set.manifest?.tables.impressions).toMatchObject({ rows, tasks });
      const batch = impressionsSampler(set, { batchSize: 10 }).next();
      expect([batch.fields.length, batch.numericalNames.length]).toEqual([fields, numbers]);
    },
  );

  it("criteo: the publisher's own file has tabs and no header", async () => {
    const line = (k: number): string =>
      [k % 2, ...Array<number>(13).fill(k), ...Array<string>(26).fill(`a${k % 3}`)].join("\t");
    const set = await prepared("criteo", write("train.txt", Array.from({ length: 60 }, (_, k) => line(k)).join("\n")));
    expect(set.manifest?.tables.impressions?.rows).toBe(60);
    expect(set.impressions?.anonymous).toEqual(["user", "item"]);
  });

  it("avazu: the hour is a time", async () => {
    const names = "id,click,hour,C1,banner_pos,site_id,device_ip";
    const lines = Array.from(
      { length: 60 },
      (_, k) => `${k},${k % 2},141021${String(k % 24).padStart(2, "0")},1005,${k % 3},s${k % 4},ip${k}`,
    );
    const set = await prepared("avazu", write("avazu.csv", [names, ...lines].join("\n")));
    const hour = set.impressions?.train.features.find(({ name }) => name === "hour.hour");
    if (hour?.kind !== "one-hot") throw new Error("no hour");
    expect(new Set(hour.ids).size).toBeGreaterThan(15);
    expect(Math.max(...hour.ids)).toBeLessThanOrEqual(24);
  });

  it.skipIf(!has("adult/adult.data"))(
    "census: the test file is tested, whole, and missing words are missing",
    async () => {
      const out = join(folder, "census");
      await prepare({ format: "census", input: real("adult"), out });
      const set = await loadPrepared(out);
      const tested = readFileSync(real("adult/adult.test"), "utf8")
        .split("\n")
        .filter((line) => line.includes(","));
      const rich = tested.filter((line) => line.includes(">50K")).length;
      const { test, train, valid } = set.impressions ?? {};
      expect(test?.size).toBe(tested.length);
      expect(test?.labels[0]?.filter((label) => label === 1)).toHaveLength(rich);
      expect((train?.size ?? 0) + (valid?.size ?? 0)).toBe(32561);
      const workclass = test?.features.find(({ name }) => name === "workclass");
      if (workclass?.kind !== "one-hot") throw new Error("no workclass");
      expect(workclass.ids.filter((id) => id === 0)).toHaveLength(
        tested.filter((line) => line.split(", ")[1] === "?").length,
      );
    },
  );
});

describe("mind", () => {
  const news = Array.from(
    { length: 12 },
    (_, k) =>
      `N${k + 1}\t${k % 2 === 0 ? "sports" : "food"}\ts${k % 4}\tOf "${k % 3}" things\tAbstract\thttps://a\t[]\t[]`,
  );
  const shown = Array.from({ length: 60 }, (_, k) => {
    const history = k % 3 === 0 ? "" : `N${1 + (k % 5)} N${6 + (k % 5)}`;
    const list = `N${1 + (k % 11)}-${k % 2} N12-1  N${1 + ((k + 5) % 11)}-0`;
    return `${k}\tU${k % 7}\t11/${10 + (k % 5)}/2019 ${1 + (k % 12)}:05:09 ${k % 7 < 4 ? "AM" : "PM"}\t${history}\t${list}`;
  });
  const folderOf = (name: string, behaviors: readonly string[], items: readonly string[] | null = news): string => {
    write(`${name}/behaviors.tsv`, `${behaviors.join("\n")}\n`);
    if (items !== null) write(`${name}/news.tsv`, `${items.join("\n")}\n`);
    return join(folder, name);
  };

  it("makes a row of each news that was shown, with what had been read and what the news is about", async () => {
    const set = await prepared("mind", folderOf("mind", shown), { split: "time:0.6,0.2,0.2" });
    expect(set.manifest?.tables.impressions).toMatchObject({ rows: 180, tasks: ["click"], timed: true });
    expect(set.manifest?.tables.impressions?.labels["click"]).toEqual({ known: 180, positive: 90 });
    expect(set.itemFeatures.map(({ name, kind }) => [name, kind])).toEqual([
      ["category", "one-hot"],
      ["subcategory", "one-hot"],
      ["title", "multi-hot"],
    ]);
    if (set.impressions === undefined) throw new Error("no rows");
    const { times = [], features } = set.impressions.train;
    // Midnight is 12 AM, and noon 12 PM.
    const hours = new Set(Array.from(times, (time) => new Date(1000 * time).getUTCHours()));
    expect([hours.has(0), hours.has(12)]).toEqual([true, true]);
    const [history] = features;
    if (history?.kind !== "multi-hot") throw new Error("no history");
    expect(new Set(Array.from({ length: times.length }, (_, r) => (history.offsets[r + 1] as number) - (history.offsets[r] as number)))).toEqual(new Set([0, 2])); // prettier-ignore
    const both = [folderOf("first", shown.slice(0, 30)), folderOf("second", shown.slice(30))];
    const out = join(folder, "both");
    await prepare({ format: "mind", input: both, out, split: "time:0.6,0.2,0.2" });
    expect((await loadPrepared(out)).manifest?.tables.impressions?.rows).toBe(180);
  });

  it("is refused in one line where it is something else", async () => {
    const refused = (name: string, behaviors: readonly string[], items?: readonly string[] | null) =>
      expect(prepared("mind", folderOf(name, behaviors, items))).rejects;
    const line = "1\tU1\t11/15/2019 8:55:22 AM\tN1";
    await refused("unlabelled", [...shown, `${line}\tN1 N2`]).toThrow(/2 impressions are no news with a label.*"N1"/);
    await refused("graded", [...shown, `${line}\tN1-2`]).toThrow(/1 impressions are no news.*"N1-2"/);
    await refused("newsless", shown, null).toThrow(/news.tsv/);
    await refused("headed", ["impression,user,time,history,impressions"]).toThrow(/columns, expected 5/);
    await expect(prepared("mind", write("log.tsv", shown.join("\n")))).rejects.toThrow(/a file, not a folder/);
  });
});

describe("keeping some negatives", () => {
  it("leaves every positive and every held-out row, and says what it dropped", async () => {
    const lines = Array.from(
      { length: 900 },
      (_, k) => `u${k % 30},i${k % 31},${k % 9 === 0 ? 1 : 0},${k % 18 === 0 ? 1 : 0}`,
    );
    const input = write("many.csv", ["u,i,click,buy", ...lines].join("\n"));
    const columns = { user: "u", item: "i", label: "click+buy" };
    const [all, some] = [
      await prepared("csv", input, { columns }),
      await prepared("csv", input, { columns, keepNegatives: 0.25 }),
    ];
    const { negatives } = some.manifest?.tables.impressions ?? {};
    const positives = (set: typeof all): number | undefined =>
      set.impressions?.train.labels[0]?.filter((label) => label === 1).length;
    expect(positives(some)).toBe(positives(all));
    expect(some.impressions?.test.size).toBe(all.impressions?.test.size);
    expect(negatives?.rate).toBe(0.25);
    expect((all.impressions?.train.size ?? 0) - (some.impressions?.train.size ?? 0)).toBe(negatives?.dropped);
    const share = (negatives?.kept ?? 0) / ((negatives?.kept ?? 0) + (negatives?.dropped ?? 0));
    expect(Math.abs(share - 0.25)).toBeLessThan(0.08);
    await expect(prepared("csv", input, { columns, keepNegatives: 0 })).rejects.toThrow(/^`keepNegatives` is 0 /);
  });
});

describe("a label as the target", () => {
  it("is told from a behaviour, with what to do", async () => {
    const input = write("liked.csv", ["u,i,stars", ...Array.from({ length: 60 }, (_, k) => `u${k % 6},i${k % 10},${k % 5}`)].join("\n")); // prettier-ignore
    const options = { columns: { user: "u", item: "i" }, labels: ["like=stars>=4"], target: "like" };
    await expect(prepared("csv", input, options)).rejects.toThrow(
      /^like is a label of the rows, .*\(target\): leave `target` out, or give interaction; .* gradpool train --target like$/,
    );
  });
});

describe("inspecting a table", () => {
  it("guesses roles and types, and what it guesses can be prepared", async () => {
    const names = "user_id,sku,is_click,conv,price,views,tags,ts,city,row,same";
    const lines = Array.from({ length: 300 }, (_, k) =>
      [
        k % 30,
        `s${k % 31}`,
        k % 3 ? 0 : 1,
        k % 6 ? 0 : 1,
        k * 0.37,
        k % 50 === 1 ? k * 1000 : k % 40,
        `a|t${k % 4}`,
        `2024-01-${String(1 + (k % 28)).padStart(2, "0")} 10:00`,
        `c${k % 7}`,
        `r${k}`,
        "x",
      ].join(","),
    );
    const input = write("unknown.csv", [names, ...lines].join("\n"));
    const schema = await inspectTable(input);
    expect(schema).toEqual({
      user: "user_id",
      item: "sku",
      label: ["is_click", "conv"],
      time: "ts",
      features: {
        price: { type: "number", scale: "standard" },
        views: { type: "number", scale: "log" },
        tags: { type: "list", separator: "|" },
        ts: { type: "time", parts: ["hour", "weekday"] },
        city: { type: "category", min: 2 },
      },
    });
    for (const label of ["y", "label", "target", "click", "clicks", "is_buy", "bought", "Y"]) {
      const other = write(
        `${label}.csv`,
        `user,item,price,${label}\n${Array.from({ length: 40 }, (_, k) => `u${k},i${k % 5},${k}.5,${k % 2}`).join("\n")}`,
      );
      expect((await inspectTable(other)).label).toEqual([label]);
    }
    // Not by its name alone.
    const years = write(
      "years.csv",
      `user,item,y\n${Array.from({ length: 40 }, (_, k) => `u${k},i${k % 5},${k}.5`).join("\n")}`,
    );
    expect(await inspectTable(years)).toMatchObject({ features: { y: { type: "number" } } });
    const set = await prepared("csv", input, { schema: write("guessed.json", JSON.stringify(schema)) });
    expect(set.impressions?.train.features.map(({ name }) => name)).toEqual([
      "price",
      "views",
      "tags",
      "ts.hour",
      "ts.weekday",
      "city",
    ]);
  });

  it("takes no kind of thing for a user, and names of several words, in any encoding, with words for missing numbers", async () => {
    const lines = Array.from({ length: 1200 }, (_, k) =>
      [
        ["ios", "web"][k % 2],
        `"a${k % 70}@example.com"`,
        `"Größe, ${k % 40}"`,
        k % 9 ? k * 0.5 : "NA",
        "DE",
        k % 3,
      ].join(";"),
    );
    const table = ["client;E-Mail;product, name;price;user country;clicked", ...lines].join("\r\n");
    const input = write("export.csv", Buffer.from(table, "latin1"));
    await expect(inspectTable(input)).rejects.toThrow(/bytes that are not UTF-8 \(.*export\.csv:2\).*`encoding`/);
    const schema = await inspectTable(input, { encoding: "latin1" });
    expect(schema).toMatchObject({
      user: "E-Mail",
      item: "product, name",
      features: { client: { type: "category" }, price: { type: "number", scale: "standard", missing: ["NA"] } },
    });
  });
});
