import { problem } from "../errors.js";
import { partNames, type Coding } from "../features/stage.js";
import { type Encoding, hashDigits, timeParts } from "../set/encoding.js";
import type { Output } from "../set/output.js";
import { text } from "../tables/duck.js";
import type { Context } from "./context.js";

/** What a feature's values became. */
export interface Coded {
  /** Columns `r` and `value`: the number of a value (of a list a row each), or the number itself; rows of missing values are left out. */
  readonly relation: string;
  readonly vocabulary: number;
  readonly encoding: Encoding;
  /** The file with columns `id`, `key`: what numbers were called. */
  readonly values?: string;
}

/** Where values stand, and who tells what is learnt of them. */
export interface ToCode {
  /** The feature, for messages. */
  readonly name: string;
  /** Relation with `r`, which tells rows apart, and `value`, of a list VARCHAR[]. */
  readonly rows: string;
  /** Relation with the `r` of rows that train. */
  readonly trained: string;
  /** The beginning of its files' names. */
  readonly base: string;
}

/** 1 + the first 48 bits of the SHA-256 of a text, modulo `size`, in SQL. */
const hashed = (x: string, size: number): string =>
  `CAST(1 + CAST('0x' || left(sha256(${x}), ${hashDigits}) AS UBIGINT) % ${size} AS INTEGER)`;

/** Numbers a feature's values as its coding says. Vocabularies that are not plain and bounds are learnt from training rows alone. */
export async function encode(context: Context, output: Output, coding: Coding, rows: ToCode): Promise<Coded> {
  const { encoding } = coding;
  const held = `(SELECT r, value FROM ${rows.rows} WHERE value IS NOT NULL)`;
  switch (encoding.kind) {
    case "number":
      return { relation: `(SELECT r, CAST(value AS DOUBLE) AS value FROM ${held})`, vocabulary: 0, encoding };
    case "time": {
      const vocabulary = timeParts[encoding.part] + 1;
      const values = await writeNames(context, output, partNames(encoding.part), rows.base);
      return { relation: `(SELECT r, value + 1 AS value FROM ${held})`, vocabulary, encoding, values };
    }
    case "buckets":
      return intoBuckets(context, held, { ...rows, quantiles: coding.quantiles ?? 2, encoding });
    case "hash":
      return {
        relation: `(SELECT r, ${hashed("value", encoding.size)} AS value FROM ${held})`,
        vocabulary: encoding.size + 1,
        encoding,
      };
    default: {
      const single = encoding.kind === "list" ? `(SELECT r, unnest(value) AS value FROM ${held})` : held;
      if (encoding.kind === "list" && encoding.size !== undefined) {
        const relation = `(SELECT DISTINCT r, ${hashed("value", encoding.size)} AS value FROM ${single})`;
        return { relation, vocabulary: encoding.size + 1, encoding };
      }
      return intoWords(context, output, single, { ...rows, encoding, min: coding.min });
    }
  }
}

/** The names of the numbers from 1. */
async function writeNames({ db, fresh }: Context, output: Output, names: readonly string[], base: string) {
  const table = fresh("names");
  const rows = names.map((called, k) => `(${k + 1}, ${text(called)})`).join(", ");
  await db.run(`CREATE TABLE ${table} AS SELECT CAST(a AS INTEGER) AS id, b AS key FROM (VALUES ${rows}) v(a, b)`);
  const file = `${base}.values.parquet`;
  await output.write(file, `SELECT id, key FROM ${table} ORDER BY id`);
  return file;
}

async function intoBuckets(
  { db, note }: Context,
  held: string,
  { name, trained, quantiles, encoding }: ToCode & { readonly quantiles: number; readonly encoding: Encoding },
): Promise<Coded> {
  const shares = Array.from({ length: quantiles - 1 }, (_, k) => (k + 1) / quantiles);
  const [row = []] = await db.rows(
    `SELECT to_json(list_sort(list_distinct(quantile_disc(CAST(value AS FLOAT), [${shares.join(", ")}])))) FROM ${held} SEMI JOIN ${trained} USING (r)`,
  );
  const bounds = row[0] === null || row[0] === undefined ? undefined : (JSON.parse(String(row[0])) as number[]);
  if (bounds === undefined) throw noNumbers(name);
  if (bounds.length < quantiles - 1)
    note(`${name} has ${bounds.length + 1} buckets, not ${quantiles}: many values are equal`);
  const passed = bounds.map((bound) => `CAST(CAST(value AS FLOAT) >= CAST(${bound} AS FLOAT) AS INTEGER)`);
  const relation = `(SELECT r, 1 + ${passed.join(" + ")} AS value FROM ${held})`;
  const exact = bounds.map(Math.fround);
  return { relation, vocabulary: bounds.length + 2, encoding: { ...encoding, kind: "buckets", bounds: exact } };
}

const noNumbers = (name: string): Error =>
  problem("invalid-input", `no training row has a value of ${name}`, "features", "leave the feature out");

async function intoWords(
  { db, fresh }: Context,
  output: Output,
  single: string,
  { name, trained, base, encoding, min }: ToCode & { readonly encoding: Encoding; readonly min: number | undefined },
): Promise<Coded> {
  const words = fresh("words");
  const counted =
    min === undefined
      ? `SELECT DISTINCT value FROM ${single}`
      : `SELECT value FROM ${single} SEMI JOIN ${trained} USING (r) GROUP BY value HAVING count(DISTINCT r) >= ${min}`;
  await db.run(`CREATE TABLE ${words} AS SELECT CAST(row_number() OVER (ORDER BY TRY_CAST(value AS DOUBLE) NULLS LAST, value) AS INTEGER) AS id, value AS key
    FROM (${counted})`);
  const values = `${base}.values.parquet`;
  const kept = await output.write(values, `SELECT id, key FROM ${words} ORDER BY id`);
  if (kept === 0 && min === undefined) throw noNumbers(name);
  const unknown = min === undefined ? undefined : kept + 1;
  const id = unknown === undefined ? "w.id" : `coalesce(w.id, ${unknown})`;
  return {
    relation: `(SELECT DISTINCT v.r, ${id} AS value FROM ${single} v ${unknown === undefined ? "" : "LEFT "}JOIN ${words} w ON w.key = v.value)`,
    vocabulary: kept + (unknown === undefined ? 1 : 2),
    encoding: unknown === undefined ? encoding : ({ ...encoding, unknown } as Encoding),
    values,
  };
}
