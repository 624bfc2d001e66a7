/**
 * A click log of any size, in partitions, with 20 categorical and 5 numerical fields and 3 labels.
 *
 *     node test/stream/click-log.mjs DIR [ROWS=1000000] [ROWS_A_PARTITION=1000000] [HELD_OUT_SHARE=0.05] [numbered | raw | csv]
 *
 * `numbered`: as a pipeline leaves it, Parquet of numbered ids in three parts, and the small manifest by which it is read where it stands. `raw`, `csv`: as
 * people have it before `gradpool prepare`, texts and times, some values missing, nothing held out.
 *
 * Every value is a hash of its row's number and its column: the same call writes the same rows. Labels follow from some of the fields, so that there
 * is something to learn: click, cart (of those that clicked), buy (of those that put into the cart). Broken off and called again, it goes on.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const { DuckDBInstance } = createRequire(new URL("../../packages/data/package.json", import.meta.url))(
  "@duckdb/node-api",
);

const [out, rows = 1_000_000, partition = 1_000_000, heldOut = 0.05, kind = "numbered"] = process.argv
  .slice(2)
  .map((value, k) => (k === 0 ? resolve(value) : k < 4 ? Number(value) : value));
if (out === undefined) {
  console.error("click-log: DIR is missing");
  process.exit(2);
}

/** How many values each category has, "missing" not counted. The first two are users and items. */
const sizes = [
  1_000_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 1_000, 500, 500, 200, 200, 100, 100, 50, 24, 20, 7,
  3,
];
const numbers = 5;

// Hashed twice: one hash of two values is the exclusive or of theirs, and numbers would give away the noise of the labels.
const uniform = (column) => `(hash(hash(row, ${column})) % 16777216) / 16777216.0`;
/** Some values are frequent, most are rare. */
const category = (size, k) =>
  `CAST(${k < 2 ? 0 : 1} + floor(${size} * u${k} * u${k} * sqrt(u${k})) AS INTEGER) AS c${k}`;
const effect = (k) => `((hash(c${k}, ${1000 + k}) % 1024) / 512.0 - 1)`;
const logit = (z) => `1 / (1 + exp(-(${z})))`;

const query = (from, to, beside = "row, z") => {
  const categories = sizes.map(category).join(", ");
  const drawn = sizes.map((_, k) => `${uniform(k)} AS u${k}`).join(", ");
  const numerical = Array.from(
    { length: numbers },
    (_, k) => `CAST(10 * ${uniform(100 + k)} + ${k} AS FLOAT) AS n${k}`,
  ).join(", ");
  const taste = [0, 1, 2, 4, 7, 16].map(effect).join(" + ");
  return `SELECT * EXCLUDE (${beside}) FROM (
    SELECT *, click * CAST(${uniform(202)} < ${logit("0.8 * z + 0.5")} AS UTINYINT) * cart AS buy FROM (
      SELECT *, click * CAST(${uniform(201)} < ${logit("z - 0.2")} AS UTINYINT) AS cart FROM (
        SELECT *, CAST(${uniform(200)} < ${logit("z")} AS UTINYINT) AS click FROM (
          SELECT *, -1.8 + ${taste} + 0.15 * (n0 - 5) AS z FROM (SELECT row, ${categories}, ${numerical} FROM (SELECT row, ${drawn} FROM range(${from}, ${to}) t(row)))))))`;
};

/** Users, items and some categories as texts, others as numbers, where they are not empty; a number is missing now and then; a month of times. */
const told = (from, to) => {
  const texts = sizes.map((_, k) => {
    if (k < 2) return `'${"ui"[k]}' || c${k} AS c${k}`;
    return `CASE WHEN c${k} % 64 <> 63 THEN ${k < 6 ? `'v' || c${k}` : `c${k}`} END AS c${k}`;
  });
  const some = Array.from({ length: numbers }, (_, k) => `CASE WHEN n${k} < ${9.5 + k} THEN n${k} END AS n${k}`);
  return `SELECT 1767225600 + CAST(floor(row * ${2_592_000 / rows}) AS BIGINT) AS ts, ${[...texts, ...some].join(", ")}, click, cart, buy
    FROM (${query(from, to, "z")})`;
};

const held = Math.round(rows * heldOut);
const parts =
  kind === "numbered"
    ? [
        ["train", 0, rows - 2 * held],
        ["valid", rows - 2 * held, rows - held],
        ["test", rows - held, rows],
      ]
    : [["log", 0, rows]];
const ending = kind === "csv" ? "csv" : "parquet";
const options = kind === "csv" ? "FORMAT csv, HEADER" : "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880";
const instance = await DuckDBInstance.create(":memory:", { threads: process.env.THREADS ?? "2", memory_limit: "1GB" });
const connection = await instance.connect();
for (const [part, from, to] of parts) {
  mkdirSync(`${out}/${part}`, { recursive: true });
  for (let start = from, k = 0; start < to; start += partition, k++) {
    const path = `${out}/${part}/part-${String(k).padStart(5, "0")}.${ending}`;
    if (existsSync(path)) continue;
    const begun = `${out}/${part}/.begun`;
    const make = kind === "numbered" ? query : told;
    await connection.run(
      `COPY (${make(start, Math.min(to, start + partition))}) TO '${begun.replaceAll("'", "''")}' (${options})`,
    );
    renameSync(begun, path);
    process.stderr.write(`\r${part} ${k + 1}`);
  }
}
process.stderr.write("\n");

if (kind === "numbered") writeFileSync(`${out}/manifest.json`, `${JSON.stringify(manifest(), null, 2)}\n`);

function manifest() {
  const categorical = sizes.slice(2).map((size, k) => [`c${k + 2}`, { kind: "category", vocabulary: size + 1 }]);
  const numerical = Array.from({ length: numbers }, (_, k) => [`n${k}`, { kind: "number" }]);
  return {
    format: "gradpool-rows",
    version: 1,
    ...Object.fromEntries(parts.map(([part]) => [part, part])),
    user: { column: "c0", size: sizes[0] },
    item: { column: "c1", size: sizes[1] },
    labels: ["click", "cart", "buy"],
    features: Object.fromEntries([...categorical, ...numerical]),
  };
}
