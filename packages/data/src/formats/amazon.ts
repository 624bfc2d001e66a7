import type { Context, Staged } from "../prepare/context.js";
import { convertLines, type LineParser } from "../prepare/convert.js";
import { text } from "../prepare/duck.js";
import { checkFile, expand } from "../prepare/sources.js";
import { inputs } from "./inputs.js";
import { labelled } from "./labels.js";
import { parsePythonLiteral } from "./python-literal.js";

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

/** Lines of JSON → a table; each file becomes a temporary CSV first, so memory stays constant. */
async function load(
  context: Context,
  files: readonly string[],
  parse: LineParser,
  table: string,
  columns: Json,
): Promise<void> {
  const clean: string[] = [];
  for (const file of files) {
    context.source(await checkFile(file));
    context.progress("read", file);
    clean.push(text(await convertLines(context, file, parse)));
  }
  const types = Object.entries(columns).map(([column, type]) => `'${column}': '${String(type)}'`);
  await context.db
    .run(`CREATE TABLE ${table} AS SELECT * FROM read_csv([${clean.join(", ")}], auto_detect=false, header=false,
    delim=',', quote='"', escape='"', max_line_size=16777216, columns={${types.join(", ")}})`);
}

/**
 * Amazon reviews as JSON lines (2014, 2018 and 2023 editions), `.gz` or not, with `--meta` for the products' categories,
 * brands, also_viewed and also_bought (JSON lines, or the Python dicts of the older editions). The behaviour is `review`.
 */
export async function readAmazon(context: Context): Promise<Staged> {
  const { options, db } = context;
  const endings = [".json", ".json.gz", ".jsonl", ".jsonl.gz"];
  const files = await expand(db, inputs(context, "REVIEWS"), endings);
  await load(context, files, review, "reviews", { u: "VARCHAR", i: "VARCHAR", rating: "DOUBLE", t: "DOUBLE" });
  context.malformed.read(await db.number("SELECT count(*) FROM reviews"));
  const staged: Staged = {
    behaviors: ["review"],
    raw: "(SELECT 0::UTINYINT AS b, u, i, t, rating AS v FROM reviews)",
    timed: true,
    valued: true,
    ...(options.labels?.length ? { impressions: labelled("reviews", "u, i, t", options.labels, ["rating"]) } : {}),
  };
  if (options.meta === undefined) return staged;
  await load(context, await expand(db, [options.meta], endings), meta, "facts", {
    kind: "VARCHAR",
    i: "VARCHAR",
    value: "VARCHAR",
  });
  context.malformed.read(await db.number("SELECT count(DISTINCT i) FROM facts"));
  const fact = (kind: string, columns: string): string => `(SELECT ${columns} FROM facts WHERE kind = '${kind}')`;
  return {
    ...staged,
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
