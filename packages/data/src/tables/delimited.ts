import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import { globOf, list, name, text } from "./duck.js";
import { decodingOf, type Decoding } from "./encoding.js";
import { badOf, fastRuleOf, selectOf, type Column } from "./kinds.js";
import { fill, type Into } from "./into.js";
import { isPlain } from "./lines.js";
import { loadRecords, type LineSource } from "./load-lines.js";
import { firstRecords, mostColumns, openQuote, splitRecord, type FirstRecord } from "./records.js";
import { checkText } from "./sources.js";
import type { Workspace } from "./workspace.js";

/** How the rows of a text file are laid out. */
export interface Layout {
  /** What is asked for; other fields may hold anything. */
  readonly columns: readonly Column[];
  /** Fields of a row; default as many as columns. */
  readonly width?: number;
  readonly delimiter: string;
  /** The line of the header, which is skipped, and all before it. */
  readonly header?: number | undefined;
  /** Of this file whatever the user says, for layouts whose encoding is known. */
  readonly encoding?: string;
  /** Quotes have no meaning; else quoted fields may hold separators and line ends. */
  readonly unquoted?: boolean;
  /** Takes irregular lines apart (any white space, …): the fast reader is only used when `regular`. */
  readonly split?: (line: string) => string[];
  readonly regular?: boolean;
  /** SQL over the columns that is true of rows which only `split` can be trusted with. */
  readonly doubt?: string;
  /** Trailing columns that may be absent. Default 0. */
  readonly optional?: number;
}

/** The fields of a record that has the right number of them; fields too many are no fault if they are empty. */
function fitted(fields: readonly string[], layout: Layout): readonly string[] | string {
  const { columns, width = columns.length, optional = 0 } = layout;
  let count = fields.length;
  while (count <= mostColumns && count > width && fields[count - 1] === "") count--;
  if (count > width || count < width - optional) {
    const found = fields.length > mostColumns ? `more than ${mostColumns}` : fields.length;
    return `${found} columns, expected ${optional ? `${width - optional} to ` : ""}${width}`;
  }
  return fields;
}

/** The records of a file as lines of fields: only what is asked for becomes text. */
export function lineSource(layout: Layout, decoding: Decoding): LineSource {
  const { columns, delimiter, unquoted = false, split } = layout;
  const places = columns.map(({ at }, k) => at ?? k);
  return {
    decoding,
    layout: { delimiter, unquoted },
    ...given({ header: layout.header }),
    take(raw, decode) {
      if (raw.trim() === "" && !raw.includes(delimiter)) return undefined;
      const found = split
        ? split(decode(raw))
        : unquoted
          ? raw.split(delimiter, mostColumns + 1)
          : splitRecord(raw, delimiter);
      if (!found) return openQuote;
      if (split && found.length === 0) return undefined;
      const fields = fitted(found, layout);
      if (typeof fields === "string") return fields;
      return [places.map((k) => (split ? (fields[k] ?? null) : decode(fields[k] ?? "")))];
    },
  };
}

const doubtful = "a row for the other reader";

/** DuckDB's reader over text columns, with the same rules for cells as everywhere; any row in doubt is an error. */
function fastQuery(files: readonly string[], layout: Layout, select: string): string {
  const { columns, delimiter, header, unquoted, doubt } = layout;
  const quote = unquoted ? "" : '"';
  const width = layout.width ?? columns.length;
  const types = Array.from({ length: width }, (_, k) => `${text(`c${k}`)}: 'VARCHAR'`).join(", ");
  const rules = columns.map((column, k) => fastRuleOf(column, `c${column.at ?? k}`));
  const reader = `read_csv(${list(files.map(globOf))}, auto_detect=false, header=${header !== undefined}, delim=${text(delimiter)},
    quote=${text(quote)}, escape=${text(quote)}, columns={${types}})`;
  const judged = `(SELECT ${selectOf(rules)}, (${badOf(rules)}) AS "is bad" FROM ${reader})`;
  const doubted = `"is bad"${doubt ? ` OR (${doubt})` : ""}`;
  return `SELECT ${select} FROM (SELECT * EXCLUDE "is bad" FROM ${judged} WHERE CASE WHEN ${doubted} THEN error(${text(doubtful)}) ELSE true END)`;
}

