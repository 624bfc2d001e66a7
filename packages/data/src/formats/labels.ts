import { given } from "@gradpool/core";
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
  /** The label that must be 1 for this one to count, from `conv@click`. */
  readonly space?: string;
}

/** `conv@click`: the label and its space. A name that begins or ends with the sign is a name. */
export function spaceOf(written: string): { readonly name: string; readonly space?: string } {
  const [, title, space] = /^([^@]+)@([^@]+)$/.exec(written) ?? [];
  return title === undefined || space === undefined ? { name: written } : { name: title.trim(), space: space.trim() };
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
  return { ...spaceOf(title.trim()), column: column.trim(), operator, bound };
}

/** Reads `name=column>=number` (the operators are >=, <=, >, <, =) and `name=column=text`. */
export function parseRules(labels: readonly string[] = []): readonly Rule[] {
  const parsed = labels.map(parseRule);
  const twice = parsed.find((rule, k) => parsed.findIndex((other) => other.name === rule.name) !== k);
  if (twice) throw problem("usage", `two labels are called "${twice.name}"`, "labels", "give each a name of its own");
  return parsed;
}

/** 1, 0, or NULL where there is nothing to compare: such a row is masked for this task. `column` is a number or text in SQL. */
const ruleSql = ({ operator, bound }: Rule, column: string): string =>
  `CAST(${column} ${operator} ${typeof bound === "number" ? bound : text(bound)} AS UTINYINT)`;

/** The impressions of a table whose rows are what users were shown; `columns` names its columns in SQL. None without rules. */
export function labelled(
  table: string,
  rows: string,
  rules: readonly Rule[],
  columns: Readonly<Record<string, string>>,
): ImpressionSource | undefined {
  if (rules.length === 0) return undefined;
  const plain = (rule: Rule): string => {
    const column = Object.hasOwn(columns, rule.column) ? columns[rule.column] : undefined;
    if (column !== undefined) return ruleSql(rule, column);
    const remedy = `give one of ${Object.keys(columns).join(", ")}`;
    throw problem("usage", `there is no column "${rule.column}"`, `labels, ${rule.name}`, remedy);
  };
  /** SQL of the label where its space, and that one's own, are 1. */
  const within = (rule: Rule, inside: readonly string[] = []): string => {
    if (rule.space === undefined) return plain(rule);
    const space = rules.find((other) => other.name === rule.space);
    if (space === undefined || [...inside, rule.name].includes(space.name)) {
      const others = rules.filter(({ name: other }) => other !== rule.name).map(({ name: other }) => other);
      const remedy = others.length === 0 ? "there is no other label" : `give one of ${others.join(", ")}`;
      const what = space === undefined ? `there is no label "${rule.space}"` : "the label's space is itself";
      throw problem("usage", what, `${rule.name}@${rule.space}`, remedy);
    }
    return `CASE WHEN ${within(space, [...inside, rule.name])} = 1 THEN ${plain(rule)} END`;
  };
  const selected = rules.map((rule, k) => `${within(rule)} AS task_${k}`);
  return {
    relation: `(SELECT ${rows}, ${selected.join(", ")} FROM ${name(table)})`,
    tasks: rules.map(({ name: task, space }, k) => ({ name: task, column: `task_${k}`, ...given({ space }) })),
    features: [],
  };
}
