/** Rows shown in several files: the rows of one, whole or not there. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Impressions, loadPrepared, prepare, type PrepareOptions, readManifest } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-partitions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const day = 86_400;
const rows = Array.from({ length: 400 }, (_, k) => {
  const time = k % 50 === 0 ? "" : String(1_767_225_600 + (k % 7) * day + k);
  return `u${(k * 13) % 40},i${(k * 7) % 31},${k % 3 === 0 ? 1 : 0},${k % 4 === 0 ? 1 : 0},${time},c${k % 5},${k / 8}`;
});
const input = join(folder, "log.csv");
writeFileSync(input, `user,item,click,buy,time,city,price\n${rows.join("\n")}\n`);
const columns = { user: "user", item: "item", label: "click+buy", time: "time", features: "city+price:number" };

const prepared = async (name: string, more: Partial<PrepareOptions> = {}) => {
  const out = join(folder, name);
  await prepare({ format: "csv", input, columns, out, ...more });
  return out;
};

/** Every row as text, in order. */
const rowsOf = ({ size, users, items, times, labels, features }: Impressions): readonly string[] =>
  Array.from({ length: size }, (_, r) => {
    const own = features.map((feature) => (feature.kind === "numerical" ? feature.values[r] : feature.ids[r]));
    return [users[r], items[r], times?.[r], ...labels.map((column) => column[r]), ...own].join();
  });

describe("rows shown in several files", () => {
  it("of so many rows each, have the rows of one file, those of every user spread over all files", async () => {
    const [one, several] = [await prepared("one"), await prepared("several", { rowsPerFile: 60 })];
    const [whole, parts] = [await loadPrepared(one), await loadPrepared(several)];
    const { manifest, impressions: found, ...rest } = parts;
    const { manifest: _, impressions: held, ...other } = whole;
    expect(rest).toEqual(other);
    for (const part of ["train", "valid", "test"] as const) {
      expect([...rowsOf(found?.[part] as Impressions)].sort()).toEqual([...rowsOf(held?.[part] as Impressions)].sort());
    }
    expect(manifest?.version).toBe(3);
    const { partitions, file, train } = manifest?.tables.impressions ?? {};
    expect(file).toBeUndefined();
    expect(partitions?.train).toHaveLength(Math.ceil((train ?? 0) / 60));
    expect(partitions?.train[1]).toBe("impressions/train/part-00001.parquet");
    const streamed = await loadPrepared(several, { rows: "stream" });
    expect(streamed.impressions?.streamed?.groups.train.map((group) => group.rows)).toEqual(
      [...Array.from({ length: Math.floor((train ?? 0) / 60) }, () => 60), (train ?? 0) % 60].filter(
        (size) => size > 0,
      ),
    );
    // Sorted by user, a file of 60 of some 280 rows would have a fifth of the 40 users.
    expect(new Set(found?.train.users.subarray(0, 60)).size).toBeGreaterThan(25);
  });

  it("are the same bytes on any number of threads", async () => {
    const hashes = async (name: string, threads: number) => {
      const { files } = await readManifest(await prepared(name, { rowsPerFile: 90, partitionBy: "day", threads }));
      return files.map(({ name: file, sha256 }) => `${file} ${sha256}`);
    };
    expect(await hashes("two threads", 2)).toEqual(await hashes("one thread", 1));
  });

  it("by day hold the rows of one file, each where its time says", async () => {
    const [one, days] = [await prepared("whole"), await prepared("days", { partitionBy: "day", split: "random" })];
    const [whole, parted] = [await loadPrepared(one), await loadPrepared(days)];
    for (const part of ["train", "valid", "test"] as const) {
      const [held, found] = [whole, parted].map((set) => rowsOf(set.impressions?.[part] as Impressions));
      expect(found).toHaveLength(held?.length ?? -1);
      expect([...(found ?? [])].sort()).toEqual([...(held ?? [])].sort());
    }
    expect(readdirSync(join(days, "impressions", "train")).sort()).toEqual([
      "day=2026-01-01",
      ...[2, 3, 4, 5, 6, 7].map((k) => `day=2026-01-0${k}`),
      "day=__HIVE_DEFAULT_PARTITION__",
    ]);
    const { times = [] } = parted.impressions?.train ?? {};
    const of = Array.from(times, (time) => Math.floor(time / day)).filter((one) => !Number.isNaN(one));
    expect(of).toEqual([...of].sort((a, b) => a - b));
  });

  it("stopped while they are written, leave nothing", async () => {
    const abort = new AbortController();
    const out = join(folder, "stopped", "set");
    const onProgress = ({ detail }: { readonly detail: string }): void => {
      if (detail.endsWith("part-00002.parquet")) abort.abort();
    };
    const asked = prepare(
      { format: "csv", input, columns, out, rowsPerFile: 30 },
      { signal: abort.signal, onProgress },
    );
    await expect(asked).rejects.toMatchObject({ code: "interrupted" });
    expect(existsSync(join(folder, "stopped"))).toBe(false);
  });

  it("are refused where there are no rows, no times, or no such period", async () => {
    const { time: _, ...timeless } = columns;
    const wrong = (more: Partial<PrepareOptions>) => prepared("wrong", more);
    await expect(wrong({ columns: timeless, partitionBy: "day" })).rejects.toThrow(/no times to be parted by day/);
    await expect(wrong({ columns: { user: "user", item: "item" }, rowsPerFile: 9 })).rejects.toThrow(/no rows shown/);
    await expect(wrong({ partitionBy: "week" as never })).rejects.toThrow(/give hour, day, month/);
    await expect(wrong({ rowsPerFile: 0 })).rejects.toThrow(/whole number from 1/);
    expect(existsSync(join(folder, "wrong"))).toBe(false);
  });
});
