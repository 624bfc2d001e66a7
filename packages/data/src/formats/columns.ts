import { problem } from "../errors.js";
import type { ColumnNames } from "../options.js";
import type { Context, FeatureSource, ImpressionSource, Staged } from "../prepare/context.js";
import { headerOf, readDelimited, type Column } from "../prepare/delimited.js";
import { list, name } from "../prepare/duck.js";
import { firstLines } from "../prepare/lines.js";
import { checkFile, expand } from "../prepare/sources.js";
import { readLinks } from "./edges.js";
import { inputs } from "./inputs.js";
import { labelled, parseLabels } from "./labels.js";

const several = (names: string | undefined): string[] =>
  names === undefined ? [] : names.split("+").map((part) => part.trim());

function chosenColumns(context: Context): ColumnNames {
  const { columns, format } = context.options;
  if (!columns?.user || !columns.item) {
    throw problem(
      "usage",
      "the user and item columns are not named",
      `--format ${format}`,
      "give --columns user=…,item=…",
    );
  }
  if (columns.behavior && columns.label) {
    throw problem("usage", "both behavior and label are named", "--columns", "name one of them");
  }
  return columns;
}

/** Column name → what it must hold. */
function wanted(context: Context, columns: ColumnNames): Map<string, "id" | "number" | "time" | "text"> {
  const uses = new Map<string, "id" | "number" | "time" | "text">();
  for (const column of several(columns.features)) uses.set(column, "text");
  if (columns.category) uses.set(columns.category, "text");
  for (const { column } of parseLabels(context.options.labels ?? [])) uses.set(column, "number");
  for (const column of several(columns.label)) uses.set(column, "number");
  if (columns.value) uses.set(columns.value, "number");
  if (columns.time) uses.set(columns.time, "time");
  if (columns.behavior) uses.set(columns.behavior, "id");
  uses.set(columns.user, "id");
  uses.set(columns.item, "id");
  return uses;
}

function mustHave(uses: ReadonlyMap<string, unknown>, present: readonly string[], where: string): void {
  const missing = [...uses.keys()].find((column) => !present.includes(column));
  if (missing === undefined) return;
  throw problem("usage", `there is no column "${missing}"`, where, `the columns are ${present.join(", ")}`);
}

async function readCsv(context: Context, uses: ReturnType<typeof wanted>): Promise<void> {
  const files = await expand(context.db, inputs(context, "FILE…"), [".csv", ".csv.gz", ".tsv"]);
  const [first, second] = await firstLines(await checkFile(files[0] as string), 2);
  const delimiter = ["\t", ",", ";", "|"].find((candidate) => first?.includes(candidate)) ?? ",";
  const names = headerOf(first, delimiter, files[0] as string);
  mustHave(uses, names, `${files[0]}:1`);
  for (const file of files.slice(1)) {
    const [header] = await firstLines(await checkFile(file), 1);
    if (headerOf(header, delimiter, file).join() !== names.join()) {
      throw problem(
        "invalid-input",
        "the header differs from the first file's",
        `${file}:1`,
        "give files of one layout",
      );
    }
  }
  // Times are numbers or dates; the first row tells which.
  const sample = (second ?? "").split(delimiter);
  const columns = names.map((column, k): Column => {
    const use = uses.get(column);
    const numeric =
      use === "number" || (use === "time" && Number.isFinite(Number((sample[k] ?? "").replaceAll('"', "") || "x")));
    return { name: column, type: numeric ? "DOUBLE" : "VARCHAR", required: use === "id" };
  });
  const required = names.filter((column) => uses.get(column) === "id").map(name);
  const layout = { columns, delimiter, header: true, multiline: true };
  await readDelimited(context, files, layout, "rows", [...uses.keys()].map(name).join(", "), required);
}

