/** Rows that stay on the disk: the same batches as of rows in memory, in the same order. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isGradpoolError } from "@gradpool/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type HoldOut,
  type ImpressionsBatch,
  impressionsSampler,
  loadPrepared,
  measuresOf,
  prepare,
  type PreparedSet,
  type Sampler,
} from "../src/index.js";
import { openDuck } from "../src/tables/duck.js";
import { foreign, writeForeign } from "./stream-set.js";
import { scratch } from "./support.js";

const { folder, write, remove } = scratch();
afterAll(remove);
const at = join(folder, "foreign");
const buffer = 5000;
let memory: PreparedSet;
let stream: PreparedSet;
beforeAll(async () => {
  await writeForeign(at);
  memory = await loadPrepared(at);
  stream = await loadPrepared(at, { rows: "stream", buffer });
});

type Shown = NonNullable<PreparedSet["impressions"]>;
const groups = (part: "train" | "valid" | "test" = "train"): number[] =>
  ((stream.impressions as Shown).streamed?.groups[part] ?? []).map(({ rows }) => rows);

/** What a batch holds, and no more: what lies behind its ends is left over. */
const copyOf = (batch: ImpressionsBatch) =>
  structuredClone({
    ...batch,
    users: batch.users.slice(),
    fields: batch.fields.map((field) =>
      field.kind === "one-hot"
        ? { ...field, ids: field.ids.slice() }
        : { ...field, offsets: field.offsets.slice(), ids: field.ids.slice(0, field.offsets[batch.size]) },
    ),
    numerical: batch.numerical.slice(),
    labels: batch.labels.map((column) => column.slice()),
    masks: batch.masks.map((column) => column.slice()),
    weights: batch.weights?.slice(),
  });

async function take(sampler: Sampler<ImpressionsBatch>, count: number) {
  const batches = [];
  for (let k = 0; k < count; k++) {
    await sampler.ready?.();
    batches.push(copyOf(sampler.next()));
  }
  return batches;
}

describe("a stream of rows", () => {
  it("gives the batches of rows in memory, over epochs, given the order of the groups", async () => {
    expect(groups()).toEqual([2048, 2048, 904, 2048, 2048, 904, 2048, 2048, 904]);
    const options = { batchSize: 700, seed: 4 };
    const streamed = impressionsSampler(stream, options);
    const held = impressionsSampler(memory, { ...options, groups: groups(), buffer });
    expect(streamed.batchesPerEpoch).toBe(22);
    const found = await take(streamed, 50);
    expect(found).toEqual(await take(held, 50));
    expect(streamed.state()).toEqual({ ...held.state(), random: [] });
    expect(new Set(found.slice(0, 22).flatMap(({ size }) => size))).toEqual(new Set([700, 300]));
    streamed.close?.();
  });

  it("is standardised by the same measures, and says the same of the set", async () => {
    expect(measuresOf(stream)).toEqual(measuresOf(memory));
    expect((stream.impressions as Shown).train.size).toBe(64);
    expect((stream.impressions as Shown).streamed?.rows).toEqual({ train: 15000, valid: 3000, test: 2000 });
    expect((stream.impressions as Shown).streamed?.longest).toEqual({ tags: 2 });
    const [click = new Uint8Array(), buy = new Uint8Array()] = (memory.impressions as Shown).train.labels;
    const strays = click.filter((label, row) => label === 0 && buy[row] === 1).length;
    expect(strays).toBeGreaterThan(0);
    expect((stream.impressions as Shown).streamed?.strays[0]?.[1]).toBe(strays);
  });

  it("shuffles rows over the groups of a buffer, and otherwise in every epoch", async () => {
    const sampler = impressionsSampler(stream, { batchSize: 15_000, seed: 1 });
    const [first, second] = (await take(sampler, 2)).map(({ users, numerical }) => [...users, ...numerical]);
    expect(first).not.toEqual(second);
    const inOrder = impressionsSampler(memory, { batchSize: 15_000, shuffle: false });
    const [plain] = await take(inOrder, 1);
    expect(first?.slice(0, 15_000)).not.toEqual([...(plain?.users ?? [])]);
    expect(first?.slice(0, 15_000).sort()).toEqual([...(plain?.users ?? [])].sort());
    sampler.close?.();
  });

  it("reads parts for evaluation in their order, and a choice of tasks and features", async () => {
    const options = { part: "valid", batchSize: 512, tasks: ["buy"], features: ["cost"] } as const;
    const sampler = impressionsSampler(stream, options);
    expect(await take(sampler, 7)).toEqual(await take(impressionsSampler(memory, options), 7));
    sampler.close?.();
  });

  it("goes on from any state with the batches that would have come, in one buffer or another", async () => {
    const options = { batchSize: 333, seed: 9 };
    const whole = await take(impressionsSampler(memory, { ...options, groups: groups(), buffer }), 60);
    const sampler = impressionsSampler(stream, options);
    for (const from of [0, 17, 45, 46, 7]) {
      const before = impressionsSampler(memory, { ...options, groups: groups(), buffer });
      for (let k = 0; k < from; k++) before.next();
      sampler.restore(before.state());
      expect(await take(sampler, 10), `after ${from}`).toEqual(whole.slice(from, from + 10));
    }
    sampler.close?.();
    // Closed, it goes on where it stood.
    expect(await take(sampler, 3)).toEqual(whole.slice(17, 20));
    sampler.close?.();
    expect(() => sampler.restore({ epoch: 0, position: 15_001, random: [] })).toThrow(/the state is/);
  });

  it("can be asked without waiting first: then it blocks", () => {
    const options = { batchSize: 700, seed: 4 };
    const sampler = impressionsSampler(stream, options);
    const held = impressionsSampler(memory, { ...options, groups: groups(), buffer });
    for (let k = 0; k < 30; k++) expect(copyOf(sampler.next())).toEqual(copyOf(held.next()));
    sampler.close?.();
  });

  it("reads sets that were prepared as one file, part by part", async () => {
    const lines = Array.from(
      { length: 3000 },
      (_, k) => `${k % 70},${k % 31},${k % 3 === 0 ? 1 : 0},${k % 11 === 0 ? "" : (k % 5) + 1},${k % 7}`,
    );
    const input = write("log.csv", `u,i,click,price,city\n${lines.join("\n")}\n`);
    const out = join(folder, "prepared");
    const columns = { user: "u", item: "i", label: "click", features: "price:number+city" };
    await prepare({ format: "csv", input, columns, out });
    const [held, streamed] = [await loadPrepared(out), await loadPrepared(out, { rows: "stream" })];
    for (const part of ["train", "valid", "test"] as const) {
      const options = { part, batchSize: 100, seed: 2 };
      const sampler = impressionsSampler(streamed, options);
      const sizes = (streamed.impressions as Shown).streamed?.groups[part].map(({ rows }) => rows) ?? [];
      expect(await take(sampler, 12)).toEqual(await take(impressionsSampler(held, { ...options, groups: sizes }), 12));
      sampler.close?.();
    }
  });
});

