/** Typed features from a file of text to a graph of another program: numbers stay numbers, and every number comes out the same. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "@gradpool/data";
import { exportRun, openRun, predictedTable, train, type TrainedRun } from "@gradpool/runs";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "gradpool-typed-"));
const at = (name: string): string => join(folder, name);

const rows = Array.from({ length: 400 }, (_, k) => ({
  uid: String(k % 40),
  sku: String(k % 37),
  click: String(Number((k * 7) % 10 < 4)),
  price: k % 10 === 7 ? "" : String(((k * 13) % 50) * 1.5 - 3),
  tags: k % 11 === 0 ? "" : `t${k % 4}|t${k % 3}`,
  city: `c${k % 5}`,
}));
const csv = (list: readonly object[]): string =>
  [Object.keys(list[0] as object), ...list.map((row) => Object.values(row))].map((line) => line.join(",")).join("\n");

let run: TrainedRun;
beforeAll(async () => {
  writeFileSync(at("log.csv"), csv(rows));
  writeFileSync(
    at("items.csv"),
    csv(Array.from({ length: 37 }, (_, k) => ({ sku: k, brand: `b${k % 6}`, size: k * 2 }))),
  );
  await prepare({
    format: "csv",
    input: at("log.csv"),
    items: at("items.csv"),
    columns: {
      user: "uid",
      item: "sku",
      label: "click",
      features: "price:number(log,flag)+bin=price:number(quantiles=4)+tags:list(|,sum)+city:category(min=2)",
      items: "brand+size:number(min-max)",
    },
    keepNegatives: 0.5,
    out: at("set"),
  });
  const config = { data: at("set"), model: "click(dim=4,trunk=32,head=none)", epochs: 2, batch: 64, lr: 0.01, backend: "cpu", drop: ["city"] } as const; // prettier-ignore
  await train({ config, out: at("run"), onNote: () => undefined });
  run = await openRun(at("run"));
  await exportRun(run, { format: "tfjs", out: at("tfjs") });
}, 120_000);
afterAll(() => {
  run.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Cases: rows of the log, and what nobody has seen. */
const asked = [
  ...rows.slice(0, 30),
  { uid: "1", sku: "2", price: "1e9", tags: "t9|t1" },
  { uid: "1", sku: "2", price: "" },
  { uid: "1", sku: "2", price: "-2.5", tags: ["t1", "t2"] },
].map(({ uid, sku, ...row }) => ({ user: uid, item: sku, ...row }));

