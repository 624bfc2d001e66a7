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
import { followRun, type FollowRunOptions, openRun, type TrainConfig } from "../src/index.js";

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

  it("refuses what has no meaning here", async () => {
    const refused = (config: Partial<TrainConfig>) =>
      go(join(folder, "three"), "refused", { config: { ...small, ...config } });
    await expect(refused({ epochs: 3 })).rejects.toThrow(/rows that come once have no use for it \(epochs\)/);
    await expect(refused({ model: "mf" })).rejects.toThrow(/mf reads no rows from the disk/);
    await expect(go(made, "refused")).rejects.toThrow(/no manifest of rows/);
    expect(existsSync(join(folder, "refused"))).toBe(false);
  });
});