/** Makes or extends a table with DuckDB's own reader; false if a row is in doubt. */
export async function readFast(
  workspace: Workspace,
  files: readonly string[],
  layout: Layout,
  into: Into,
): Promise<boolean> {
  const { split, regular, header = 1, columns, width = columns.length } = layout;
  // A blank line is a row to DuckDB where there is one column; a header behind blank lines it would read as a row.
  if ((split && !regular) || header !== 1 || width < 2) return false;
  for (const file of files) if (!(await isPlain(file, workspace.signal))) return false;
  try {
    await fill(workspace, into, fastQuery(files, layout, into.select));
    return true;
  } catch (error) {
    // The cause is DuckDB's own error; only what it says of the rows sends them to the other reader.
    if (!/^(Invalid Input|Conversion) Error/.test((error as Error & { cause?: Error }).cause?.message ?? ""))
      throw error;
    return false;
  }
}

/**
 * Reads text files with a separator into a table. DuckDB's parallel reader does the work; if it doubts a single row, the
 * files are read again record by record, because its line numbers and its recovery after a bad row cannot be relied on
 * (an open quote swallows what follows). Cells are judged by the same SQL in both, so that both give the same table.
 */
export async function readDelimited(
  workspace: Workspace,
  files: readonly string[],
  layout: Layout,
  into: Into,
): Promise<void> {
  const encoding = layout.encoding ?? workspace.encoding;
  const decoding = decodingOf(encoding);
  for (const file of files) workspace.source(await checkText(file, decoding));
  workspace.progress("read", files.length === 1 ? (files[0] as string) : `${files.length} files`);
  const counted = into.append ? await workspace.db.number(`SELECT count(*) FROM ${name(into.table)}`) : 0;
  const fast = decoding.name === "utf-8" && (await readFast(workspace, files, layout, into));
  if (!fast) {
    await loadRecords(workspace, files, lineSource(layout, decoding), layout.columns, into);
  }
  workspace.malformed.read((await workspace.db.number(`SELECT count(*) FROM ${name(into.table)}`)) - counted);
}

/** The header of a file: the names in it, trimmed, and the line it stands on. */
export interface Header {
  readonly names: readonly string[];
  readonly line: number;
}

/** The header in a file's first record. */
export function headerOf(first: FirstRecord | undefined, delimiter: string, path: string): Header {
  const names = first === undefined ? undefined : splitRecord(first.text, delimiter);
  if (!first || !names) throw problem("invalid-input", "there is no header line", path, "check the format");
  if (names.length > mostColumns) {
    const what = `the header names more than ${mostColumns} columns`;
    throw problem(
      "invalid-input",
      what,
      `${path}:${first.number}`,
      "check the separator, or keep only the columns in use",
    );
  }
  return { names: names.map((column) => column.trim()), line: first.number };
}

/** The place of a column in a header, or undefined; two of this name are an error, since nothing tells which is meant. */
export function placeOf(header: Header, column: string, path: string): number | undefined {
  const place = header.names.indexOf(column);
  if (place >= 0 && header.names.includes(column, place + 1)) {
    throw problem(
      "invalid-input",
      `two columns are called "${column}"`,
      `${path}:${header.line}`,
      "rename one of them",
    );
  }
  return place < 0 ? undefined : place;
}

/** The first records of a text file. */
export async function peek(
  workspace: Workspace,
  path: string,
  layout: { readonly delimiter: string; readonly unquoted?: boolean; readonly encoding?: string },
  limit: number,
): Promise<readonly FirstRecord[]> {
  const decoding = decodingOf(layout.encoding ?? workspace.encoding);
  return firstRecords(await checkText(path, decoding), decoding, layout, limit, workspace.signal);
}
