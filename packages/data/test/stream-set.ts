import { mkdirSync, writeFileSync } from "node:fs";
import type { ForeignManifest } from "../src/set/foreign-manifest.js";
import { openDuck } from "../src/tables/duck.js";

/** Rows of every kind of column: a category, a list, numbers and labels with gaps, a weight. */
const rowsFrom = (from: number, to: number): string => `SELECT
  CAST(hash(r, 1) % 50 AS INTEGER) AS uid, CAST(hash(r, 2) % 30 AS BIGINT) AS sku,
  CAST(1 + hash(r, 3) % 9 AS INTEGER) AS city,
  list_distinct([CAST(1 + hash(r, 4) % 5 AS INTEGER), CAST(1 + hash(r, 5) % 5 AS INTEGER)])[1 : CAST(hash(r, 6) % 3 AS INTEGER)] AS tags,
  CASE WHEN hash(r, 7) % 10 > 0 THEN (hash(r, 7) % 1000) / 7.0 END AS price,
  CASE WHEN hash(r, 8) % 8 > 0 THEN CAST(hash(r, 8) % 3 = 1 AS TINYINT) END AS click,
  CAST(hash(r, 10) % 6 = 1 AS TINYINT) AS buy,
  CAST(1 + hash(r, 9) % 4 AS FLOAT) AS weight
  FROM range(${from}, ${to}) t(r)`;

export const foreign: ForeignManifest = {
  format: "gradpool-rows",
  version: 1,
  train: "train",
  valid: "valid",
  test: ["test/a.parquet"],
  user: "uid",
  item: { column: "sku", size: 40 },
  labels: ["click", "buy"],
  features: {
    city: { kind: "category" },
    tags: { kind: "list", vocabulary: 6, pooling: "sum" },
    cost: { kind: "number", column: "price", flag: true },
  },
  weight: "weight",
};

/** A set as another program writes one: `files` of 5,000 training rows each, in row groups of 2,048. */
export async function writeForeign(folder: string, files = 3, manifest: object = foreign): Promise<void> {
  const db = await openDuck({ threads: 1 });
  try {
    for (const part of ["train", "valid", "test"]) mkdirSync(`${folder}/${part}`, { recursive: true });
    const copy = (from: number, to: number, file: string) =>
      db.run(`COPY (${rowsFrom(from, to)}) TO '${folder}/${file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
    for (let k = 0; k < files; k++) await copy(5000 * k, 5000 * (k + 1), `train/part-${k}.parquet`);
    await copy(100_000, 103_000, "valid/a.parquet");
    await copy(110_000, 112_000, "test/a.parquet");
    writeFileSync(`${folder}/manifest.json`, JSON.stringify(manifest));
  } finally {
    db.close();
  }
}
