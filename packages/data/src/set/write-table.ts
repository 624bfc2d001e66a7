import { name, text } from "../tables/duck.js";
import { openText } from "../tables/text-file.js";
import type { Output } from "./output.js";

/** A column in memory; undefined is NULL. */
export interface Column {
  readonly name: string;
  readonly type: "INTEGER" | "DOUBLE" | "FLOAT" | "UTINYINT" | "VARCHAR";
  at(row: number): number | string | undefined;
}

/** A column of numbers; `missing` and NaN are NULL. */
export const column = (name: string, type: Column["type"], values: ArrayLike<number>, missing?: number): Column => ({
  name,
  type,
  at: (row) => (values[row] === missing || Number.isNaN(values[row]) ? undefined : values[row]),
});

/** Writes columns in memory as a Parquet file of the set. `order` must tell all rows apart. */
export interface WriteTable {
  (file: string, rows: number, columns: readonly Column[], order: string): Promise<void>;
  /** As of the output. */
  readonly base: Output["base"];
}

/** Writes by way of a CSV in the working folder. */
export function tableWriter(output: Output, work: string): WriteTable {
  const write = async (file: string, rows: number, columns: readonly Column[], order: string): Promise<void> => {
    const path = `${work}/table.csv`;
    const csv = openText(path);
    try {
      for (let row = 0; row < rows; row++) csv.write(`${columns.map((entry) => entry.at(row) ?? "").join(",")}\n`);
    } finally {
      csv.close();
    }
    const types = columns.map((entry) => `${text(entry.name)}: ${text(entry.type)}`).join(", ");
    const none = columns.map((entry) => `CAST(NULL AS ${entry.type}) AS ${name(entry.name)}`).join(", ");
    const held =
      rows > 0
        ? `FROM read_csv(${text(path)}, auto_detect=false, header=false, delim=',', columns={${types}})`
        : `SELECT ${none} WHERE false`;
    await output.write(file, `${held} ORDER BY ${order}`);
  };
  return Object.assign(write, { base: output.base });
}

/** Ids 0 … and what they are called. */
export function writeKeys(table: WriteTable, file: string, rows: number, first = 0): Promise<void> {
  const id: Column = { name: "id", type: "INTEGER", at: (row) => row + first };
  return table(file, rows, [id, { name: "key", type: "VARCHAR", at: (row) => String(row + first) }], "id");
}
