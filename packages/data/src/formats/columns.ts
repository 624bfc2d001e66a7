import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import { list, name } from "../tables/duck.js";
import { readLinks } from "../tables/edges.js";
import { labelled, parseLabels } from "./labels.js";
import type { ColumnNames } from "./options.js";
import type { DataFormat, FeatureSource, ImpressionSource, Reading, Staged } from "./reader.js";

/** What the columns that were named must hold: column → its use. */
export type Uses = ReadonlyMap<string, "id" | "number" | "time" | "text">;

/** The options of formats whose columns have no fixed names. */
export const columnOptions: DataFormat["takes"] = {
  input: "FILE…",
  columns: "user=…,item=…,behavior=…,label=a+b,time=…,value=…,category=…,features=c+d",
  labels: "NAME=COLUMN>=N",
  social: "FILE",
};

const several = (names: string | undefined): string[] =>
  names === undefined ? [] : names.split("+").map((part) => part.trim());

function chosenColumns({ columns }: Reading["options"]): ColumnNames {
  if (!columns?.user || !columns.item) {
    throw problem("usage", "the user and item columns are not named", "columns", "name both: user=…,item=…");
  }
  if (columns.behavior && columns.label) {
    throw problem("usage", "both behavior and label are named", "columns", "name one of them");
  }
  return columns;
}

function usesOf(columns: ColumnNames, labels: readonly string[]): Uses {
  const uses = new Map<string, "id" | "number" | "time" | "text">();
  for (const column of several(columns.features)) uses.set(column, "text");
  if (columns.category) uses.set(columns.category, "text");
  for (const { column } of parseLabels(labels)) uses.set(column, "number");
  for (const column of several(columns.label)) uses.set(column, "number");
  if (columns.value) uses.set(columns.value, "number");
  if (columns.time) uses.set(columns.time, "time");
  if (columns.behavior) uses.set(columns.behavior, "id");
  uses.set(columns.user, "id");
  uses.set(columns.item, "id");
  return uses;
}

/** Refuses a name that is no column of the source. */
export function mustHave(uses: Uses, present: readonly string[], where: string): void {
  const missing = [...uses.keys()].find((column) => !present.includes(column));
  if (missing === undefined) return;
  throw problem("usage", `there is no column "${missing}"`, where, `the columns are ${present.join(", ")}`);
}

/** Columns of the staged rows in SQL: ids and time, and the value. */
interface Row {
  readonly base: string;
  readonly value: string;
}

async function eventsOf(reading: Reading, columns: ColumnNames, row: Row): Promise<Pick<Staged, "behaviors" | "raw">> {
  const labels = several(columns.label);
  const select = (b: string): string => `SELECT ${b} AS b, ${row.base}, ${row.value} AS v FROM rows`;
  if (columns.behavior) {
    const behavior = `CAST(${name(columns.behavior)} AS VARCHAR)`;
    const found = await reading.db.rows(`SELECT DISTINCT ${behavior} AS b FROM rows ORDER BY b LIMIT 65`);
    const behaviors = found.map(([b]) => String(b));
    if (behaviors.length > 64) {
      const what = "the behavior column holds more than 64 names";
      const remedy = "name the column that tells view from purchase";
      throw problem("usage", what, `columns, behavior=${columns.behavior}`, remedy);
    }
    return {
      behaviors,
      raw: `(${select(`CAST(list_position(${list(behaviors)}, ${behavior}) - 1 AS UTINYINT)`)})`,
    };
  }
  if (labels.length === 0) return { behaviors: ["interaction"], raw: `(${select("0::UTINYINT")})` };
  const positive = labels.map((label, k) => `${select(`${k}::UTINYINT`)} WHERE ${name(label)} > 0`);
  return { behaviors: labels, raw: `(${positive.join(" UNION ALL ")})` };
}

function impressionsOf(
  columns: ColumnNames,
  labels: readonly string[],
  uses: Uses,
  base: string,
): ImpressionSource | undefined {
  const tasks = [...several(columns.label).map((label) => `${label}=${label}>0`), ...labels];
  const extra = several(columns.features);
  const shown = labelled("rows", [base, ...extra.map(name)].join(", "), tasks, [...uses.keys()]);
  return shown && { ...shown, features: extra.map((column) => ({ name: column, kind: "one-hot", column })) };
}

function categoriesOf({ item, category }: ColumnNames): FeatureSource[] {
  if (!category) return [];
  const values = `unnest(string_split(CAST(${name(category)} AS VARCHAR), '|'))`;
  const relation = `(SELECT ${name(item)} AS key, ${values} AS value FROM rows)`;
  return [{ entity: "item", name: "category", kind: "multi-hot", relation }];
}

/** Any table with one row an event or impression, once `readRows` has made the table `rows` of the columns in use. */
export async function readTable(
  reading: Reading,
  readRows: (reading: Reading, uses: Uses) => Promise<void>,
): Promise<Staged> {
  const { labels = [], social } = reading.options;
  const columns = chosenColumns(reading.options);
  const uses = usesOf(columns, labels);
  await readRows(reading, uses);
  const time = columns.time && name(columns.time);
  const t = time ? `coalesce(TRY_CAST(${time} AS DOUBLE), epoch(TRY_CAST(${time} AS TIMESTAMP)))` : "NULL::DOUBLE";
  const base = `${name(columns.user)} AS u, ${name(columns.item)} AS i, ${t} AS t`;
  const value = columns.value ? name(columns.value) : "NULL::DOUBLE";
  return {
    ...(await eventsOf(reading, columns, { base, value })),
    timed: time !== undefined,
    valued: columns.value !== undefined,
    features: categoriesOf(columns),
    ...given({
      category: columns.category && "category",
      impressions: impressionsOf(columns, labels, uses, base),
      social: social === undefined ? undefined : await readLinks(reading, social, "links"),
    }),
  };
}