describe("a model of typed features", () => {
  it("reads them from rows as the source writes them, and says what it does not know", async () => {
    const [known, , strange] = await run.predict([asked[0], asked[1], asked[30]] as never);
    expect(known?.unknown).toEqual([]);
    expect(strange?.unknown).toEqual(["tags"]);
    expect(run.data.measures).toHaveProperty("price.flag", true);
  });

  it("has left out what was dropped", () => {
    const tables = run.model.tables.map(({ name }) => name);
    expect(tables).toEqual(["user", "item", "brand", "bin", "tags"]);
  });

  it("gives a new item the features that its row brings", async () => {
    const row = { user: "3", item: "new", price: "4", tags: "t1" };
    const [plain, branded, other] = await run.predict([row, { ...row, brand: "b1", size: "10" }, { ...row, brand: "b2", size: "70" }]); // prettier-ignore
    expect(plain?.unknown).toEqual(["item"]);
    expect(branded?.values["click"]).not.toBe(plain?.values["click"]);
    expect(branded?.values["click"]).not.toBe(other?.values["click"]);
  });

  it("is a graph whose inputs are plain numbers, with the same probabilities", async () => {
    const { weightsManifest, modelTopology, ...rest } = JSON.parse(readFileSync(at("tfjs/model.json"), "utf8"));
    const [{ weights, paths }] = weightsManifest;
    const weightData = Uint8Array.from(
      Buffer.concat(paths.map((path: string) => readFileSync(join(at("tfjs"), path)))),
    ).buffer;
    await tf.setBackend("cpu");
    const graph = await tf.loadGraphModel(
      tf.io.fromMemory({ ...rest, modelTopology, weightSpecs: weights, weightData }),
    );
    const words = JSON.parse(readFileSync(at("tfjs/vocabularies.json"), "utf8"));
    const encodings = JSON.parse(readFileSync(at("tfjs/encodings.json"), "utf8"));
    expect(encodings.price).toMatchObject({ kind: "number", scale: expect.any(Number), log: true });
    const id = (feature: string, value: string | undefined): number => Math.max(0, words[feature].indexOf(value));
    const price = asked.map((row) => (row.price === "" || row.price === undefined ? Number.NaN : Number(row.price)));
    const whole = (values: readonly (number | readonly number[])[]): tf.Tensor => tf.tensor(values as number[], undefined, "int32"); // prettier-ignore
    const known = (word: string): boolean => id("tags", word) > 0;
    const tags = asked.map(({ tags = "" }) => [...new Set([tags].flat().join("|").split("|"))].filter(known));
    const outputs = graph.predict({
      user: whole(asked.map(({ user }) => run.ids("users").indexOf(user))),
      item: whole(asked.map(({ item: key }) => run.ids("items").indexOf(key))),
      brand: whole(asked.map(({ item: key }) => id("brand", `b${Number(key) % 6}`))),
      size: tf.tensor(asked.map(({ item: key }) => Number(key) * 2)),
      price: tf.tensor(price),
      bin: tf.tensor(price),
      tags: whole(tags.map((own) => [0, 1, 2].map((k) => (own[k] === undefined ? 0 : id("tags", own[k]))))),
    }) as Record<string, tf.Tensor>;
    const predicted = await run.predict(asked as never);
    const found = (outputs["click"] as tf.Tensor).dataSync();
    expect(new Set(found).size).toBeGreaterThan(25);
    predicted.forEach(({ values }, k) => expect(Math.abs((found[k] as number) - (values["click"] as number))).toBeLessThan(2e-6)); // prettier-ignore
  });

  it("has a card that says what its features are, and what training on some of the negatives does", () => {
    const { data, limits } = JSON.parse(readFileSync(at("tfjs/card.json"), "utf8"));
    expect(data.features.map(({ name, of, kind }: Record<string, string>) => `${of} ${name} ${kind}`)).toEqual([
      "item brand category",
      "item size number",
      "row price number",
      "row bin buckets",
      "row tags list",
    ]);
    const { kept, dropped } = data.negatives;
    expect(data.negatives.rate).toBe(0.5);
    const r = (kept / (kept + dropped)).toPrecision(6);
    expect(limits.join("\n")).toContain(
      `It was trained on ${r} of the rows without a positive label (${dropped} were dropped). Its probabilities and metrics are corrected for that: the probability of click is p / (p + (1 - p) / ${r}) where the model says p.`,
    );
  });

  it("needs no ids where it makes nothing of them", async () => {
    const config = {
      data: at("set"),
      model: "click(dim=4,trunk=32,head=none)",
      epochs: 1,
      drop: ["user", "item"],
    } as const;
    await train({ config, out: at("nobody"), onNote: () => undefined });
    const nobody = await openRun(at("nobody"));
    writeFileSync(at("rows.csv"), csv(rows.slice(0, 5).map(({ price, tags, city }) => ({ price, tags, city }))));
    const strange: string[] = [];
    const table = await predictedTable(nobody, at("rows.csv"), {}, (names) => strange.push(...names));
    const found = [];
    for await (const row of table.rows) found.push(row.at(-1));
    expect(found).toHaveLength(5);
    expect(new Set(found).size).toBeGreaterThan(3);
    expect(strange).toEqual([]);
    nobody.dispose();
  });

  it("refuses a choice that is none, and one that does nothing, in a line", async () => {
    const config = { data: at("set"), model: "click(dim=4)", epochs: 1 } as const;
    await expect(train({ config: { ...config, drop: ["prise"] }, out: at("no") })).rejects.toThrow(
      /no feature prise.*price/,
    );
    await expect(train({ config: { ...config, features: ["price"], model: "mf" }, out: at("no") })).rejects.toThrow(
      /mf reads no features.*leave it out/,
    );
  });
});