/** The one line that loading, or reading `count` batches, ends with. */
async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (!isGradpoolError(error)) throw error;
    expect(error.message).not.toContain("\n");
    return `${error.code}: ${error.message.replaceAll(folder, "")}`;
  }
  throw new Error("was not refused");
}

describe("what is wrong with rows on the disk", () => {
  const fresh = async (name: string, manifest: object = foreign): Promise<string> => {
    await writeForeign(join(folder, name), 3, manifest);
    return join(folder, name);
  };
  const load = (path: string) => loadPrepared(path, { rows: "stream", buffer: 2000 });

  it("is told when the set is opened: a schema that does not fit, a column that changes its type late, a missing file", async () => {
    const { db, query } = await tools();
    const path = await fresh("late");
    await query(
      `COPY (SELECT * REPLACE (city::VARCHAR AS city) FROM '${path}/train/part-2.parquet') TO '${path}/train/part-3.parquet' (FORMAT parquet)`,
    );
    expect(await refusal(() => load(path))).toBe(
      "invalid-input: 'city' is VARCHAR, not a whole number (/late/train/part-3.parquet): write this file as the others, or correct the manifest",
    );
    const without = await fresh("without", { ...foreign, labels: ["click", "like"] });
    expect(await refusal(() => load(without))).toMatch(
      /^invalid-input: there is no column 'like' \(\/without\/train\/part-0.parquet\)/,
    );
    const gone = await fresh("gone", { ...foreign, test: ["test/b.parquet"] });
    expect(await refusal(() => load(gone))).toMatch(
      /^damaged: a file of the set's rows is missing, or is no Parquet file \(\/gone\/test\/b.parquet\)/,
    );
    const unlabelled = await fresh("unlabelled", { ...foreign, labels: [] });
    expect(await refusal(() => load(unlabelled))).toMatch(/^invalid-input: it names no labels/);
    const strange = await fresh("strange", { ...foreign, features: { city: { kind: "text" } } });
    expect(await refusal(() => load(strange))).toMatch(
      /the feature city is "text" \(.*manifest\.json\): give \{ "kind": … \}: category, list or number/,
    );
    db.close();
  });

  it("is told when it is met, after all that came before it; repaired, reading goes on there", async () => {
    const { db, query } = await tools();
    const path = await fresh("broken");
    const options = { batchSize: 500, seed: 3 };
    const whole = await take(impressionsSampler(await load(path), options), 30);
    const sampler = impressionsSampler(await load(path), options);
    const file = `${path}/train/part-1.parquet`;
    const bytes = readFileSync(file);
    for (const harm of [
      () => renameSync(file, `${file}.away`),
      () => writeFileSync(file, bytes.subarray(0, 9000)),
      () =>
        writeFileSync(
          file,
          Buffer.concat([bytes.subarray(0, 2000), Buffer.alloc(bytes.length - 6000, 7), bytes.subarray(-4000)]),
        ),
      () => query(`COPY (SELECT * FROM '${path}/train/part-0.parquet' LIMIT 100) TO '${file}' (FORMAT parquet)`),
    ]) {
      sampler.restore({ epoch: 0, position: 0, random: [] });
      await harm();
      const met: unknown[] = [];
      const told = await refusal(async () => {
        for (let k = 0; k < 30; k++) met.push(...(await take(sampler, 1)));
      });
      expect(told).toMatch(/^damaged: .*\(\/broken\/train\/part-1.parquet\): put the file back as it was/);
      expect(met).toEqual(whole.slice(0, met.length));
      writeFileSync(file, bytes);
      expect([...met, ...(await take(sampler, 30 - met.length))]).toEqual(whole);
    }
    sampler.close?.();
    db.close();
  });

  it("are values that the manifest has no place for, with their row", async () => {
    const { db, query } = await tools();
    for (const [change, told] of [
      ["99::INTEGER AS city", /city is 99, not one of 0 … 9, in row 0/],
      ["NULL::INTEGER AS uid", /the user is missing, in row 0/],
      ["CASE WHEN city = 3 THEN [7] ELSE tags END AS tags", /tags has 7, not one of 0 … 5, in row \d+/],
      ["2::TINYINT AS buy", /buy is 2, not 0, 1 or missing, in row 0/],
    ] as const) {
      const path = await fresh("values", {
        ...foreign,
        user: { column: "uid", size: 50 },
        features: { ...foreign.features, city: { kind: "category", vocabulary: 10 } },
      });
      await query(
        `COPY (SELECT * REPLACE (${change}) FROM '${path}/test/a.parquet') TO '${path}/test/b.parquet' (FORMAT parquet)`,
      );
      renameSync(`${path}/test/b.parquet`, `${path}/test/a.parquet`);
      expect(await refusal(() => load(path))).toMatch(told);
    }
    db.close();
  });
});

