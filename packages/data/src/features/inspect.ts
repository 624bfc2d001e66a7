import { type Duck, globOf, name, openDuck, parquetAt, text } from "../tables/duck.js";
import { firstLines } from "../tables/first-lines.js";
import { wordsForNothing } from "../tables/kinds.js";
import { checkFile } from "../tables/sources.js";
import { roleOf } from "./roles.js";
import type { Schema } from "./schema.js";
import type { FeatureSpec } from "./spec.js";

/** What a column of a table looks like, by its first rows. */
interface Look {
  readonly name: string;
  readonly filled: number;
  readonly distinct: number;
  /** Shares of the cells that say something. */
  readonly numbers: number;
  readonly whole: number;
  readonly times: number;
  readonly binary: boolean;
  /** The separator that most cells hold, and the share that does. */
  readonly separator: string;
  readonly separated: number;
  readonly skewed: boolean;
  /** Words for nothing among numbers. */
  readonly missing: readonly string[];
}

/** So many rows are looked at. */
const looked = 100_000;
const separators = ["|", ";", "^", " ", ","] as const;
/** From so many values on a category is numbered by a hash. */
const many = 50_000;

const label =
  /^(is_)?(y|labels?|click(s|ed)?|clk|conv(ersion)?|convert(ed)?|bought|buy|purchased?|liked?|follow(ed)?|shared?|finish(ed)?|cart|order(ed)?|target|long_view)$/i;

const csvAt = (path: string): string =>
  `read_csv(${text(globOf(path))}, header=true, all_varchar=true, sample_size=20000)`;

/**
 * A first guess of a table's schema, for people to correct: roles by the columns' names, types by the first 100,000 rows. Read with
 * `prepare({ schema })`.
 *
 * @throws GradpoolError: `not-found`; `failed` for a file that is no table; `invalid-input` for bytes that are not of the `encoding` (default UTF-8).
 */
export async function inspectTable(path: string, { encoding }: { readonly encoding?: string } = {}): Promise<Schema> {
  await checkFile(path);
  const head = /\.parquet$/i.test(path) ? undefined : await firstLines(path, looked + 1, encoding);
  const db = await openDuck({ threads: 1 });
  try {
    const source = head === undefined ? parquetAt(path) : csvAt(head.path);
    await db.run(`CREATE TABLE head AS SELECT * FROM ${source} LIMIT ${looked}`);
    const columns = await db.rows("DESCRIBE head");
    const looks: Look[] = [];
    for (const [column, type] of columns) looks.push(await lookAt(db, String(column), String(type)));
    return guess(looks);
  } finally {
    db.close();
    await head?.remove();
  }
}

async function lookAt(db: Duck, column: string, type: string): Promise<Look> {
  const listed = type.endsWith("[]");
  const x = listed ? `array_to_string(${name(column)}, '|')` : `trim(CAST(${name(column)} AS VARCHAR))`;
  const number = "TRY_CAST(x AS DOUBLE)";
  const counts = [
    "count(*)",
    "count(DISTINCT x)",
    `count(${number})`,
    `count(*) FILTER (${number} = trunc(${number}))`,
    "count(*) FILTER (TRY_CAST(x AS DOUBLE) IS NULL AND TRY_CAST(x AS TIMESTAMP) IS NOT NULL)",
    "count(*) FILTER (lower(x) IN ('0', '1', '0.0', '1.0', 'false', 'true'))",
    `max(abs(${number}))`,
    `median(abs(${number}))`,
    ...separators.map((sign) => `count(*) FILTER (contains(x, ${text(sign)}))`),
  ];
  const said = `(SELECT ${x} AS x FROM head) WHERE x IS NOT NULL AND x <> '' AND lower(x) NOT IN ('nan', 'null')`;
  const missing = await missingOf(db, said);
  const filledIn = missing.length === 0 ? "" : ` AND x NOT IN (${missing.map(text).join(", ")})`;
  const [row = []] = await db.rows(`SELECT ${counts.join(", ")} FROM ${said}${filledIn}`);
  const [filled = 0, distinct = 0, numbers = 0, whole = 0, times = 0, binary = 0, most = 0, median = 0, ...held] =
    row.map(Number);
  const share = (count: number): number => (filled === 0 ? 0 : count / filled);
  const best = held.indexOf(Math.max(...held));
  return {
    name: column,
    filled,
    distinct,
    numbers: share(numbers),
    whole: share(whole),
    times: share(times),
    binary: filled > 0 && binary === filled,
    separator: separators[best] as string,
    separated: listed ? 1 : share(held[best] ?? 0),
    skewed: most > 100 * Math.max(1, median),
    missing,
  };
}

/** The words for nothing that a column of numbers has; none where other texts stand in it too. */
async function missingOf(db: Duck, said: string): Promise<readonly string[]> {
  const words = await db.rows(
    `SELECT DISTINCT x FROM ${said} AND TRY_CAST(x AS DOUBLE) IS NULL ORDER BY x LIMIT ${wordsForNothing.length + 1}`,
  );
  const texts = words.map(([word]) => String(word));
  const numbers = await db.number(`SELECT count(*) FROM ${said} AND TRY_CAST(x AS DOUBLE) IS NOT NULL`);
  const known: readonly string[] = wordsForNothing;
  return numbers > 0 && texts.every((word) => known.includes(word.toLowerCase())) ? texts : [];
}

function guess(looks: readonly Look[]): Schema {
  const [user, time, weight] = [roleOf("user", looks), roleOf("time", looks), roleOf("weight", looks)];
  const item = roleOf("item", looks);
  const labels = looks.filter((look) => look.binary && label.test(look.name)).map((look) => look.name);
  const taken = new Set([user, item, weight, ...labels]);
  const features = looks.flatMap((look): (readonly [string, FeatureSpec])[] => {
    // A column of one value, or with a value of its own in every row, says nothing.
    if (taken.has(look.name) || look.distinct < 2) return [];
    const spec = typeOf(look, look.name === time);
    return spec === undefined ? [] : [[look.name, spec]];
  });
  return {
    ...(user !== undefined && { user }),
    ...(item !== undefined && { item }),
    ...(time !== undefined && { time }),
    ...(labels.length > 0 && { label: labels }),
    ...(weight !== undefined && { weight }),
    features: Object.fromEntries(features),
  };
}

function typeOf(look: Look, isTime: boolean): FeatureSpec | undefined {
  if (isTime || look.times > 0.95) return { type: "time", parts: ["hour", "weekday"] };
  // Whole numbers of few values, or called an id, are names of things.
  const named = look.whole === 1 && (look.distinct <= 30 || /(^|_)id$/i.test(look.name));
  const { missing } = look;
  const words = missing.length > 0 && { missing };
  if (look.numbers === 1 && !named) return { type: "number", scale: look.skewed ? "log" : "standard", ...words };
  if (look.separated > 0.2 && look.numbers < 1 && look.separator !== "," && look.separator !== " ") {
    return { type: "list", separator: look.separator };
  }
  if (look.distinct === look.filled && look.filled > 100) return undefined;
  return look.distinct > many ? { type: "category", hash: 2 ** 20 } : { type: "category", min: 2 };
}
