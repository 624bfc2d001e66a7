/** Training on partitions as they appear: judged first, learnt from once; tables that grow; stopped, killed and damaged on the way. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isGradpoolError } from "@gradpool/core";
import { readSnapshot } from "@gradpool/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDuck } from "../../data/src/tables/duck.js";
import { prepare } from "@gradpool/data";
import { followRun, type FollowRunOptions, openRun, train, type TrainConfig } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-follow-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The k-th partition has users below 20 · (k + 1) and cities below 4 · (k + 1): each brings new ones. */
const rowsOf = (k: number): string => `SELECT CAST(hash(r, 1) % ${20 * (k + 1)} AS INTEGER) AS uid,
  CAST(hash(r, 2) % 30 AS INTEGER) AS sku, CAST(1 + hash(r, 3) % ${4 * (k + 1)} AS INTEGER) AS city,
  (hash(r, 7) % 1000) / 7.0 AS price, CAST((hash(r, 2) % 3 = 1) OR (hash(r, 8) % 5 = 0) AS TINYINT) AS click, CAST(hash(r, 10) % 6 = 1 AS TINYINT) AS buy
  FROM range(${1000 * k}, ${1000 * k + 900}) t(r)`;

const manifest = (sizes: boolean): object => ({
  format: "gradpool-rows",
  version: 1,
  train: "train",
  user: sizes ? { column: "uid", size: 60 } : "uid",
  item: "sku",
  labels: ["click", "buy"],
  features: { city: { kind: "category", ...(sizes && { vocabulary: 13 }) }, price: { kind: "number" } },
});

const partition = (k: number): string => `part-${k}.parquet`;
const made = join(folder, "made");

