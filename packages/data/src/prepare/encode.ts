import { problem } from "../errors.js";
import { partNames, type Coding } from "../features/stage.js";
import { type Encoding, hashDigits, timeParts } from "../set/encoding.js";
import type { Output } from "../set/output.js";
import { name, text } from "../tables/duck.js";
import type { ManifestFeature } from "../set/manifest.js";
import { byKey, heldKeys, numberKeys } from "./after.js";
import type { Context } from "./context.js";

/** What a feature's values became: of a row `s` of the relation that holds them. */
export interface Coded {
  /** SQL over `s` and what `join` joins to it: the number of the value (of a list all, ascending), or the number itself; NULL where it is missing. */
  readonly value: string;
  /** Joins every row to at most one: what its value is called. Absent where the value alone tells its number. */
  readonly join?: string;
  readonly vocabulary: number;
  readonly encoding: Encoding;
  /** The file with columns `id`, `key`: what numbers were called. */
  readonly values?: string;
}

/** Where values stand, and what is learnt of them. */
export interface ToCode {
  /** The feature, for messages. */
  readonly name: string;
  /** Relation of all rows. */
  readonly rows: string;
  /** Its column of values, of a list VARCHAR[]. */
  readonly column: string;
  /** SQL over its columns: true of rows that train. */
  readonly trained: string;
  /** The beginning of its files' names. */
  readonly base: string;
  /** The same feature of the set whose numbers hold. */
  readonly held: ManifestFeature | undefined;
}

/** 1 + the first 48 bits of the SHA-256 of a text, modulo `size`, in SQL. */
const hashed = (x: string, size: number): string =>
  `CAST(1 + CAST('0x' || left(sha256(${x}), ${hashDigits}) AS UBIGINT) % ${size} AS INTEGER)`;

/**
 * Numbers a feature's values as its coding says. Vocabularies that are not plain and bounds are learnt from training rows alone. Nothing is made of the
 * rows themselves but their distinct values: however many rows there are, one pass over them has all features.
 */
export async function encode(context: Context, output: Output, coding: Coding, rows: ToCode): Promise<Coded> {
  const { encoding, min } = coding;
  const own = `s.${name(rows.column)}`;
  switch (encoding.kind) {
    case "number":
      return { value: `CAST(${own} AS DOUBLE)`, vocabulary: 0, encoding };
    case "time": {
      const vocabulary = timeParts[encoding.part] + 1;
      const values = await writeNames(context, output, partNames(encoding.part), rows.base);
      return { value: `${own} + 1`, vocabulary, encoding, values };
    }
    case "buckets":
      return intoBuckets(encoding, rows.column, await boundsOf(context, rows, coding.quantiles ?? 2));
    case "hash":
      return { value: hashed(own, encoding.size), vocabulary: encoding.size + 1, encoding };
    case "list": {
      if (encoding.size === undefined) return intoLists(context, output, { ...rows, encoding, min });
      const value = ascending(`list_transform(${own}, lambda x: ${hashed("x", encoding.size)})`);
      return { value, vocabulary: encoding.size + 1, encoding };
    }
    default:
      return intoCategories(context, output, { ...rows, encoding, min });
  }
}

const ascending = (numbers: string): string => `list_sort(list_distinct(${numbers}))`;

/** The names of the numbers from 1. */
async function writeNames({ db, fresh }: Context, output: Output, names: readonly string[], base: string) {
  const table = fresh("names");
  const rows = names.map((called, k) => `(${k + 1}, ${text(called)})`).join(", ");
  await db.run(`CREATE TABLE ${table} AS SELECT CAST(a AS INTEGER) AS id, b AS key FROM (VALUES ${rows}) v(a, b)`);
  const file = `${base}.values.parquet`;
  await output.write(file, `SELECT id, key FROM ${table} ORDER BY id`);
  return file;
}

/** The bounds of so many buckets: of the training rows, or of the set whose numbers hold. */
async function boundsOf(
  { db, note }: Context,
  { name: called, rows, column, trained, held }: ToCode,
  quantiles: number,
) {
  if (held?.encoding?.kind === "buckets") return held.encoding.bounds;
  // Bound k is the number of rank ⌈total · k / quantiles⌉. Distinct numbers and how often they are met go to the disk where they are many.
  const counted = `SELECT CAST(${name(column)} AS FLOAT) AS v, count(*) AS n FROM ${rows} WHERE ${name(column)} IS NOT NULL AND (${trained}) GROUP BY v`;
  const passed = (upto: string): string =>
    `least(${quantiles - 1}, ${upto} * ${quantiles} // (SELECT sum(n) FROM counted))`;
  const ranked = "SELECT v, n, sum(n) OVER (ORDER BY v) AS upto FROM counted";
  const found = await db.rows(`WITH counted AS MATERIALIZED (${counted})
    SELECT CAST(v AS DOUBLE) FROM (${ranked}) WHERE ${passed("upto")} > ${passed("(upto - n)")} ORDER BY v`);
  const bounds = found.map(([bound]) => Number(bound));
  if (bounds.length === 0) throw noNumbers(called);
  if (bounds.length < quantiles - 1)
    note(`${called} has ${bounds.length + 1} buckets, not ${quantiles}: many values are equal`);
  return bounds.map(Math.fround);
}

