import { createRandom } from "@gradpool/core";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { putFloat } from "../src/exchange/numbers.js";
import { readTable } from "../src/exchange/read.js";
import { writeChunks, writeTable } from "../src/exchange/write.js";
import { openDuck, parquetAt } from "../src/tables/duck.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-columns-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const said = (value: number): string => {
  const out = Buffer.alloc(40);
  return out.toString("latin1", 0, putFloat(out, 0, value));
};

describe("a float32 in text", () => {
  it("is the same when it is read again, in at most nine digits", () => {
    const random = createRandom(1, 0);
    const bits = new Int32Array(1);
    const float = new Float32Array(bits.buffer);
    for (let k = 0; k < 50_000; k++) {
      bits[0] = random.next32();
      const some = k % 2 === 0 ? (float[0] as number) : Math.fround(random.uniform() - 0.5);
      if (!Number.isFinite(some)) continue;
      const text = said(some);
      if (Math.fround(Number(text)) !== some) throw new Error(`${some} was written ${text}`);
      if (Math.abs(some) >= 1e-5 && Math.abs(some) < 1e9)
        expect(
          text
            .replace("-", "")
            .replace(/^0\.0*/, "")
            .replace(".", "").length,
        ).toBeLessThan(10);
    }
  });

  it("is short where it can be", () => {
    const shown = [0.1, -0.25, 3, 16_777_216, 1.5, 0.001, 0, 1e9, 1e-7, 0.123456789, 999_999.9].map((value) =>
      said(Math.fround(value)),
    );
    expect(shown.slice(0, 8)).toEqual(["0.1", "-0.25", "3", "16777216", "1.5", "0.001", "0", "1000000000"]);
    expect(shown.slice(8).map(Number).map(Math.fround)).toEqual([1e-7, 0.123456789, 999_999.9].map(Math.fround));
  });
});

const columns = [
  { name: "user", type: "VARCHAR" },
  { name: "rank", type: "INTEGER" },
  { name: "item", type: "VARCHAR" },
  { name: "score", type: "FLOAT" },
  { name: "known", type: "BOOLEAN" },
] as const;

/** Two users a chunk, the items of one catalogue, some cells empty; rows enough for three groups of a Parquet file. */
function* chunks(rows: number, items: readonly string[]) {
  for (let from = 0; from < rows; from += 50_000) {
    const count = Math.min(50_000, rows - from);
    const range = Int32Array.from({ length: count }, (_, k) => k);
    const user = { words: [`Zoë ${from}`, `"${from}", 雪`], codes: range.map((k) => (k % 1000 === 999 ? -1 : k % 2)) };
    const item = { words: items, codes: range.map((k) => (k * k) % items.length) };
    const score = Float32Array.from(range, (k) => (k % 7 === 3 ? Number.NaN : k / 3));
    yield {
      rows: count,
      columns: [user, range.map((k) => (k % 20) + 1), item, score, Uint8Array.from(range, (k) => k % 2)],
    };
  }
}

describe.each(["parquet", "csv", "jsonl"])("columns as .%s", (format) => {
  it("come back cell by cell, words once encoded, empty cells empty", async () => {
    const path = join(folder, `table.${format}`);
    const items = Array.from({ length: 300 }, (_, k) => `item ${k},`);
    const rows = format === "parquet" ? 130_000 : 60_000;
    expect(await writeChunks(path, columns, chunks(rows, items))).toBe(rows);
    const back = readTable(path);
    let row = 0;
    for (const chunk of chunks(rows, items)) {
      const [user, rank, item, score, known] = chunk.columns as [{ words: string[]; codes: Int32Array }, Int32Array, { codes: Int32Array }, Float32Array, Uint8Array]; // prettier-ignore
      for (let k = 0; k < chunk.rows; k++, row++) {
        const { value } = (await back.next()) as { value: Record<string, string | null> };
        const code = user.codes[k] as number;
        const right =
          value["user"] === (code < 0 ? null : user.words[code]) &&
          value["rank"] === String(rank[k]) &&
          value["item"] === items[item.codes[k] as number] &&
          (Number.isNaN(score[k]) ? value["score"] === null : Math.fround(Number(value["score"])) === score[k]) &&
          value["known"] === String(known[k] === 1);
        if (!right) throw new Error(`row ${row}: ${JSON.stringify(value)}`);
      }
    }
    expect((await back.next()).done).toBe(true);
  });
});

describe("a Parquet file", () => {
  it("holds lists of floats, texts that hardly recur, doubles and their holes, and no rows at all", async () => {
    const wide = [
      { name: "id", type: "VARCHAR" },
      { name: "embedding", type: "FLOAT[]" },
      { name: "p", type: "DOUBLE" },
    ] as const;
    const path = join(folder, "lists.parquet");
    const list = (k: number) => Float32Array.of(k, k / 3, -k);
    const rows = Array.from(
      { length: 9000 },
      (_, k) => [k % 10 === 9 ? null : `row ${k}`, list(k), k % 3 === 1 ? null : k / 7] as const,
    );
    await writeTable(path, wide, rows);
    await writeTable(join(folder, "none.parquet"), wide, []);
    const db = await openDuck();
    const sums = await db.rows(
      `SELECT count(*), count(id), count(DISTINCT id), sum(len(embedding)), max(embedding[2]), min(embedding[3]), count(p), max(p) FROM ${parquetAt(path)}`,
    );
    const types = (await db.rows(`DESCRIBE SELECT * FROM ${parquetAt(join(folder, "none.parquet"))}`)).map(
      ([, type]) => type,
    );
    db.close();
    expect(sums[0]?.map(Number)).toEqual([9000, 8100, 8100, 27_000, Math.fround(8999 / 3), -8999, 6000, 8999 / 7]);
    expect(types).toEqual(["VARCHAR", "FLOAT[]", "DOUBLE"]);
  });

  it("is small: a catalogue's ids are written once, ranks in bits", async () => {
    const path = join(folder, "small.parquet");
    await writeChunks(
      path,
      columns,
      chunks(
        100_000,
        Array.from({ length: 300 }, (_, k) => `a rather long name ${k}`),
      ),
    );
    // 9 + 5 + 1 + 1 bits of places and flags, and 4 bytes of score.
    expect(readFileSync(path).length).toBeLessThan(100_000 * 6.3);
  });

  it("refuses lists where they have no place", async () => {
    await expect(writeTable(join(folder, "a.csv"), [{ name: "e", type: "FLOAT[]" }], [])).rejects.toThrow(
      /ends in .parquet/,
    );
  });
});
