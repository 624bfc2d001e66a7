import { name, text } from "./duck.js";

/**
 * What a column holds. One rule for every format and both readers, in SQL over the cell's text (or Parquet's own type):
 *
 * - `id`: any text, as it stands. `whole`: an id that is a whole number of any width.
 * - `number`: decimal, with or without an exponent, finite. Empty and NaN are no number.
 * - `label`: 0 or 1, true or false. Empty and NaN are no label.
 * - `time`: seconds since 1970, or milli-, micro-, nanoseconds; or a date with or without a time of day and an offset (UTC
 *   without one); or what a format of the user's says. Empty, NaN and NaT are no time.
 * - `text`: anything.
 */
export type Kind = "id" | "whole" | "number" | "label" | "time" | "text";

export interface Column {
  /** As the user knows it: for messages. */
  readonly name: string;
  readonly kind: Kind;
  /** Its place in the row, from 0; default its place in the layout. */
  readonly at?: number;
  /** What it is called in the table; default its name. A time makes two columns: dates in seconds, and `…_number`. */
  readonly as?: string;
  /** An empty cell makes the row malformed. Default false. */
  readonly required?: boolean;
  /** The only values allowed, of a `text`. */
  readonly values?: readonly string[];
  /** How a time is written, as `strptime` takes it. */
  readonly format?: string | undefined;
}

/** SQL over one cell: what it becomes, and whether and why it makes its row malformed. */
export interface Rule {
  /** Column of the table → its value. */
  readonly columns: readonly (readonly [string, string])[];
  /** True or NULL where the cell cannot be what it should. */
  readonly bad: string;
  readonly reason: string;
}

const spaces = "' ' || chr(9) || chr(10) || chr(13)";
const trimmed = (x: string): string => `trim(${x}, ${spaces})`;
const number = String.raw`[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?`;
const date = String.raw`[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)?`;
const offset = String.raw` ?(Z|UTC|[-+][0-9]{2}(:?[0-9]{2})?)`;
const matches = (x: string, pattern: string): string => `regexp_full_match(${x}, ${text(pattern)})`;
const finite = (x: string): string => `coalesce(isfinite(TRY_CAST(${x} AS DOUBLE)), false)`;

/** A cell as a message shows it: short, and on one line. */
const shown = (x: string): string => `'"' || left(regexp_replace(${x}, '[\\r\\n]+', ' ', 'g'), 60) || '"'`;

const said = (column: Column, x: string, what: string): string =>
  `${text(`${column.name} is `)} || ${shown(x)} || ${text(`, ${what}`)}`;

/** `blank`: the cell says nothing. */
function ruleFor(column: Column, x: string, blank: string, value: string, good: string, what: string): Rule {
  const reason = `CASE WHEN ${blank} THEN ${text(`${column.name} is empty`)} ELSE ${said(column, x, what)} END`;
  const bad = column.required ? `(${blank}) OR NOT (${good})` : `NOT ((${blank}) OR ${good})`;
  return { columns: [[column.as ?? column.name, value]], bad, reason };
}

const empty = (x: string): string => `${x} IS NULL OR ${trimmed(x)} = ''`;
const missing = (x: string, words: readonly string[]): string =>
  `${x} IS NULL OR lower(${trimmed(x)}) IN (${["", ...words].map(text).join(", ")})`;

/** A date in SQL seconds: without an offset UTC, whatever the machine's time zone. */
const seconds = (x: string): string =>
  `epoch(TRY_CAST(regexp_replace(${trimmed(x)}, ${text(`^(.*[0-9:.])${offset}$`)}, '\\1\\2') AS TIMESTAMPTZ))`;

