import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import { parseFeatures } from "../features/parse.js";
import type { SideSchema } from "../features/schema.js";
import { columnsOf, stageFeatures } from "../features/stage.js";
import type { Column } from "../tables/kinds.js";
import { name } from "../tables/duck.js";
import { readCsvRows } from "./csv-rows.js";
import { readParquetRows } from "./parquet-rows.js";
import type { ColumnNames } from "./options.js";
import type { FeatureSource, Reading } from "./reader.js";

const isSchema = (asked: NonNullable<ColumnNames["users"]>): asked is SideSchema =>
  typeof asked === "object" && !Array.isArray(asked) && "features" in asked && !("type" in asked.features);

/** The features of users and items that files of their own give, a row each. */
export async function readSides(reading: Reading, columns: ColumnNames): Promise<FeatureSource[]> {
  return [...(await readSide(reading, "users", columns)), ...(await readSide(reading, "items", columns))];
}

async function readSide(reading: Reading, side: "users" | "items", columns: ColumnNames): Promise<FeatureSource[]> {
  const [input, asked] = [reading.options[side], columns[side]];
  if (input === undefined && asked === undefined) return [];
  if (input === undefined) {
    const remedy = `give the file, --${side} FILE, or leave ${side} out of the columns`;
    throw problem("usage", `features of ${side} are named, and there is no file of them`, "columns", remedy);
  }
  if (asked === undefined) {
    const remedy = `name its features: ${side}=age:number+city in the columns, or "${side}" in a schema`;
    throw problem("usage", "nothing says what its columns are", input, remedy);
  }
  const entity = side === "users" ? "user" : "item";
  const parsed = isSchema(asked)
    ? { ...parseFeatures(asked.features, `columns, ${side}`), ...given({ id: asked.id }) }
    : parseFeatures(asked, `columns, ${side}`);
  const { features, id = columns[entity] } = parsed;
  const table = `rows_${side}`;
  const wanted: Column[] = [{ name: id, kind: "id", as: "key", required: true }, ...columnsOf(features, "feature")];
  const readRows = input.endsWith(".parquet") ? readParquetRows : readCsvRows;
  await readRows(reading, wanted, { input: [input], table });
  await refuseTwice(reading, table, id, input);
  const staged = await stageFeatures(reading, table, features, "feature");
  return staged.map(({ name: called, kind, value, coding }): FeatureSource => {
    const relation = `(SELECT key, ${value} AS value FROM ${name(table)})`;
    // A category as it stands is still one of its own file: the key may be text where the log's is a number.
    return {
      entity,
      name: called,
      kind,
      relation,
      coding: coding ?? { encoding: { columns: [called], kind: "category" } },
    };
  });
}

async function refuseTwice({ db }: Reading, table: string, id: string, input: string): Promise<void> {
  const query = `SELECT CAST(key AS VARCHAR), count(*) FROM ${name(table)} GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1`;
  const [row] = await db.rows(query);
  if (row === undefined) return;
  const what = `${id} ${String(row[0])} stands in ${Number(row[1])} rows`;
  throw problem("invalid-input", what, input, "give one row each");
}
