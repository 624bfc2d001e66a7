import { rm } from "node:fs/promises";
import { problem } from "../errors.js";
import type { Workspace } from "./workspace.js";
import { convertLines } from "./convert.js";
import { list, name, text } from "./duck.js";
import { splitRecord } from "./lines.js";
import { checkFile } from "./sources.js";

export interface Column {
  readonly name: string;
  readonly type: "BIGINT" | "DOUBLE" | "VARCHAR";
  /** An empty field makes the row malformed. Default false. */
  readonly required?: boolean;
  /** The only values allowed. */
  readonly values?: readonly string[];
}

/** How the rows of a text file are laid out. */
export interface Layout {
  readonly columns: readonly Column[];
  readonly delimiter: string;
  /** The first line names the columns and is skipped. */
  readonly header?: boolean;
  readonly encoding?: "latin1";
  /** Quotes have no meaning. */
  readonly unquoted?: boolean;
  /** Quoted fields may hold line ends. */
  readonly multiline?: boolean;
  /** Takes irregular lines apart (any white space, …); the fast reader is only used when `regular`. */
  readonly split?: (line: string) => string[] | undefined;
  readonly regular?: boolean;
  /** Trailing columns that may be absent. Default 0. */
  readonly optional?: number;
}

const whole = /^\s*[-+]?\d{1,18}\s*$/;

function reasonAgainst(fields: readonly string[], columns: readonly Column[], optional: number): string | undefined {
  if (fields.length > columns.length || fields.length < columns.length - optional) {
    return `${fields.length} columns, expected ${optional ? `${columns.length - optional} to ` : ""}${columns.length}`;
  }
  for (const [k, column] of columns.entries()) {
    const field = fields[k] ?? "";
    if (field.trim() === "") {
      if (column.required) return `${column.name} is empty`;
    } else if (column.values && !column.values.includes(field)) {
      return `${column.name} is "${field}", not one of ${column.values.join(", ")}`;
    } else if (column.type === "BIGINT" && !whole.test(field)) {
      return `${column.name} is "${field}", not a whole number`;
    } else if (column.type === "DOUBLE" && !Number.isFinite(Number(field))) {
      return `${column.name} is "${field}", not a number`;
    }
  }
  return undefined;
}

function reader(files: readonly string[], layout: Layout, rejects: string | undefined): string {
  const columns = layout.columns.map(({ name: column, type, values }) => {
    const kind = values ? `ENUM(${values.map(text).join(", ")})` : type;
    return `${text(column)}: ${text(kind)}`;
  });
  const quote = layout.unquoted ? "" : '"';
  return `read_csv(${list(files)}, auto_detect=false, header=${layout.header ?? false}, delim=${text(layout.delimiter)},
    quote=${text(quote)}, escape=${text(quote)}, max_line_size=16777216, columns={${columns.join(", ")}}
    ${layout.encoding ? ", encoding='latin-1'" : ""}
    ${rejects ? `, store_rejects=true, rejects_limit=10, rejects_table=${text(rejects)}, rejects_scan=${text(`${rejects}_scan`)}` : ""})`;
}

/**
 * Makes `table` from text files: `SELECT ${select} FROM` their rows. DuckDB's parallel reader does the work; if it refuses
 * a single row, or a required field is empty, the files are read again line by line, because its line numbers and its
 * recovery after a bad row cannot be relied on (an open quote swallows what follows). `required` are the result's
 * columns that must not be NULL.
 */
export async function readDelimited(
  context: Workspace,
  files: readonly string[],
  layout: Layout,
  table: string,
  select: string,
  required: readonly string[],
): Promise<void> {
  for (const file of files) context.source(await checkFile(file));
  context.progress("read", files.length === 1 ? (files[0] as string) : `${files.length} files`);
  if (!(await readFast(context, files, layout, table, select, required))) {
    await readSlowly(context, files, layout, table, select);
  }
  context.malformed.read(await context.db.number(`SELECT count(*) FROM ${name(table)}`));
}

async function readFast(
  context: Workspace,
  files: readonly string[],
  layout: Layout,
  table: string,
  select: string,
  required: readonly string[],
): Promise<boolean> {
  if (layout.split && !layout.regular) return false;
  const { db } = context;
  const rejects = context.fresh("rejects");
  try {
    await db.run(`CREATE OR REPLACE TABLE ${name(table)} AS SELECT ${select} FROM ${reader(files, layout, rejects)}`);
    if ((await db.number(`SELECT count(*) FROM ${name(rejects)}`)) > 0) return false;
  } catch (error) {
    if (!/csv|invalid input|invalid unicode|maximum line size/i.test(String((error as Error).cause ?? ""))) throw error;
    return false;
  }
  const missing = required.map((column) => `${column} IS NULL OR CAST(${column} AS VARCHAR) = ''`);
  if (missing.length === 0) return true;
  return (await db.number(`SELECT count(*) FROM ${name(table)} WHERE ${missing.join(" OR ")}`)) === 0;
}

async function readSlowly(
  context: Workspace,
  files: readonly string[],
  layout: Layout,
  table: string,
  select: string,
): Promise<void> {
  const { columns, optional = 0 } = layout;
  const split =
    layout.split ??
    ((line: string) => (layout.unquoted ? line.split(layout.delimiter) : splitRecord(line, layout.delimiter)));
  const clean: string[] = [];
  for (const file of files) {
    const path = await convertLines(
      context,
      file,
      (line) => {
        const fields = split(line);
        if (!fields) return "a quote is left open or out of place";
        if (fields.length === 0) return undefined;
        return reasonAgainst(fields, columns, optional) ?? [columns.map((_, k) => fields[k] ?? null)];
      },
      {
        ...(layout.encoding ? { encoding: layout.encoding } : {}),
        header: layout.header ?? false,
        ...(layout.multiline ? { join: (record: string) => split(record) !== undefined } : {}),
      },
    );
    clean.push(path);
  }
  const plain: Layout = { columns, delimiter: ",", multiline: true };
  await context.db.run(
    `CREATE OR REPLACE TABLE ${name(table)} AS SELECT ${select} FROM ${reader(clean, plain, undefined)}`,
  );
  for (const path of clean) await rm(path);
}

/** The names in the header line of a file, and where each is. */
export function headerOf(line: string | undefined, delimiter: string, path: string): readonly string[] {
  const names = line === undefined ? undefined : splitRecord(line, delimiter);
  if (!names) throw problem("invalid-input", "there is no header line", path, "check the format");
  return names.map((column) => column.trim());
}
