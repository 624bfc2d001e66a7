import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "@gradpool/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDuck } from "../../data/src/tables/duck.js";
import { exportRun } from "../src/export/export-run.js";
import { newRowsIn } from "../src/open/files.js";
import type { NewRow, TrainedRun } from "../src/open/contract.js";
import { openRun } from "../src/open/open-run.js";
import { train } from "../src/run/train.js";
import { shopLog } from "./shop-files.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-sides-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const common = { epochs: 12, batch: 64, backend: "cpu", lr: 0.02, data: at("shop") } as const;
/** Customers of one team like one half of the shelf; ages and colours say nothing. */
const userRow = (user: number, id = `anna-${user}`): string =>
  `${id},${user % 2 === 1 ? "odd" : "even"},${user === 4 ? "" : 20 + user}`;
const itemRow = (item: number, id = `toy ${item}`): string =>
  `${id},${item > 20 ? "high" : "low"}|wood,${item % 3 === 0 ? "red" : "blue"}`;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, k) => k + 1);

beforeAll(async () => {
  writeFileSync(at("shop.csv"), shopLog());
  writeFileSync(at("users.csv"), ["customer,team,age", ...numbers(30).map((k) => userRow(k))].join("\n"));
  writeFileSync(at("items.csv"), ["product,tags,colour", ...numbers(40).map((k) => itemRow(k))].join("\n"));
  await prepare({
    format: "csv",
    input: [at("shop.csv")],
    users: at("users.csv"),
    items: at("items.csv"),
    columns: {
      user: "customer",
      item: "product",
      behavior: "event",
      users: "team:category+age:number(flag)",
      items: "tags:list(|)+colour:category",
    },
    target: "buy",
    out: at("shop"),
  });
});

const newcomers = {
  users: [
    { id: "zoe", team: "odd", age: 31 },
    { id: "yan", team: "even" },
    { id: "anna-3", team: "even", age: 1 },
  ],
  items: [
    { id: "new high", tags: "high|wood", colour: "red" },
    { id: "new low", tags: "low|wood|glass", colour: "blue" },
  ],
};

const high = (item: string): boolean => item === "new high" || Number(/\d+$/.exec(item)?.[0] ?? 0) > 20;