function intoBuckets(encoding: Encoding, column: string, bounds: readonly number[]): Coded {
  const value = `CAST(s.${name(column)} AS FLOAT)`;
  const places = bounds.map((bound) => `CAST(${value} >= CAST(${bound} AS FLOAT) AS INTEGER)`);
  return {
    value: `1 + ${places.join(" + ")}`,
    vocabulary: bounds.length + 2,
    encoding: { ...encoding, kind: "buckets", bounds } as Encoding,
  };
}

const noNumbers = (called: string): Error =>
  problem("invalid-input", `no training row has a value of ${called}`, "features", "leave the feature out");

type ToName = ToCode & { readonly encoding: Encoding; readonly min: number | undefined };

/**
 * The table (`id` from 1, `key`) of the words in `single` (a column `value`), written too; of those not in it, the number that they share. Behind
 * another set new words have the next numbers, unless there is a number for all of them.
 */
async function writeWords(context: Context, output: Output, single: string, { name: called, base, min, held }: ToName) {
  const { db, fresh } = context;
  const words = fresh("words");
  const before = heldKeys(context, held?.values);
  const counted =
    min === undefined
      ? `(SELECT DISTINCT value AS key FROM ${single})`
      : `(SELECT value AS key FROM ${single} GROUP BY value HAVING count(*) >= ${min})`;
  if (min !== undefined && before !== undefined) await db.run(`CREATE TABLE ${words} AS SELECT id, key FROM ${before}`);
  else await numberKeys(context, { table: words, keys: counted, held: before, first: 1, order: byKey("DOUBLE") });
  const values = `${base}.values.parquet`;
  const kept = await output.write(values, `SELECT id, key FROM ${words} ORDER BY id`);
  if (kept === 0 && min === undefined) throw noNumbers(called);
  const unknown = min === undefined ? undefined : kept + 1;
  return { words, values, unknown, vocabulary: kept + (unknown === undefined ? 1 : 2) };
}

/** The rows of which words are learnt: all, or, where rare ones are to be left out, those that train. */
const learntOf = ({ trained, min, column }: ToName): string =>
  min === undefined ? `${name(column)} IS NOT NULL` : `${name(column)} IS NOT NULL AND (${trained})`;

const withUnknown = (encoding: Encoding, unknown: number | undefined): Encoding =>
  unknown === undefined ? encoding : ({ ...encoding, unknown } as Encoding);

async function intoCategories(context: Context, output: Output, asked: ToName): Promise<Coded> {
  const { rows, column, encoding } = asked;
  const single = `(SELECT ${name(column)} AS value FROM ${rows} WHERE ${learntOf(asked)})`;
  const { words, unknown, ...rest } = await writeWords(context, output, single, asked);
  const [own, joined] = [`s.${name(column)}`, context.fresh("d")];
  return {
    ...rest,
    join: `LEFT JOIN ${words} ${joined} ON ${joined}.key = ${own}`,
    value:
      unknown === undefined
        ? `${joined}.id`
        : `CASE WHEN ${own} IS NOT NULL THEN coalesce(${joined}.id, ${unknown}) END`,
    encoding: withUnknown(encoding, unknown),
  };
}

/** Each distinct list is numbered once. */
async function intoLists(context: Context, output: Output, asked: ToName): Promise<Coded> {
  const { rows, column, encoding } = asked;
  const single = `(SELECT unnest(${name(column)}) AS value FROM ${rows} WHERE ${learntOf(asked)})`;
  const { words, unknown, ...rest } = await writeWords(context, output, single, asked);
  const [lists, joined] = [context.fresh("lists"), context.fresh("d")];
  const met = `(SELECT l, unnest(l) AS value FROM (SELECT DISTINCT ${name(column)} AS l FROM ${rows}) WHERE l IS NOT NULL)`;
  const id = unknown === undefined ? "w.id" : `coalesce(w.id, ${unknown})`;
  await context.db.run(
    `CREATE TABLE ${lists} AS SELECT l, ${ascending(`list(${id})`)} AS ids FROM ${met} LEFT JOIN ${words} w ON w.key = value GROUP BY l`,
  );
  return {
    ...rest,
    join: `LEFT JOIN ${lists} ${joined} ON ${joined}.l = s.${name(column)}`,
    value: `${joined}.ids`,
    encoding: withUnknown(encoding, unknown),
  };
}
