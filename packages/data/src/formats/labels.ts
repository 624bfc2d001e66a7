import { problem } from "../errors.js";
import { name } from "../tables/duck.js";
import type { ImpressionSource } from "./reader.js";

/** A task over a numeric column, from `like=rating>=4`. */
export interface Label {
  readonly name: string;
  readonly column: string;
  readonly operator: string;
  readonly bound: number;
}

const operators: Readonly<Record<string, string>> = { ">=": ">=", "<=": "<=", ">": ">", "<": "<", "=": "=", "==": "=" };

/** Reads `name=column>=number`; the operators are >=, <=, >, <, =. */
export function parseLabels(labels: readonly string[]): readonly Label[] {
  const parsed = labels.map((label) => {
    const match = /^([^=<>]+)=([^=<>]+)(>=|<=|==|>|<|=)(.+)$/.exec(label);
    const bound = Number(match?.[4]?.trim() || Number.NaN);
    if (!match || Number.isNaN(bound)) {
      throw problem("usage", `the label is "${label}"`, "labels", "give NAME=COLUMN>=NUMBER, e.g. like=rating>=4");
    }
    const [, title = "", column = "", operator = ""] = match;
    return { name: title.trim(), column: column.trim(), operator: operators[operator] ?? "=", bound };
  });
  const twice = parsed.find((label, k) => parsed.findIndex((other) => other.name === label.name) !== k);
  if (twice) throw problem("usage", `two labels are called "${twice.name}"`, "labels", "give each a name of its own");
  return parsed;
}

/** 1, 0, or NULL where the column has no number: such a row is masked for this task. */
export const labelSql = ({ column, operator, bound }: Label): string =>
  `CAST(TRY_CAST(${name(column)} AS DOUBLE) ${operator} ${bound} AS UTINYINT)`;

/** The impressions of a table whose rows are what users were shown; `columns` are the table's own. None without labels. */
export function labelled(
  table: string,
  rows: string,
  labels: readonly string[] | undefined,
  columns: readonly string[],
): ImpressionSource | undefined {
  if (!labels?.length) return undefined;
  const parsed = parseLabels(labels);
  const unknown = parsed.find(({ column }) => !columns.includes(column));
  if (unknown) {
    const remedy = `give one of ${columns.join(", ")}`;
    throw problem("usage", `there is no column "${unknown.column}"`, `labels, ${unknown.name}`, remedy);
  }
  const tasks = parsed.map((label, k) => ({ name: label.name, column: `task_${k}` }));
  const selected = parsed.map((label, k) => `${labelSql(label)} AS task_${k}`);
  return { relation: `(SELECT ${rows}, ${selected.join(", ")} FROM ${name(table)})`, tasks, features: [] };
}
