import { basename } from "node:path";
import { problem } from "../errors.js";
import { peek, readDelimited, type Layout } from "./delimited.js";
import type { Column } from "./kinds.js";
import { name } from "./duck.js";
import { loadLines, type LineParser } from "./load-lines.js";
import type { FirstRecord } from "./records.js";
import type { Workspace } from "./workspace.js";

/** ASCII white space and commas: an id may hold any other. */
const pieces = (line: string): string[] => {
  const trimmed = line.replaceAll(/^[ \t]+|[ \t]+$/g, "");
  return trimmed === "" || /^[#%]/.test(trimmed) ? [] : trimmed.split(/[ \t]*,[ \t]*|[ \t]+/);
};

const whole = /^-?\d+$/;
const heading =
  /^(user|item|uid|iid|src|source|dst|dest|target|from|to|left|right|head|tail|node|customer|product|sku|movie|artist|friend|follower|followee|trustor|trustee)s?[ _-]?(id|no|index|key|name)?$/i;

/** What the first lines tell of a file of pairs. */
interface Shape {
  /** The line of the header, if there is one. */
  readonly header: number | undefined;
  /** `pairs` have two ids and perhaps a number; an adjacency list an owner and all it is linked to. */
  readonly kind: "pairs" | "adjacency";
  /** The separator, if it is one and the same in the first line. */
  readonly separator: string | undefined;
  readonly valued: boolean;
}

function isHeader(first: readonly string[], second: readonly string[] | undefined): boolean {
  const [a = "", b = "", value = ""] = first;
  if (/^[-+]?[\d.]/.test(value)) return false;
  if (heading.test(a) && heading.test(b)) return true;
  const ids = (fields: readonly string[]): readonly string[] => fields.slice(0, 2);
  return second !== undefined && ids(second).every((id) => whole.test(id)) && !ids(first).some((id) => whole.test(id));
}

/** Looks at the first hundred lines; what is neither pairs nor an adjacency list is refused by name. */
function shapeOf(records: readonly FirstRecord[], path: string): Shape {
  const lines = records
    .map(({ text, number }) => ({ text, number, fields: pieces(text) }))
    .filter(({ fields }) => fields.length > 0);
  const [first, second] = lines;
  const header = first && isHeader(first.fields, second?.fields) ? first.number : undefined;
  const rows = header === undefined ? lines : lines.slice(1);
  const widths = rows.map(({ fields }) => fields.length);
  const wide = widths.filter((width) => width > 3).length;
  const sample = rows[0]?.text ?? "";
  const separator = /^[^\s,#%"][^\s,"]*([ \t,])[^\s,"]+(?:\1[^\s,"]+)?$/.exec(sample)?.[1];
  const shape = { header, separator, valued: (widths[0] ?? 0) >= 3 };
  if (wide <= rows.length / 10) return { ...shape, kind: "pairs" };
  const ids = rows.every(({ fields }) => fields.every((field) => whole.test(field)));
  if (ids && new Set(widths).size > 1) return { ...shape, kind: "adjacency" };
  const what = `the rows have ${Math.min(...widths)} to ${Math.max(...widths)} columns, neither pairs nor an adjacency list of numbers`;
  const remedy = "give USER ITEM [VALUE] a line, or read a table of more columns as csv";
  throw problem("invalid-input", what, `${path}:${rows[0]?.number ?? 1}`, remedy);
}

const id = (called: string, as: string): Column => ({ name: called, as, kind: "id", required: true });

function pairLayout({ separator, valued, header }: Shape, ends: readonly [Column, Column]): Layout {
  const three = valued || separator === undefined;
  const names = ends.map(({ as = "" }) => as);
  const odd = names.map((c) => `contains(${c}, ',') OR contains(${c}, ' ') OR contains(${c}, chr(9))`).join(" OR ");
  return {
    columns: [...ends, ...(three ? [{ name: "value", as: "v", kind: "number" } as const] : [])],
    delimiter: separator ?? " ",
    header,
    unquoted: true,
    split: pieces,
    regular: separator !== undefined,
    // Another separator inside of an id, or a comment.
    doubt: `${odd} OR ${names[0]}[1] IN ('#', '%')`,
    optional: three ? 1 : 0,
  };
}

/** One line an owner: itself, and all it is linked to. An owner with nothing is no fault. */
async function readAdjacency(
  workspace: Workspace,
  path: string,
  table: string,
  header: number | undefined,
  ends: readonly [Column, Column],
): Promise<void> {
  const parse: LineParser = (line, number) => {
    const [owner, ...others] = pieces(line);
    return owner === undefined || number === header ? undefined : others.map((other) => [owner, other]);
  };
  await loadLines(workspace, [path], parse, table, ends);
  await workspace.db.run(`ALTER TABLE ${name(table)} ADD COLUMN v DOUBLE`);
  workspace.malformed.read(await workspace.db.number(`SELECT count(*) FROM ${name(table)}`));
  workspace.note(`${basename(path)} is read as an adjacency list: an id, then all it is linked to`);
}

async function readPairs(
  workspace: Workspace,
  path: string,
  table: string,
  ends: readonly [Column, Column],
): Promise<void> {
  const records = await peek(workspace, path, { delimiter: " ", unquoted: true }, 100);
  const shape = shapeOf(records, path);
  if (shape.header !== undefined) {
    const text = records.find(({ number }) => number === shape.header)?.text.trim() ?? "";
    workspace.note(`${basename(path)}:${shape.header} is read as a header: ${text}`);
  }
  if (shape.kind === "adjacency") return readAdjacency(workspace, path, table, shape.header, ends);
  const layout = pairLayout(shape, ends);
  const value = layout.columns.length > 2 ? "v" : "NULL::DOUBLE AS v";
  await readDelimited(workspace, [path], layout, { table, select: `${ends.map(({ as }) => as).join(", ")}, ${value}` });
}

/** Reads pairs into `table` with columns `u`, `i`, `v` (NULL without a third column). */
export async function readEdges(workspace: Workspace, path: string, table: string): Promise<void> {
  await readPairs(workspace, path, table, [id("user", "u"), id("item", "i")]);
}

/** Reads links between users into `table` with columns `l`, `r`. */
export async function readLinks(workspace: Workspace, path: string, table: string): Promise<string> {
  await readPairs(workspace, path, table, [id("left", "l"), id("right", "r")]);
  return table;
}
