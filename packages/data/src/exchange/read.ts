import { existsSync } from "node:fs";
import { extname } from "node:path";
import { problem } from "../errors.js";
import { globOf, name, openDuck, parquetAt, text } from "../tables/duck.js";

/** A row by column, every cell as text, as ids are read from source files; an empty cell is null. */
export type TableRow = Readonly<Record<string, string | null>>;

const sourceOf: Readonly<Record<string, (path: string) => string>> = {
  ".parquet": parquetAt,
  ".csv": (path) => `read_csv(${text(globOf(path))}, header=true, all_varchar=true, sample_size=-1)`,
  ".tsv": (path) => `read_csv(${text(globOf(path))}, header=true, all_varchar=true, delim='\\t')`,
  ".jsonl": (path) => `read_json(${text(globOf(path))}, format='newline_delimited')`,
};

const endOf = (path: string): string => extname(path.replace(/\.gz$/, "")).toLowerCase();

/** Whether a file's name says that it is a table; {@link readTable} reads any other as a list. */
export const isTable = (path: string): boolean => endOf(path) in sourceOf;

/**
 * The rows of a table in their order, .parquet, .csv, .tsv or .jsonl (text ones also with .gz), a chunk at a time. Any other file
 * is a list: a row of one column, `value`, for every line.
 *
 * @throws GradpoolError: `not-found`, `invalid-input` for a file that is no such table.
 */
export async function* readTable(path: string): AsyncGenerator<TableRow> {
  if (!existsSync(path)) throw problem("not-found", "there is no file", path, "give the path of a table");
  const source = sourceOf[endOf(path)]?.(path) ?? linesOf(path);
  const db = await openDuck({ threads: 1 });
  try {
    // Rows come in the order of the file only where DuckDB is told to keep it.
    await db.run("SET preserve_insertion_order = true");
    const columns = (await db.rows(`DESCRIBE SELECT * FROM ${source}`)).map(([column]) => String(column));
    const cells = columns.map((column) => `CAST(${name(column)} AS VARCHAR)`).join(", ");
    for await (const chunk of db.chunks(`SELECT ${cells} FROM ${source}`)) {
      for (let row = 0; row < chunk.rows; row++) {
        const entries = columns.map((column, c) => [column, chunk.get(c, row) as string | null] as const);
        yield Object.fromEntries(entries);
      }
    }
  } finally {
    db.close();
  }
}

/** Each line whole: no separator, no quotes. */
const linesOf = (path: string): string =>
  `read_csv(${text(globOf(path))}, header=false, columns={'value': 'VARCHAR'}, delim='\\0', quote='', escape='')`;
