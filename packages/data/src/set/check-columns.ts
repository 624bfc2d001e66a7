import { problem } from "../errors.js";
import { parquetAt, text, type Duck } from "../tables/duck.js";
import type { RowColumns } from "./prepared-set.js";

type Wanted = "number" | "whole number" | "list of whole numbers" | "label";

const whole = /^U?(TINY|SMALL|BIG)?INT(EGER)?$/;
const isOf: Readonly<Record<Wanted, (type: string) => boolean>> = {
  number: (type) => whole.test(type) || /^(FLOAT|DOUBLE|DECIMAL)/.test(type),
  "whole number": (type) => whole.test(type),
  "list of whole numbers": (type) => type.endsWith("[]") && whole.test(type.slice(0, -2)),
  label: (type) => whole.test(type) || type === "BOOLEAN",
};

function wantedColumns(columns: RowColumns): readonly (readonly [string, Wanted])[] {
  const one = (column: string | null, wanted: Wanted) => (column === null ? [] : [[column, wanted] as const]);
  return [
    ...one(columns.users.column, "whole number"),
    ...one(columns.items.column, "whole number"),
    ...one(columns.time, "number"),
    ...one(columns.weight, "number"),
    ...columns.labels.map(({ column }) => [column, "label"] as const),
    ...columns.features.map(({ column, kind }) => {
      const wanted = kind === "numerical" ? "number" : kind === "multi-hot" ? "list of whole numbers" : "whole number";
      return [column, wanted as Wanted] as const;
    }),
  ];
}

/**
 * Looks at every file's columns before a row is read. Errors: `damaged` for a file that is missing or no Parquet file, `invalid-input` for a
 * column that is not there, or is of a type that it cannot be, in any of them.
 */
export async function checkColumns(
  db: Duck,
  folder: string,
  files: readonly string[],
  columns: RowColumns,
): Promise<void> {
  const wanted = wantedColumns(columns);
  for (const file of files) {
    const path = `${folder}/${file}`;
    const described = await db.rows(`DESCRIBE SELECT * FROM ${parquetAt(path)}`).catch((error: unknown) => {
      const what = "a file of the set's rows is missing, or is no Parquet file";
      throw problem("damaged", what, path, "put it back, or write the set again", error);
    });
    const types = new Map(described.map(([called, type]) => [JSON.stringify(String(called)), String(type)]));
    for (const [column, as] of wanted) {
      const called = column.slice(1, -1).replaceAll('""', '"');
      const type = types.get(JSON.stringify(called));
      if (type !== undefined && isOf[as](type)) continue;
      const what =
        type === undefined ? `there is no column ${text(called)}` : `${text(called)} is ${type}, not a ${as}`;
      throw problem("invalid-input", what, path, "write this file as the others, or correct the manifest");
    }
  }
}