beforeAll(async () => {
  mkdirSync(made);
  const db = await openDuck({ threads: 1 });
  for (const k of [0, 1, 2])
    await db.run(`COPY (${rowsOf(k)}) TO '${made}/${partition(k)}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  await db.run(`COPY (SELECT * REPLACE (CAST(city AS VARCHAR) AS city) FROM (${rowsOf(1)})) TO '${made}/text.parquet'`);
  db.close();
});

/** A folder with these partitions. */
function laid(name: string, partitions: readonly number[], sizes = false): string {
  const path = join(folder, name);
  mkdirSync(join(path, "train"), { recursive: true });
  writeFileSync(join(path, "manifest.json"), JSON.stringify(manifest(sizes)));
  for (const k of partitions) copyFileSync(join(made, partition(k)), join(path, "train", partition(k)));
  return path;
}

const small: Partial<TrainConfig> = {
  model: "click(dim=4,trunk=8,head=8)",
  pool: "pcgrad",
  batch: 100,
  lr: 0.02,
  backend: "cpu",
  metrics: ["auc", "ne"],
  diagnosticsEvery: 4,
};

const go = (data: string, out: string, more: Partial<FollowRunOptions> = {}) =>
  followRun({ config: small, follow: data, out: join(folder, out), idle: 0, poll: 0.02, settle: 0.1, ...more });

const weights = (out: string) => [...readSnapshot(join(folder, out, "checkpoint", "newest.gradpool")).arrays];
const lines = (out: string): readonly Record<string, unknown>[] =>
  readFileSync(join(folder, out, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => ({ ...(JSON.parse(line) as object), time: "" }));

describe("following a folder of partitions", () => {
  it("judges each on arrival, before it is learnt from, and says so in metrics.jsonl", async () => {
    const file = await go(laid("three", [0, 1, 2]), "three-run");
    expect(file.result).toMatchObject({ steps: 27, samples: 2700, stopped: "epochs", test: null });
    const found = lines("three-run");
    expect(found.map(({ arrival, valid }) => [arrival, valid === undefined ? "learnt" : "judged"])).toEqual(
      [0, 1, 2].flatMap((k) => [
        [`train/${partition(k)}`, "judged"],
        [`train/${partition(k)}`, "learnt"],
      ]),
    );
    const auc = found.flatMap(({ valid }) => (valid as Record<string, number> | undefined)?.["auc/click"] ?? []);
    expect(auc[0]).toBeCloseTo(0.5, 1);
    expect(auc[2]).toBeGreaterThan(0.6);
  }, 60_000);

  it("judges by the weights that the partitions before have left", async () => {
    const data = laid("told", [0, 1, 2], true);
    await go(data, "told-two", { until: 2 });
    const db = await openDuck({ threads: 1 });
    const held = await db.rows(`SELECT uid, sku, city, price, click FROM (${rowsOf(2)})`);
    db.close();
    const run = await openRun(join(folder, "told-two"));
    const asked = held.map(([user, item, city, price]) => ({ user: Number(user), item: Number(item), city, price }));
    const scores = (await run.predict(asked as never)).map(({ values }) => values["click"] as number);
    run.dispose();
    const [yes, no] = [1, 0].map((label) => scores.filter((_, k) => Number(held[k]?.[4]) === label)) as [
      number[],
      number[],
    ];
    const wins = yes.flatMap((one) => no.map((other) => (one > other ? 1 : one === other ? 0.5 : 0)));
    const auc = wins.reduce((sum: number, win) => sum + win, 0) / wins.length;
    await go(data, "told-two", { resume: true, config: {} });
    const judged = lines("told-two").flatMap(({ valid }) =>
      valid === undefined ? [] : [valid as Record<string, number>],
    );
    expect(judged[2]?.["auc/click"]).toBeCloseTo(auc, 6);
  }, 60_000);

  it("grows tables to those that had been as large from the beginning, moments too", async () => {
    await go(join(folder, "told"), "told-run");
    const [grown, told] = [weights("three-run"), weights("told-run")];
    expect(grown.map(([name, array]) => [name, array.length])).toEqual(
      told.map(([name, array]) => [name, array.length]),
    );
    expect(grown).toEqual(told);
    expect(grown.filter(([name]) => name.endsWith("/user")).map(([, array]) => array.length)).toContain(60 * 4);
    const run = await openRun(join(folder, "three-run"));
    const [one] = await run.predict([{ user: 59, item: 3, city: 12, price: 20 }]);
    expect(one?.values["click"]).toBeGreaterThan(0);
    expect(one?.unknown).toEqual([]);
    run.dispose();
  }, 60_000);

  it("stopped anywhere and resumed, ends with the bits of an unbroken run", async () => {
    let resume = false;
    for (const stop of [2, 9, 13, 18, 20]) {
      const abort = new AbortController();
      const onEvent = (event: { readonly type: string; readonly step: number }): void => {
        if (event.type === "step" && event.step === stop) abort.abort();
      };
      const file = await go(join(folder, "three"), "stopped", {
        resume,
        signal: abort.signal,
        onEvent,
        checkpointEvery: 3,
      });
      expect(file.result.stopped).toBe("interrupted");
      resume = true;
    }
    await go(join(folder, "three"), "stopped", { resume, config: {}, checkpointEvery: 3 });
    expect(weights("stopped")).toEqual(weights("three-run"));
    expect(lines("stopped")).toEqual(lines("three-run"));
  }, 60_000);

  it("takes what appears meanwhile, waits for a file that is being written, and ends at a marker", async () => {
    const data = laid("growing", [0]);
    const whole = readFileSync(join(made, partition(1)));
    const events: string[] = [];
    const onEvent = (event: { readonly type: string; readonly arrival?: string }): void => {
      if (event.type !== "epoch") return;
      events.push(event.arrival ?? "");
      const at = join(data, "train", partition(1));
      if (events.length === 1) {
        writeFileSync(at, whole.subarray(0, 900));
        setTimeout(() => writeFileSync(at, whole), 60);
        setTimeout(() => {
          copyFileSync(join(made, partition(2)), join(data, "train", partition(2)));
          writeFileSync(join(data, "_END"), "");
        }, 150);
      }
    };
    await go(data, "growing-run", { onEvent, idle: 60, settle: 60 });
    expect(events).toEqual([0, 1, 2].map((k) => `train/${partition(k)}`));
    expect(weights("growing-run")).toEqual(weights("three-run"));
  }, 60_000);

  it.each([
    ["is damaged", (at: string) => writeFileSync(at, "PAR1 no more"), /no Parquet file .*part-1/, "damaged"],
    [
      "has a column of another type",
      (at: string) => copyFileSync(join(made, "text.parquet"), at),
      /'city' is VARCHAR, not a whole number .*part-1/,
      "invalid-input",
    ],
  ] as const)(
    "ends in one line at a partition that %s, and goes on once it is mended",
    async (_, harm, message, code) => {
      const [data, out] = [laid(`harmed ${code}`, [0, 1, 2]), `harmed ${code} run`];
      const at = join(data, "train", partition(1));
      harm(at);
      const error: unknown = await go(data, out, { idle: 60 }).catch((failure: unknown) => failure);
      expect(isGradpoolError(error) && error.code, String(error)).toBe(code);
      expect(String(error)).toMatch(message);
      expect(String(error)).not.toMatch(/\n/);
      copyFileSync(join(made, partition(1)), at);
      await go(data, out, { resume: true });
      expect(weights(out)).toEqual(weights("three-run"));
      expect(lines(out)).toEqual(lines("three-run"));
    },
    60_000,
  );

  it("says in one line that the partition under way is gone, or another, and loses nothing", async () => {
    const [data, out] = [laid("vanishing", [0, 1, 2]), "vanishing-run"];
    const at = join(data, "train", partition(1));
    const abort = new AbortController();
    const onEvent = (event: { readonly type: string; readonly step: number }): void => {
      if (event.type === "step" && event.step === 12) abort.abort();
    };
    await go(data, out, { signal: abort.signal, onEvent });
    renameSync(at, `${at}.away`);
    await expect(go(data, out, { resume: true })).rejects.toThrow(/missing, or is no Parquet file .*part-1/);
    copyFileSync(join(made, partition(2)), at);
    await expect(go(data, out, { resume: true })).rejects.toThrow(/was begun with 900 rows in \d+ bytes, and has 900/);
    renameSync(`${at}.away`, at);
    await go(data, out, { resume: true });
    expect(weights(out)).toEqual(weights("three-run"));
  }, 60_000);

  it("leaves a card of the last partition, as it was judged on arrival", () => {
    const card = JSON.parse(readFileSync(join(folder, "three-run", "card.json"), "utf8"));
    expect(card.followed).toEqual({ partitions: 3, last: `train/${partition(2)}` });
    const judged = lines("three-run").flatMap(({ valid }) =>
      valid === undefined ? [] : [valid as Record<string, number>],
    );
    expect(card.metrics.click.auc.value).toBe(judged[2]?.["auc/click"]);
    expect(card.data).toMatchObject({ users: 60, items: 30 });
    const text = readFileSync(join(folder, "three-run", "card.md"), "utf8");
    expect(text).toMatch(/## Metrics on train\/part-2.parquet, before it was learnt from/);
    expect(text).not.toMatch(/test part/);
  });

  it("is gone on with as what it is, and an ordinary run too", async () => {
    const on = train({ config: {}, out: join(folder, "three-run"), resume: true });
    await expect(on).rejects.toThrow(
      /the run follows .*three .*go on with `follow`: gradpool train --follow .*three --resume/,
    );
  });

  it("refuses what has no meaning here", async () => {
    const refused = (config: Partial<TrainConfig>) =>
      go(join(folder, "three"), "refused", { config: { ...small, ...config } });
    await expect(refused({ epochs: 3 })).rejects.toThrow(/rows that come once have no use for it \(epochs\)/);
    await expect(refused({ model: "mf" })).rejects.toThrow(/mf reads no rows from the disk/);
    await expect(go(made, "refused")).rejects.toThrow(/no manifest of rows/);
    expect(existsSync(join(folder, "refused"))).toBe(false);
  });
});

/** Logs as people have them: users and cities are texts, and each partition brings new ones. */
const logOf = (k: number): string =>
  `SELECT 'u' || uid AS uid, 's' || sku AS sku, 'c' || city AS city, 'g' || city % 3 || '|g' || city % 5 AS tags, price, click, buy FROM (${rowsOf(k)})`;
const schema = {
  user: "uid",
  item: "sku",
  label: ["click", "buy@click"],
  features: {
    city: { type: "category" },
    tags: { type: "list" },
    price: { type: "number", scale: "log" },
    bin: { type: "number", column: "price", quantiles: 4 },
  },
} as const;

describe("following logs as they are", () => {
  const logs = join(folder, "logs");
  const at = (k: number): string => join(logs, "log", partition(k));
  const put = async (...which: readonly number[]): Promise<void> => {
    const db = await openDuck({ threads: 1 });
    for (const k of which) await db.run(`COPY (${logOf(k)}) TO '${at(k)}' (FORMAT parquet)`);
    db.close();
  };
  beforeAll(async () => {
    mkdirSync(join(logs, "log"), { recursive: true });
    writeFileSync(join(logs, "manifest.json"), JSON.stringify({ format: "gradpool-log", version: 1, train: "log", schema })); // prettier-ignore
    await put(0, 1, 2);
  });

  it("numbers texts as they are met, and knows them afterwards", async () => {
    const file = await go(logs, "logs-run");
    expect(file.result.history).toHaveLength(3);
    const run = await openRun(join(folder, "logs-run"));
    expect(run.ids("users")).toHaveLength(60);
    const rows = [{ user: "u59", item: "s3", city: "c12", tags: "g0|g2", price: 20 }, { user: "new", item: "s3", city: "c99", tags: "g0", price: 20 }]; // prettier-ignore
    const [known, strange] = await run.predict(rows as never);
    expect([known?.unknown, strange?.unknown]).toEqual([[], ["user", "city"]]);
    run.dispose();
    expect(existsSync(join(folder, "logs-run", "partitions", "partition-0"))).toBe(false);
  }, 60_000);

  it("stopped anywhere and resumed, ends with the bits of an unbroken run", async () => {
    let resume = false;
    for (const stop of [4, 9, 10, 22]) {
      const abort = new AbortController();
      const onEvent = (event: { readonly type: string; readonly step: number }): void => {
        if (event.type === "step" && event.step === stop) abort.abort();
      };
      await go(logs, "logs-stopped", { resume, signal: abort.signal, onEvent });
      resume = true;
    }
    await go(logs, "logs-stopped", { resume, config: {} });
    expect(weights("logs-stopped")).toEqual(weights("logs-run"));
  }, 60_000);

  it("begins with what a run of a prepared set has learnt, and with its numbers", async () => {
    const set = join(folder, "prepared");
    await prepare({ format: "parquet", input: at(0), columns: { ...schema } as never, target: "click", out: set });
    await train({ config: { ...small, data: set, epochs: 2 }, out: join(folder, "base"), onNote: () => undefined });
    const before = weights("base");
    await go(logs, "from-run", { from: join(folder, "base"), config: {} });
    expect(weights("base")).toEqual(before);
    const [base, run] = [await openRun(join(folder, "base")), await openRun(join(folder, "from-run"))];
    expect(run.ids("users").slice(0, 20)).toEqual(base.ids("users"));
    expect(run.data.measures).toEqual(base.data.measures);
    base.dispose();
    run.dispose();
    const first = (out: string): number => {
      const valid = lines(out).find((line) => line["valid"] !== undefined)?.["valid"];
      return (valid as Record<string, number>)["auc/click"] as number;
    };
    expect(first("from-run")).toBeGreaterThan(first("logs-run") + 0.05);
    await expect(go(logs, "base", { resume: true, config: {} })).rejects.toThrow(/follows no folder.*--from/);
    await expect(go(logs, "other", { from: join(folder, "base"), config: { model: "click(dim=8)" } })).rejects.toThrow(/another `model`/); // prettier-ignore
  }, 60_000);

  it("ends in one line at a partition that is damaged, and goes on once it is mended", async () => {
    writeFileSync(at(1), "PAR1 no more");
    const ended: unknown = await go(logs, "logs-harmed", { idle: 60 }).catch((error: unknown) => error);
    expect(String(ended)).toMatch(/no Parquet file .*part-1/);
    expect(String(ended)).not.toMatch(/\n/);
    await put(1);
    await go(logs, "logs-harmed", { resume: true });
    expect(weights("logs-harmed")).toEqual(weights("logs-run"));
  }, 60_000);
});
