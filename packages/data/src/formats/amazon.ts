import { given } from "@gradpool/core";
import type { Column } from "../tables/kinds.js";
import { loadLines, type LineParser } from "../tables/load-lines.js";
import { expand } from "../tables/sources.js";
import { inputFiles } from "./inputs.js";
import { labelled, parseRules } from "./labels.js";
import { parsePythonLiteral } from "./python-literal.js";
import type { DataFormat, Reading, Staged } from "./reader.js";

type Json = Readonly<Record<string, unknown>>;

function parseObject(line: string): Json | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = parsePythonLiteral(line);
  }
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** The first of these properties that is there, with its name. */
function first(object: Json, ...names: readonly string[]): readonly [string, unknown] {
  const name = names.find((candidate) => (object[candidate] ?? null) !== null) ?? (names[0] as string);
  return [name, object[name] ?? null];
}

/** An id as it is written, or why there is none: a number that JavaScript cannot hold would be another one. */
function id([name, value]: readonly [string, unknown]): { readonly id: string } | string {
  if (typeof value === "string" && value.trim() !== "") return { id: value };
  if (value === null || value === "" || typeof value === "string") return `no ${name}`;
  if (typeof value !== "number") return `${name} is ${JSON.stringify(value)}, no id`;
  return Number.isSafeInteger(value)
    ? { id: String(value) }
    : `${name} is ${value}, a number too long to be exact: write it as text`;
}

/** A number as text, empty if there is none, or why it is none. */
function measure([name, value]: readonly [string, unknown], divisor = 1): { readonly text: string | null } | string {
  if (value === null) return { text: null };
  if (typeof value === "number" && Number.isFinite(value)) return { text: String(value / divisor) };
  return `${name} is ${JSON.stringify(value) ?? String(value)}, not a number`;
}

const review: LineParser = (line) => {
  const object = parseObject(line);
  if (!object) return "not a JSON object";
  const user = id(first(object, "reviewerID", "user_id"));
  if (typeof user === "string") return user;
  const item = id(first(object, "asin", "parent_asin"));
  if (typeof item === "string") return item;
  const rating = measure(first(object, "overall", "rating"));
  if (typeof rating === "string") return rating;
  // Editions up to 2018 give seconds, the one of 2023 milliseconds.
  const old = first(object, "unixReviewTime");
  const time = old[1] === null ? measure(first(object, "timestamp"), 1000) : measure(old);
  if (typeof time === "string") return time;
  return [[user.id, item.id, rating.text, time.text]];
};

const strings = (value: unknown): string[] =>
  [value].flat(2).filter((entry): entry is string => typeof entry === "string" && entry !== "");

const meta: LineParser = (line) => {
  const object = parseObject(line);
  if (!object) return "neither a JSON object nor a Python dict";
  const item = id(first(object, "asin", "parent_asin"));
  if (typeof item === "string") return item;
  const related = (object["related"] ?? {}) as Json;
  const facts: [string, string[]][] = [
    ["category", strings(object["categories"] ?? object["category"])],
    ["brand", strings(object["brand"])],
    ["also_viewed", strings(related["also_viewed"] ?? object["also_view"])],
    ["also_bought", strings(related["also_bought"] ?? object["also_buy"])],
  ];
  return facts.flatMap(([kind, values]) => values.map((value) => [kind, item.id, value]));
};

const columns: readonly Column[] = [
  { name: "user", as: "u", kind: "id", required: true },
  { name: "item", as: "i", kind: "id", required: true },
  { name: "rating", kind: "number" },
  { name: "time", as: "t", kind: "number" },
];

const endings = [".json", ".json.gz", ".jsonl", ".jsonl.gz"];

/** What the products' metadata adds to the reviews. */
async function readMeta(reading: Reading, path: string): Promise<Partial<Staged>> {
  const { db, malformed } = reading;
  const columns: readonly Column[] = ["kind", "i", "value"].map((name) => ({ name, kind: "text" }));
  await loadLines(reading, await expand(db, [path], endings), meta, "facts", columns);
  malformed.read(await db.number("SELECT count(DISTINCT i) FROM facts"));
  const fact = (kind: string, columns: string): string => `(SELECT ${columns} FROM facts WHERE kind = '${kind}')`;
  return {
    features: [
      { entity: "item", name: "category", kind: "multi-hot", relation: fact("category", "i AS key, value") },
      { entity: "item", name: "brand", kind: "one-hot", relation: fact("brand", "i AS key, value") },
    ],
    category: "category",
    itemPairs: ["also_viewed", "also_bought"].map((kind) => ({
      name: kind,
      relation: fact(kind, "i AS l, value AS r"),
    })),
  };
}

/**
 * Amazon reviews as JSON lines (2014, 2018 and 2023 editions), `.gz` or not, with `meta` for the products' categories,
 * brands, also_viewed and also_bought (JSON lines, or the Python dicts of the older editions). The behaviour is `review`.
 */
export const amazon: DataFormat = {
  name: "amazon",
  takes: { input: "REVIEWS…", meta: "META", encoding: "NAME", labels: "NAME=rating>=N" },
  describe: "JSON lines; with meta categories, also_viewed, also_bought",
  async read(reading) {
    const { options, db, malformed } = reading;
    await loadLines(reading, await inputFiles(reading, amazon, endings), review, "reviews", columns);
    malformed.read(await db.number("SELECT count(*) FROM reviews"));
    return {
      behaviors: ["review"],
      raw: "(SELECT 0::UTINYINT AS b, u, i, t, rating AS v FROM reviews)",
      timed: true,
      valued: true,
      ...given({ impressions: labelled("reviews", "u, i, t", parseRules(options.labels), { rating: "rating" }) }),
      ...(options.meta === undefined ? {} : await readMeta(reading, options.meta)),
    };
  },
};
