import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { isGradpoolError } from "@gradpool/core";
import { problem } from "../errors.js";
import { type Duck, globOf, name, openDuck, parquetAt, text } from "../tables/duck.js";
import { decodingOf, textOf } from "../tables/encoding.js";
import { forEachLine, isPlain } from "../tables/lines.js";
import { splitRecord } from "../tables/records.js";

/** A row by column, every cell as text, as ids are read from source files; an empty cell is null. */
export type TableRow = Readonly<Record<string, string | null>>;

/** How DuckDB reads the table at a path, by its ending. */
const sourceOf: Readonly<Record<string, (path: string, db: Duck) => string | Promise<string>>> = {
  ".parquet": parquetAt,
  ".csv": (path) => csvAt(path, delimiters),
  ".tsv": (path) => csvAt(path, ["\t"]),
  ".jsonl": jsonAt,
};

const delimiters = [",", ";", "\t", "|"];

/** Parted as the first line is, whatever the rows look like: nothing is guessed, and one with more or fewer cells is an error. */
async function csvAt(path: string, separators: readonly string[]): Promise<string> {
  const line = await firstLine(path);
  const headers = separators.map((delimiter) => ({ delimiter, names: splitRecord(line, delimiter) ?? [] }));
  const { delimiter, names } = headers.reduce((best, one) => (one.names.length > best.names.length ? one : best));
  if (names.length === 0) throw problem("invalid-input", "the first line cannot be read", path, "check its quotes");
  const columns = unlike(names).map((column) => `${text(column)}: 'VARCHAR'`);
  return `read_csv(${text(globOf(path))}, auto_detect=false, header=true, columns={${columns.join(", ")}}, delim=${text(delimiter)}, quote='"', escape='"')`;
}

/** Columns without a name, or with one of before, have one of their own; DuckDB tells none by their case. */
function unlike(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((given, k) => {
    let called = given === "" ? `column ${k + 1}` : given;
    while (taken.has(called.toLowerCase())) called = `${called}_`;
    taken.add(called.toLowerCase());
    return called;
  });
}

/** Every value as it is written: what looks like a date, a long number or a UUID stays the text that it is. */
async function jsonAt(path: string, db: Duck): Promise<string> {
  const from = `${text(globOf(path))}, format='newline_delimited'`;
  const columns = (await db.rows(`DESCRIBE SELECT * FROM read_json(${from}, sample_size=-1)`)).map(([column]) =>
    String(column),
  );
  return `read_json(${from}, columns={${columns.map((column) => `${text(column)}: 'VARCHAR'`).join(", ")}})`;
}

async function firstLine(path: string): Promise<string> {
  let first = "";
  const decoding = decodingOf();
  await forEachLine(path, decoding, ({ raw = "", number }) => {
    first = textOf(decoding, raw, path, number);
    return false;
  });
  return first;
}

/** Refuses a text file that DuckDB would take for something else, or die of: bytes that are no UTF-8, a line without an end. */
async function requirePlain(path: string): Promise<void> {
  if (await isPlain(path)) return;
  const decoding = decodingOf();
  const remedy = "write it as UTF-8, an id or a row on each line";
  await forEachLine(path, decoding, ({ raw, number }) => {
    if (raw !== undefined && decoding.text(raw) === undefined)
      throw problem("invalid-input", "bytes that are not UTF-8", `${path}:${number}`, remedy);
  });
  throw problem("invalid-input", "a line of more than two million bytes", path, remedy);
}

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
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw problem("not-found", "there is no file", path, "give the path of a table");
  if (found.isDirectory()) throw problem("invalid-input", "it is a folder", path, "give the path of a table");
  if (!found.isFile()) return yield* piped(path);
  if (endOf(path) !== ".parquet") await requirePlain(path);
  if (found.size === 0 && endOf(path) !== ".parquet") return;
  const db = await openDuck({ threads: 1 });
  try {
    const source = (await sourceOf[endOf(path)]?.(path, db)) ?? linesOf(path);
    // Rows come in the order of the file only where DuckDB is told to keep it.
    await db.run("SET preserve_insertion_order = true");
    const described = await db.rows(`DESCRIBE SELECT * FROM ${source}`);
    const columns = described.map(([column]) => String(column));
    const cells = described.map(([column, type]) => cellOf(name(String(column)), String(type))).join(", ");
    for await (const chunk of db.chunks(`SELECT ${cells} FROM ${source}`)) {
      for (let row = 0; row < chunk.rows; row++) {
        const entries = columns.map((column, c) => [column, chunk.get(c, row) as string | null] as const);
        yield Object.fromEntries(entries);
      }
    }
  } catch (error) {
    throw inWords(error, path);
  } finally {
    db.close();
  }
}

/** A value as text; of a list its JSON, as JSON lines have it. */
const cellOf = (column: string, type: string): string =>
  type.endsWith("[]")
    ? `CASE WHEN ${column} IS NOT NULL THEN CAST(to_json(${column}) AS VARCHAR) END`
    : `CAST(${column} AS VARCHAR)`;

/** What comes through a pipe can be read once: it is kept while it is read. */
async function* piped(path: string): AsyncGenerator<TableRow> {
  const folder = mkdtempSync(join(tmpdir(), "gradpool-table-"));
  const copy = join(folder, `piped${extname(path)}`);
  try {
    await pipeline(createReadStream(path), createWriteStream(copy));
    yield* readTable(copy);
  } catch (error) {
    if (!isGradpoolError(error) || !error.where.startsWith(copy)) throw error;
    const { code, what, where, remedy } = error;
    throw problem(code, what, path + where.slice(copy.length), remedy, error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What DuckDB says of a text file, with the file and its line. */
function inWords(error: unknown, path: string): unknown {
  const said = isGradpoolError(error) && error.cause instanceof Error ? error.cause.message : "";
  const [, line] = /\bline:? (\d+)/i.exec(said) ?? [];
  const where = line === undefined ? path : `${path}:${line}`;
  if (/Expected Number of Columns/i.test(said)) {
    const what = "the line has more or fewer cells than the first";
    return problem("invalid-input", what, where, "put cells that hold the separator in quotes", error);
  }
  if (/unterminated quote|quoted value/i.test(said))
    return problem("invalid-input", "a quote has no end", where, "close it, or double a quote that is meant", error);
  if (!/\b(CSV|JSON)\b/.test(said)) return error;
  const [first = ""] = said.split("\n");
  return problem("invalid-input", `it cannot be read: ${first}`, where, "check the file", error);
}

/** Each line whole: no separator, no quotes. */
const linesOf = (path: string): string =>
  `read_csv(${text(globOf(path))}, header=false, columns={'value': 'VARCHAR'}, delim='\\0', quote='', escape='')`;
