import { extname } from "node:path";
import { fillFile } from "@gradpool/files";
import { problem } from "../errors.js";
import { name, openDuck, text } from "../tables/duck.js";
import { openText } from "../tables/text-file.js";

export interface OutColumn {
  readonly name: string;
  /** `FLOAT[]`: a list, its cells written `[1,2.5]`; for Parquet. */
  readonly type: "VARCHAR" | "INTEGER" | "DOUBLE" | "FLOAT" | "BOOLEAN" | "FLOAT[]";
}

type Cell = string | number | boolean | null;

/** What a table can be written as, by the ending of its name. */
export const tableFormats: readonly string[] = [".parquet", ".csv", ".jsonl"];

/**
 * Writes rows, a cell a column, as they come: a stream of any length takes no more memory than one of its rows. The file appears
 * when it is whole, or not at all. Answers with the number of rows.
 *
 * @throws GradpoolError: `usage` for another ending, `failed` where it cannot be written; what the rows throw.
 */
export async function writeTable(
  path: string,
  columns: readonly OutColumn[],
  rows: Iterable<readonly Cell[]> | AsyncIterable<readonly Cell[]>,
): Promise<number> {
  const format = extname(path).toLowerCase();
  if (!tableFormats.includes(format)) {
    throw problem(
      "usage",
      `${path} is no name of a table`,
      "out",
      `give a file that ends in ${tableFormats.join(", ")}`,
    );
  }
  const line = format === ".jsonl" ? jsonLine(columns) : csvLine;
  const header = format === ".csv" ? csvLine(columns.map((column) => column.name)) : "";
  return fillFile(path, "give a folder that is there, with room", async (temporary) => {
    const working = format === ".parquet" ? `${temporary}.csv` : temporary;
    const count = await writeLines(working, header, line, rows);
    if (format === ".parquet") await toParquet(working, temporary, columns);
    return count;
  });
}

async function writeLines(
  path: string,
  header: string,
  line: (row: readonly Cell[]) => string,
  rows: Iterable<readonly Cell[]> | AsyncIterable<readonly Cell[]>,
): Promise<number> {
  const file = openText(path);
  let count = 0;
  try {
    file.write(header);
    for await (const row of rows) {
      file.write(line(row));
      count++;
    }
  } finally {
    file.close();
  }
  return count;
}

/** Numbers that are none become empty. */
const written = (cell: Cell): Cell => (typeof cell === "number" && !Number.isFinite(cell) ? null : cell);

function csvLine(row: readonly Cell[]): string {
  const cells = row.map(written).map((cell) => {
    const said = cell === null ? "" : String(cell);
    return /[",\r\n]/.test(said) || (cell !== null && said === "") ? `"${said.replaceAll('"', '""')}"` : said;
  });
  return `${cells.join(",")}\n`;
}

const jsonLine =
  (columns: readonly OutColumn[]) =>
  (row: readonly Cell[]): string =>
    `${JSON.stringify(Object.fromEntries(columns.map((column, c) => [column.name, written(row[c] ?? null)])))}\n`;

async function toParquet(from: string, to: string, columns: readonly OutColumn[]): Promise<void> {
  const types = columns.map((column) => `${text(column.name)}: ${text(column.type)}`).join(", ");
  const db = await openDuck({ threads: 1 });
  try {
    await db.run("SET preserve_insertion_order = true");
    const source = `read_csv(${text(from)}, auto_detect=false, header=false, delim=',', quote='"', escape='"', allow_quoted_nulls=false, columns={${types}})`;
    const shown = columns.map((column) => name(column.name)).join(", ");
    await db.run(`COPY (SELECT ${shown} FROM ${source}) TO ${text(to)} (FORMAT parquet, COMPRESSION zstd)`);
  } finally {
    db.close();
  }
}
