import { problem } from "../errors.js";
import { name, text } from "../tables/duck.js";
import type { ImpressionSource } from "./reader.js";

/** What makes a label 1: a comparison with a number, from `like=rating>=4`, or with a text, from `like=verdict=good`. */
export interface Rule {
  /** The task. */
  readonly name: string;
  readonly column: string;
  readonly operator: string;
  readonly bound: number | string;
}

const operators: Readonly<Record<string, string>> = { ">=": ">=", "<=": "<=", ">": ">", "<": "<", "=": "=", "==": "=" };

function parseRule(written: string): Rule {
  const [, title = "", column = "", sign = "", after = ""] =
    /^([^=<>]+)=([^=<>]+)(>=|<=|==|>|<|=)(.+)$/.exec(written) ?? [];
  const operator = operators[sign];
  const word = after.trim();
  const number = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(word) ? Number(word) : undefined;
  const bound = number ?? word;
  // A text that begins with an operator is a slip: => for >=.
  const slipped = typeof bound !== "number" && (operator !== "=" || /^[<>=]/.test(word));
  if (operator === undefined || word === "" || slipped || bound === Infinity || bound === -Infinity) {
    const remedy = "give NAME=COLUMN>=NUMBER, e.g. like=rating>=4, or NAME=COLUMN=TEXT";
    throw problem("usage", `the label is "${written}"`, "labels", remedy);
  }
  return { name: title.trim(), column: column.trim(), operator, bound };
}

/** Reads `name=column>=number` (the operators are >=, <=, >, <, =) and `name=column=text`. */
export function parseRules(labels: readonly string[] = []): readonly Rule[] {
  const parsed = labels.map(parseRule);
  const twice = parsed.find((rule, k) => parsed.findIndex((other) => other.name === rule.name) !== k);
  if (twice) throw problem("usage", `two labels are called "${twice.name}"`, "labels", "give each a name of its own");
  return parsed;
}

/** 1, 0, or NULL where there is nothing to compare: such a row is masked for this task. `column` is a number or text in SQL. */
export const ruleSql = ({ operator, bound }: Rule, column: string): string =>
  `CAST(${column} ${operator} ${typeof bound === "number" ? bound : text(bound)} AS UTINYINT)`;

/** The impressions of a table whose rows are what users were shown; `columns` names its columns in SQL. None without rules. */
export function labelled(
  table: string,
  rows: string,
  rules: readonly Rule[],
  columns: Readonly<Record<string, string>>,
): ImpressionSource | undefined {
  if (rules.length === 0) return undefined;
  const selected = rules.map((rule, k) => {
    const column = Object.hasOwn(columns, rule.column) ? columns[rule.column] : undefined;
    if (column !== undefined) return `${ruleSql(rule, column)} AS task_${k}`;
    const remedy = `give one of ${Object.keys(columns).join(", ")}`;
    throw problem("usage", `there is no column "${rule.column}"`, `labels, ${rule.name}`, remedy);
  });
  return {
    relation: `(SELECT ${rows}, ${selected.join(", ")} FROM ${name(table)})`,
    tasks: rules.map((rule, k) => ({ name: rule.name, column: `task_${k}` })),
    features: [],
  };
}