async function tools() {
  const db = await openDuck({ threads: 1 });
  return { db, query: (sql: string) => db.run(sql) };
}

describe("a share of rows on the disk that is held out", () => {
  const rowsOf = (holdOut: HoldOut | undefined, set: PreparedSet = stream): string[] => {
    const sampler = impressionsSampler(set, { batchSize: 500, shuffle: false, ...(holdOut && { holdOut }) });
    const rows = Array.from({ length: sampler.batchesPerEpoch }, () => {
      const { size, users, fields, numerical } = sampler.next();
      const width = numerical.length / users.length;
      return Array.from({ length: size }, (_, r) => [users[r], fields[1]?.ids[r], numerical[r * width]].join());
    }).flat();
    sampler.close?.();
    return rows;
  };

  it("is whole row groups, chosen by the seed: no row is on both sides, and none is lost", () => {
    for (const share of [0.1, 0.99]) {
      const [rest, held] = (["rest", "held"] as const).map((part) => rowsOf({ share, part, seed: 3 }));
      expect([...(rest ?? []), ...(held ?? [])].sort()).toEqual(rowsOf(undefined).sort());
      expect(held?.length).toBeGreaterThanOrEqual(Math.min(share * 15_000, 15_000 - 2048));
      expect(rest?.length).toBeGreaterThan(0);
      expect(rowsOf({ share, part: "held", seed: 3 })).toEqual(held);
    }
  });

  it("is refused of a single row group, and where it is no share", () => {
    const of = (share: number, part: "train" | "test") =>
      impressionsSampler(stream, { part, batchSize: 9, holdOut: { share, part: "held" } });
    expect(() => of(0.1, "test")).toThrow(/the rows are one row group/);
    expect(() => of(1, "train")).toThrow(/holdOut.share is 1/);
  });
});