describe.each(["mf(dim=8,features=true)", "shared-bottom(dim=4,features=true,dropout=0)"])("%s", (model) => {
  const out = at(model.split("(")[0] as string);
  let run: TrainedRun;
  beforeAll(async () => {
    await train({ config: { ...common, model, pool: "pcgrad", evalEvery: 12 }, out, onNote: () => undefined });
    run = await openRun(out, { newcomers });
  }, 120_000);
  afterAll(() => run.dispose());

  it("opens to the very numbers of training", async () => {
    const plain = await openRun(out);
    expect((await plain.evaluate()).tasks["buy"]?.values).toEqual(plain.file?.result.test);
    plain.dispose();
  });

  it("ranks new users by what their features say, known ones as without the newcomers", async () => {
    expect(run.newcomers).toEqual({ users: 2, items: 2, unknown: { tags: 1 } });
    const [zoe, yan, nobody] = await run.recommend(["zoe", "yan", "nobody"], { k: 12 });
    const share = (list: typeof zoe): number => (list?.items ?? []).filter(({ item }) => high(item)).length / 12;
    expect([zoe?.known, yan?.known, nobody?.known]).toEqual([true, true, false]);
    expect(share(zoe)).toBeGreaterThan(0.8);
    expect(share(yan)).toBeLessThan(0.2);
    const plain = await openRun(out);
    const [own] = await plain.recommend(["anna-3"], { k: 40, exclude: "none" });
    const [same] = await run.recommend(["anna-3"], { k: 40, exclude: "none", candidates: run.ids("items").slice(0, 40) }); // prettier-ignore
    expect(same).toEqual(own);
    plain.dispose();
  });

  it("ranks new items among the others, scores them, and finds what they are like", async () => {
    const candidates = ["new high", "new low"];
    const [odd, even] = await run.recommend(["anna-1", "anna-2"], { k: 2, candidates });
    expect([odd?.items[0]?.item, even?.items[0]?.item]).toEqual(["new high", "new low"]);
    const pairs = candidates.map((item) => ({ user: "zoe", item }));
    const [a, b] = (await run.score(pairs)) as Float32Array & [number, number];
    expect(a).toBeGreaterThan(b as number);
    const [zoe] = await run.recommend(["zoe"], { k: 42 });
    const listed = Object.fromEntries((zoe?.items ?? []).map(({ item, score }) => [item, score]));
    expect(a).toBeCloseTo(listed["new high"] as number, 4);
    const [alike] = await run.similarItems(["new low"], 5);
    expect(alike?.items.filter(({ item }) => high(item)).length).toBeLessThan(2);
  });

  it("reads lists of newcomers from Parquet and JSON lines as from text", async () => {
    const [parquet, json] = [at("new.parquet"), at("new.jsonl")];
    const rows = newcomers.items.map(({ tags, ...rest }) => ({ ...rest, tags: tags.split("|") }));
    writeFileSync(json, rows.map((row) => JSON.stringify(row)).join("\n"));
    const db = await openDuck({ threads: 1 });
    await db.run(`COPY (SELECT * FROM read_json('${json}')) TO '${parquet}' (FORMAT parquet)`);
    db.close();
    const asked = newcomers.items.map(({ id }) => ({ user: "anna-5", item: id }));
    const scores = await run.score(asked);
    for (const file of [parquet, json]) {
      const items: NewRow[] = [];
      for await (const row of newRowsIn(file, "items", { item: "id" })) items.push(row);
      const other = await openRun(out, { newcomers: { users: newcomers.users, items } });
      expect(await other.score(asked)).toEqual(scores);
      other.dispose();
    }
  });

  it("is judged by pairs of newcomers", async () => {
    const pairs = ["zoe", "anna-5", "anna-7"].map((user) => ({ user, item: "new high" }));
    const { tasks, unknown } = await run.evaluate({ pairs, metrics: ["recall@25"] });
    expect(unknown).toBe(0);
    expect(tasks["buy"]?.values["recall@25"]).toBe(1);
  });

  it("exports the feature tables by name, and composed rows of newcomers with the others", async () => {
    await exportRun(run, { format: "safetensors", out: `${out}-st` });
    const bytes = readFileSync(join(`${out}-st`, "model.safetensors"));
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString()) as Record<
      string,
      { shape: number[]; data_offsets: [number, number] }
    >;
    const read = (name: string): Float32Array => {
      const { data_offsets: [from, to] } = header[name] as { data_offsets: [number, number] }; // prettier-ignore
      const start = 8 + Number(bytes.readBigUInt64LE(0));
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset + start + from, bytes.byteOffset + start + to));
    };
    const users = model.startsWith("mf") ? "users" : "mlp.users";
    const dim = model.startsWith("mf") ? 8 : 4;
    expect(header[`${users}.features.team.weight`]?.shape).toEqual([3, dim]);
    expect(header[`${users}.features.age.weight`]?.shape).toEqual([2, dim]);
    // zoe: her own row (the mean), her team and her age.
    const ids = run.ids("users");
    const zoe = ids.indexOf("zoe");
    const row = (name: string, k: number): Float32Array => read(name).subarray(k * dim, (k + 1) * dim);
    const odd = run.data.vocabularies.user["team"]?.indexOf("odd") as number;
    const { mean = 0, scale = 1 } = run.data.measures["age"] ?? {};
    for (let c = 0; c < dim; c++) {
      const sum =
        (row(`${users}.weight`, zoe)[c] as number) +
        (row(`${users}.features.team.weight`, odd)[c] as number) +
        (31 - mean) * scale * (row(`${users}.features.age.weight`, 0)[c] as number);
      expect(row(`${users}.composed`, zoe)[c]).toBeCloseTo(sum, 5);
    }
    expect(row(`${users}.features.team.weight`, 0)).toEqual(new Float32Array(dim));
    const told = JSON.parse(readFileSync(join(`${out}-st`, "features.json"), "utf8")) as Record<string, unknown>;
    expect(told).toMatchObject({ users: [{ name: "team" }, { name: "age", flag: true }], items: [{ name: "tags", pooling: "mean" }, { name: "colour" }] }); // prettier-ignore
    await exportRun(run, { format: "parquet", out: `${out}-pq` });
    expect(run.embeddings("users").ids).toHaveLength(32);
  });
});

describe("newcomers", () => {
  it("are refused in one line where nothing can be made of them", async () => {
    const out = at("mf");
    const opened = (rows: object): Promise<TrainedRun> => openRun(out, { newcomers: rows as never });
    await expect(opened({ users: [{ id: "zoe", size: 3 }] })).rejects.toThrow(/none of the features.*team, age/);
    await expect(opened({ users: [{ id: "", team: "odd" }] })).rejects.toThrow(/no id/);
    const twice = { id: "zoe", team: "odd" };
    await expect(opened({ users: [twice, twice] })).rejects.toThrow(/zoe is twice/);
    await train({ config: { ...common, epochs: 1, model: "mf(dim=4)" }, out: at("plain"), onNote: () => undefined });
    await expect(openRun(at("plain"), { newcomers })).rejects.toThrow(/ids alone.*train mf\(features=true\)/);
  });

  it("need features in the data, and a choice of them is the model's", async () => {
    writeFileSync(at("bare.csv"), shopLog());
    const columns = { user: "customer", item: "product", behavior: "event" };
    await prepare({ format: "csv", input: [at("bare.csv")], columns, target: "buy", out: at("bare") });
    const config = { ...common, epochs: 1, model: "mf(features=true)" };
    await expect(train({ config: { ...config, data: at("bare") }, out: at("none") })).rejects.toThrow(/no features/);
    await train({ config: { ...config, drop: ["age", "colour"] }, out: at("some"), onNote: () => undefined });
    const run = await openRun(at("some"));
    expect(run.model.options["features"]).toMatchObject({ users: [{ name: "team" }], items: [{ name: "tags" }] });
    run.dispose();
  });
});
