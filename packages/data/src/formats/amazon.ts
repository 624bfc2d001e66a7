import { given } from "@gradpool/core";
import type { LineParser } from "../tables/convert.js";
import { loadLines } from "../tables/load-lines.js";
import { expand } from "../tables/sources.js";
import { inputFiles } from "./inputs.js";
import { labelled } from "./labels.js";
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

const id = (value: unknown): string | undefined => {
  const written = typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
  return written === "" ? undefined : written;
};

const review: LineParser = (line) => {
  const object = parseObject(line);
  if (!object) return "not a JSON object";
  const user = id(object["reviewerID"] ?? object["user_id"]);
  const item = id(object["asin"] ?? object["parent_asin"]);
  if (user === undefined) return "no reviewerID";
  if (item === undefined) return "no asin";
  const rating = object["overall"] ?? object["rating"] ?? null;
  if (rating !== null && typeof rating !== "number") return `overall is ${JSON.stringify(rating)}, not a number`;
  // Editions up to 2018 give seconds, the one of 2023 milliseconds.
  const seconds =
    object["unixReviewTime"] ?? (typeof object["timestamp"] === "number" ? object["timestamp"] / 1000 : null);
  if (seconds !== null && typeof seconds !== "number")
    return `unixReviewTime is ${JSON.stringify(seconds)}, not a number`;
  return [[user, item, rating === null ? null : String(rating), seconds === null ? null : String(seconds)]];
};

const strings = (value: unknown): string[] =>
  [value].flat(2).filter((entry): entry is string => typeof entry === "string" && entry !== "");

const meta: LineParser = (line) => {
  const object = parseObject(line);
  if (!object) return "neither a JSON object nor a Python dict";
  const item = id(object["asin"] ?? object["parent_asin"]);
  if (item === undefined) return "no asin";
  const related = (object["related"] ?? {}) as Json;
  const facts: [string, string[]][] = [
    ["category", strings(object["categories"] ?? object["category"])],
    ["brand", strings(object["brand"])],
    ["also_viewed", strings(related["also_viewed"] ?? object["also_view"])],
    ["also_bought", strings(related["also_bought"] ?? object["also_buy"])],
  ];
  return facts.flatMap(([kind, values]) => values.map((value) => [kind, item, value]));
};

const endings = [".json", ".json.gz", ".jsonl", ".jsonl.gz"];

/** What the products' metadata adds to the reviews. */
async function readMeta(reading: Reading, path: string): Promise<Partial<Staged>> {
  const { db, malformed } = reading;
  const types = { kind: "VARCHAR", i: "VARCHAR", value: "VARCHAR" } as const;
  await loadLines(reading, await expand(db, [path], endings), meta, "facts", types);
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
  takes: { input: "REVIEWS…", meta: "META", labels: "NAME=rating>=N" },
  describe: "JSON lines; with meta categories, also_viewed, also_bought",
  async read(reading) {
    const { options, db, malformed } = reading;
    const types = { u: "VARCHAR", i: "VARCHAR", rating: "DOUBLE", t: "DOUBLE" } as const;
    await loadLines(reading, await inputFiles(reading, amazon, endings), review, "reviews", types);
    malformed.read(await db.number("SELECT count(*) FROM reviews"));
    return {
      behaviors: ["review"],
      raw: "(SELECT 0::UTINYINT AS b, u, i, t, rating AS v FROM reviews)",
      timed: true,
      valued: true,
      ...given({ impressions: labelled("reviews", "u, i, t", options.labels, ["rating"]) }),
      ...(options.meta === undefined ? {} : await readMeta(reading, options.meta)),
    };
  },
};
