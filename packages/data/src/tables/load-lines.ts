import { rm } from "node:fs/promises";
import { globOf, list, name, text } from "./duck.js";
import { decodingOf, textOf, type Decoding } from "./encoding.js";
import { fill, type Into } from "./into.js";
import { badOf, isCanonical, reasonOf, ruleOf, selectOf, type Column, type Rule } from "./kinds.js";
import { forEachRecord, type RecordLayout } from "./records.js";
import { checkText } from "./sources.js";
import { openText } from "./text-file.js";
import type { Workspace } from "./workspace.js";

/** The cells of any number of rows (null: missing), or the reason why the record is malformed. Undefined skips it. */
type Cells = readonly (readonly (string | null)[])[] | string | undefined;

/** Takes one line of text apart; `number` counts from 1. */
export type LineParser = (line: string, number: number) => Cells;

/** Takes the records of a file apart, before they are text. */
export interface LineSource {
  readonly decoding: Decoding;
  readonly layout: RecordLayout;
  /** The line of the header: it and all before it are skipped. */
  readonly header?: number;
  /** `decode` makes text of a field, and stops everything if it is of another encoding. */
  take(raw: string, decode: (field: string) => string, number: number): Cells;
}

const quoted = (field: string | null): string => {
  if (field === null || field === "") return "";
  return /[",\n\r]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
};

/** Plain CSV, each row behind the number of its line, and the length of its longest row in characters. */
interface Cleaned {
  readonly path: string;
  readonly longest: number;
}

/** Writes the cells of a file's records into the working folder. */
async function writeCells(workspace: Workspace, path: string, source: LineSource): Promise<Cleaned> {
  const { decoding, layout, header = 0, take } = source;
  const target = `${workspace.folder}/${workspace.fresh("clean")}.csv`;
  const out = openText(target);
  let longest = 0;
  const refuse = (number: number, reason: string): void => {
    if (number > header) workspace.malformed.add(path, number, reason);
  };
  try {
    await forEachRecord(
      path,
      decoding,
      layout,
      {
        refuse,
        record(raw, number) {
          if (number <= header) return;
          const rows = take(raw, (field) => textOf(decoding, field, path, number), number);
          if (typeof rows === "string") return refuse(number, rows);
          for (const row of rows ?? []) {
            const line = `${number},${row.map(quoted).join(",")}\n`;
            longest = Math.max(longest, line.length);
            out.write(line);
          }
        },
      },
      workspace.signal,
    );
  } finally {
    out.close();
  }
  return { path: target, longest };
}

/** Counts the rows of `cells` that the rules refuse, and shows the first. */
export async function logMalformed(
  { db, malformed }: Workspace,
  cells: string,
  rules: readonly Rule[],
  file: (key: string) => string,
): Promise<void> {
  const bad = await db.rows(
    `SELECT file, count(*), min_by({'line': line, 'reason': ${reasonOf(rules)}}, line, 5) FROM ${cells} WHERE ${badOf(rules)} GROUP BY file ORDER BY file`,
  );
  for (const [key, count, first] of bad) {
    const rows = first as readonly { line: bigint | number; reason: string }[];
    for (const { line, reason } of rows) malformed.add(file(String(key)), Number(line), reason);
    malformed.more(Number(count) - rows.length);
  }
}

/** Ids that are whole numbers take eight bytes each if all of them may: the text says the same then. */
async function narrowed(
  workspace: Workspace,
  cells: string,
  columns: readonly Column[],
  rules: readonly Rule[],
): Promise<readonly Rule[]> {
  const narrow: Rule[] = [];
  for (const [k, column] of columns.entries()) {
    const rule = rules[k] as Rule;
    const wide =
      column.kind !== "whole" ||
      (await workspace.db.number(
        `SELECT count(*) FROM ${cells} WHERE NOT (${badOf(rules)}) AND f${k} IS NOT NULL AND NOT coalesce(${isCanonical(`f${k}`)}, false)`,
      )) > 0;
    narrow.push(wide ? rule : { ...rule, columns: [[column.as ?? column.name, `TRY_CAST(f${k} AS BIGINT)`]] });
  }
  return narrow;
}

/** Reads files record by record into a table: malformed records and cells are counted, with their own line numbers. */
export async function loadRecords(
  workspace: Workspace,
  files: readonly string[],
  source: LineSource,
  columns: readonly Column[],
  into: Into,
): Promise<void> {
  const cleaned: Cleaned[] = [];
  for (const file of files) cleaned.push(await writeCells(workspace, file, source));
  const clean = cleaned.map(({ path }) => path);
  const types = ["line", ...columns.map((_, k) => `f${k}`)].map(
    (column) => `${text(column)}: ${column === "line" ? "'BIGINT'" : "'VARCHAR'"}`,
  );
  // A character takes at most four bytes; DuckDB's own limit is 2 MB, and its buffers grow with it.
  const longest = 4 * Math.max(...cleaned.map((one) => one.longest));
  const size = longest < 2_000_000 ? "" : `, max_line_size=${longest}, buffer_size=${longest}, parallel=false`;
  const cells = `(SELECT * EXCLUDE filename, list_position(${list(clean)}, filename) - 1 AS file FROM read_csv(${list(clean.map(globOf))}, auto_detect=false,
    header=false, delim=',', quote='"', escape='"', filename=true${size}, columns={${types.join(", ")}}))`;
  const held = name(workspace.fresh("cells"));
  await workspace.db.run(`CREATE TABLE ${held} AS SELECT * FROM ${cells}`);
  for (const path of clean) await rm(path);
  const rules = columns.map((column, k) => ruleOf(column, `f${k}`));
  await logMalformed(workspace, held, rules, (key) => files[Number(key)] as string);
  const kept = await narrowed(workspace, held, columns, rules);
  await fill(
    workspace,
    into,
    `SELECT ${into.select} FROM (SELECT ${selectOf(kept)} FROM ${held} WHERE NOT (${badOf(rules)}))`,
  );
  await workspace.db.run(`DROP TABLE ${held}`);
}

/**
 * Lines that `parse` takes apart → a new table with these columns, whose cells are judged as everywhere. Files are read
 * line by line, in constant memory.
 */
export async function loadLines(
  workspace: Workspace,
  files: readonly string[],
  parse: LineParser,
  table: string,
  columns: readonly Column[],
): Promise<void> {
  const decoding = decodingOf(workspace.encoding);
  for (const file of files) {
    workspace.source(await checkText(file, decoding));
    workspace.progress("read", file);
  }
  const source: LineSource = {
    decoding,
    layout: { delimiter: ",", unquoted: true },
    take(raw, decode, number) {
      const line = decode(raw);
      return line.trim() === "" ? undefined : parse(line, number);
    },
  };
  await loadRecords(workspace, files, source, columns, { table, select: "*" });
}