function timeRule(column: Column, x: string): Rule {
  const blank = missing(x, ["nan", "nat"]);
  const as = column.as ?? column.name;
  if (column.format !== undefined) {
    const parsed = `epoch(try_strptime(${trimmed(x)}, ${text(column.format)}))`;
    const rule = ruleFor(column, x, blank, parsed, `${parsed} IS NOT NULL`, `not a time as ${column.format} writes it`);
    return { ...rule, columns: [...rule.columns, [`${as}_number`, "NULL::DOUBLE"]] };
  }
  const isNumber = matches(trimmed(x), number);
  const isDate = matches(trimmed(x), `${date}(${offset})?`);
  const dated = `CASE WHEN ${isDate} THEN ${seconds(x)} END`;
  const good = `(${isNumber} AND ${finite(x)}) OR (${isDate} AND ${seconds(x)} IS NOT NULL)`;
  const rule = ruleFor(column, x, blank, dated, `(${good})`, "not a time: timeFormat can say how it is written");
  return {
    ...rule,
    columns: [...rule.columns, [`${as}_number`, `CASE WHEN ${isNumber} THEN TRY_CAST(${x} AS DOUBLE) END`]],
  };
}

/** The rule of a column over `x`, SQL of type VARCHAR. */
export function ruleOf(column: Column, x: string): Rule {
  const numeric = `nullif(TRY_CAST(${x} AS DOUBLE), 'nan'::DOUBLE)`;
  const isNumber = `(${matches(trimmed(x), number)} AND ${finite(x)})`;
  switch (column.kind) {
    case "time":
      return timeRule(column, x);
    case "number":
      return ruleFor(column, x, missing(x, ["nan"]), numeric, isNumber, "not a number");
    case "label": {
      const lower = `lower(${trimmed(x)})`;
      const value = `CASE WHEN ${lower} = 'true' OR ${numeric} = 1 THEN 1 WHEN ${lower} = 'false' OR ${numeric} = 0 THEN 0 END::UTINYINT`;
      const good = `(${lower} IN ('0', '1', 'true', 'false') OR (${isNumber} AND ${numeric} IN (0, 1)))`;
      const what = "not 0, 1, true or false: a rule in labels can say what it means";
      return ruleFor(column, x, missing(x, ["nan"]), value, good, what);
    }
    case "whole":
      return ruleFor(column, x, empty(x), x, matches(x, "-?[0-9]+"), "not a whole number");
    case "id":
      return ruleFor(column, x, empty(x), x, "true", "");
    case "text": {
      if (!column.values) return ruleFor(column, x, empty(x), x, "true", "");
      const values = column.values.map(text).join(", ");
      const kept = `CASE WHEN ${x} IN (${values}) THEN ${x} END::ENUM(${values})`;
      return ruleFor(column, x, empty(x), kept, `${x} IN (${values})`, `not one of ${column.values.join(", ")}`);
    }
  }
}

/** A whole number that is written as DuckDB writes it: an id may then be kept in eight bytes. */
export const isCanonical = (x: string): string => `CAST(TRY_CAST(${x} AS BIGINT) AS VARCHAR) = ${x}`;

/** The rule of the fast reader: `whole` ids only if they fit into eight bytes and lose nothing by it. */
export function fastRuleOf(column: Column, x: string): Rule {
  const rule = ruleOf(column, x);
  if (column.kind !== "whole") return rule;
  const good = `coalesce(${isCanonical(x)}, false)`;
  const bad = column.required ? `NOT ${good}` : `NOT (${x} IS NULL OR ${good})`;
  return { ...rule, columns: [[column.as ?? column.name, `TRY_CAST(${x} AS BIGINT)`]], bad };
}

/** `SELECT` list of rules. */
export const selectOf = (rules: readonly Rule[]): string =>
  rules.flatMap(({ columns }) => columns.map(([as, sql]) => `${sql} AS ${name(as)}`)).join(", ");

/** SQL that is true where any rule finds the row malformed. */
export const badOf = (rules: readonly Rule[]): string =>
  rules.length === 0 ? "false" : rules.map(({ bad }) => `coalesce(${bad}, true)`).join(" OR ");

/** SQL that says why, for the first rule that finds it so. */
export const reasonOf = (rules: readonly Rule[]): string =>
  `CASE ${rules.map(({ bad, reason }) => `WHEN coalesce(${bad}, true) THEN ${reason}`).join(" ")} END`;