async function readParquet(context: Context, uses: ReturnType<typeof wanted>): Promise<void> {
  const { db } = context;
  const files = await expand(db, inputs(context, "FILE…"), [".parquet"]);
  for (const file of files) context.source(await checkFile(file, true));
  context.progress("read", `${files.length} files`);
  // Hive-style folders (behavior=buy/…) become columns; a column missing from one file is NULL there.
  const reader = `read_parquet(${list(files)}, union_by_name=true, hive_partitioning=true)`;
  const described = await db.rows(`DESCRIBE SELECT * FROM ${reader}`);
  const types = new Map(described.map(([column, type]) => [String(column), String(type)]));
  mustHave(uses, [...types.keys()], files[0] as string);
  const selected = [...uses].map(([column, use]) => {
    const whole = /^U?(TINY|SMALL|BIG)?INT(EGER)?$/.test(types.get(column) ?? "");
    const type = use === "number" ? "DOUBLE" : use === "id" && whole ? "BIGINT" : "VARCHAR";
    return `CAST(${name(column)} AS ${use === "time" && (whole || types.get(column) === "DOUBLE") ? "DOUBLE" : type}) AS ${name(column)}`;
  });
  const ids = [...uses].filter(([, use]) => use === "id").map(([column]) => `${name(column)} IS NULL`);
  const bad =
    await db.rows(`SELECT filename, file_row_number FROM read_parquet(${list(files)}, union_by_name=true, hive_partitioning=true, filename=true, file_row_number=true)
    WHERE ${ids.join(" OR ")} ORDER BY ALL`);
  for (const [file, row] of bad) context.malformed.add(String(file), Number(row) + 1, "an id is missing");
  await db.run(`CREATE TABLE rows AS SELECT ${selected.join(", ")} FROM ${reader} WHERE NOT (${ids.join(" OR ")})`);
  context.malformed.read(await db.number("SELECT count(*) FROM rows"));
}

/** Any table with one row an event or impression: CSV with a header, or Parquet, one file, many, globs or folders. */
export async function readColumns(context: Context): Promise<Staged> {
  const { db, options } = context;
  const columns = chosenColumns(context);
  const uses = wanted(context, columns);
  await (options.format === "csv" ? readCsv(context, uses) : readParquet(context, uses));
  const time = columns.time && name(columns.time);
  const t = time ? `coalesce(TRY_CAST(${time} AS DOUBLE), epoch(TRY_CAST(${time} AS TIMESTAMP)))` : "NULL::DOUBLE";
  const base = `${name(columns.user)} AS u, ${name(columns.item)} AS i, ${t} AS t`;
  const v = columns.value ? name(columns.value) : "NULL::DOUBLE";
  const labels = several(columns.label);
  const expressions = options.labels ?? [];
  let behaviors: string[] = ["interaction"];
  let raw = `(SELECT 0::UTINYINT AS b, ${base}, ${v} AS v FROM rows)`;
  if (columns.behavior) {
    const behavior = `CAST(${name(columns.behavior)} AS VARCHAR)`;
    behaviors = (await db.rows(`SELECT DISTINCT ${behavior} AS b FROM rows ORDER BY b LIMIT 65`)).map(([b]) =>
      String(b),
    );
    if (behaviors.length > 64) {
      const what = `the behavior column holds more than 64 names`;
      throw problem(
        "usage",
        what,
        `--columns behavior=${columns.behavior}`,
        "name the column that tells view from purchase",
      );
    }
    raw = `(SELECT CAST(list_position(${list(behaviors)}, ${behavior}) - 1 AS UTINYINT) AS b, ${base}, ${v} AS v FROM rows)`;
  } else if (labels.length > 0) {
    behaviors = labels;
    raw = `(${labels.map((label, k) => `SELECT ${k}::UTINYINT AS b, ${base}, ${v} AS v FROM rows WHERE ${name(label)} > 0`).join(" UNION ALL ")})`;
  }
  const tasks = [...labels.map((label) => `${label}=${label}>0`), ...expressions];
  const extra = several(columns.features);
  const shown: ImpressionSource | undefined =
    tasks.length === 0
      ? undefined
      : {
          ...labelled("rows", [base, ...extra.map(name)].join(", "), tasks, [...uses.keys()]),
          features: extra.map((column) => ({ name: column, kind: "one-hot" as const, column })),
        };
  const category: FeatureSource[] = columns.category
    ? [
        {
          entity: "item",
          name: "category",
          kind: "multi-hot",
          relation: `(SELECT ${name(columns.item)} AS key, unnest(string_split(CAST(${name(columns.category)} AS VARCHAR), '|')) AS value FROM rows)`,
        },
      ]
    : [];
  return {
    behaviors,
    raw,
    timed: time !== undefined,
    valued: columns.value !== undefined,
    features: category,
    ...(columns.category ? { category: "category" } : {}),
    ...(shown ? { impressions: shown } : {}),
    ...(options.social === undefined ? {} : { social: await readLinks(context, options.social, "links") }),
  };
}
