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
  /** Texts that say nothing, beside the empty one: of a `number` or `time`. */
  readonly blank?: readonly string[] | undefined;
  /** Of a typed source: a list of values is one text, with this between them. Default: a list is refused. */
  readonly joined?: string;
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

/** What is asked of a cell, in SQL. */
interface Judged {
  readonly value: string;
  /** The cell says nothing. */
  readonly blank: string;
  readonly good: string;
  /** True only of good cells, and cheap: nearly all are, and need not be looked at twice. */
  readonly quick: string;
  /** What a cell that is not good is not. */
  readonly not: string;
  /** What to do about some such cells: SQL that is true of them, and the remedy. */
  readonly remedies?: readonly (readonly [string, string])[];
}

/** Words that people write where they have no number. */
export const wordsForNothing = ["na", "n/a", "#n/a", "none", "null", "missing", "unknown", "-", "?", "\\n"] as const;

function ruleFor(column: Column, x: string, { value, blank, good, quick, not, remedies = [] }: Judged): Rule {
  const cases = remedies.map(([of, remedy]) => `WHEN ${of} THEN ${said(column, x, `${not}: ${remedy}`)}`).join(" ");
  const reason = `CASE WHEN ${blank} THEN ${text(`${column.name} is empty`)} ${cases} ELSE ${said(column, x, not)} END`;
  const sound = column.required ? `NOT (${blank}) AND ${good}` : `(${blank}) OR ${good}`;
  const bad = sound.endsWith(" OR true") ? "false" : `NOT CASE WHEN ${quick} THEN true ELSE ${sound} END`;
  return { columns: [[column.as ?? column.name, value]], bad, reason };
}

const empty = (x: string): string => `${x} IS NULL OR ${trimmed(x)} = ''`;
const missing = (x: string, words: readonly string[]): string =>
  `${x} IS NULL OR lower(${trimmed(x)}) IN (${["", ...words].map(text).join(", ")})`;

const wordsOf = ({ blank = [] }: Column): readonly string[] => blank.map((one) => one.trim().toLowerCase());

/** A date in SQL seconds: without an offset UTC, whatever the machine's time zone. */
const seconds = (x: string): string =>
  `epoch(TRY_CAST(regexp_replace(${trimmed(x)}, ${text(`^(.*[0-9:.])${offset}$`)}, '\\1\\2') AS TIMESTAMPTZ))`;

/** A whole number that is written as DuckDB writes it: an id may then be kept in eight bytes. */
export const isCanonical = (x: string): string => `CAST(TRY_CAST(${x} AS BIGINT) AS VARCHAR) = ${x}`;

function timeRule(column: Column, x: string): Rule {
  const blank = missing(x, ["nan", "nat", ...wordsOf(column)]);
  const as = column.as ?? column.name;
  if (column.format !== undefined) {
    const value = `epoch(try_strptime(${trimmed(x)}, ${text(column.format)}))`;
    const good = `${value} IS NOT NULL`;
    const rule = ruleFor(column, x, {
      value,
      blank,
      good,
      quick: good,
      not: `not a time as ${column.format} writes it`,
    });
    return { ...rule, columns: [...rule.columns, [`${as}_number`, "NULL::DOUBLE"]] };
  }
  const whole = isCanonical(x);
  const isNumber = matches(trimmed(x), number);
  const isDate = matches(trimmed(x), `${date}(${offset})?`);
  const rule = ruleFor(column, x, {
    value: `CASE WHEN ${whole} THEN NULL WHEN ${isDate} THEN ${seconds(x)} END`,
    blank,
    good: `((${isNumber} AND ${finite(x)}) OR (${isDate} AND ${seconds(x)} IS NOT NULL))`,
    quick: whole,
    not: "not a time: `timeFormat` can say how it is written",
  });
  const since = `CASE WHEN ${whole} THEN TRY_CAST(${x} AS DOUBLE) WHEN ${isNumber} THEN TRY_CAST(${x} AS DOUBLE) END`;
  return { ...rule, columns: [...rule.columns, [`${as}_number`, since]] };
}

function labelRule(column: Column, x: string, numeric: string, isNumber: string): Rule {
  const word = `lower(${trimmed(x)})`;
  const odd = `CASE WHEN ${word} = 'true' OR ${numeric} = 1 THEN 1 WHEN ${word} = 'false' OR ${numeric} = 0 THEN 0 END`;
  return ruleFor(column, x, {
    value: `CASE ${x} WHEN '1' THEN 1 WHEN '0' THEN 0 ELSE ${odd} END::UTINYINT`,
    blank: missing(x, ["nan"]),
    good: `(${word} IN ('true', 'false') OR (${isNumber} AND ${numeric} IN (0, 1)))`,
    quick: `${x} IN ('0', '1')`,
    not: "not 0, 1, true or false: a rule in `labels` can say what it means",
  });
}

/** The rule of a column over `x`, SQL of type VARCHAR. */
export function ruleOf(column: Column, x: string): Rule {
  const numeric = `nullif(TRY_CAST(${x} AS DOUBLE), 'nan'::DOUBLE)`;
  const isNumber = `(${matches(trimmed(x), number)} AND ${finite(x)})`;
  const blank = empty(x);
  // A text that begins with more than a space, in the order of bytes, is not blank.
  const quick = `${x} >= '!'`;
  switch (column.kind) {
    case "time":
      return timeRule(column, x);
    case "label":
      return labelRule(column, x, numeric, isNumber);
    case "number": {
      // A word for nothing may be a number, as −1 is.
      const words = wordsOf(column).map(text).join(", ");
      const quick = words === "" ? isCanonical(x) : `(${isCanonical(x)} AND ${x} NOT IN (${words}))`;
      const value = words === "" ? numeric : `CASE WHEN lower(${trimmed(x)}) NOT IN (${words}) THEN ${numeric} END`;
      const judged = { value, blank: missing(x, ["nan", ...wordsOf(column)]), good: isNumber, quick };
      const remedies = [
        [
          `lower(${trimmed(x)}) IN (${wordsForNothing.map(text).join(", ")})`,
          '"missing" of a feature can say that it is none',
        ],
        [matches(trimmed(x), "[-+]?[0-9.]+,[0-9]+"), "write decimals with a point, and thousands with nothing"],
      ] as const;
      return ruleFor(column, x, { ...judged, not: "not a number", remedies });
    }
    case "whole": {
      const good = matches(x, "-?[0-9]+");
      return ruleFor(column, x, { value: x, blank, good, quick: good, not: "not a whole number" });
    }
    case "id":
      return ruleFor(column, x, { value: x, blank, good: "true", quick, not: "" });
    case "text": {
      if (!column.values) return ruleFor(column, x, { value: x, blank, good: "true", quick, not: "" });
      const values = column.values.map(text).join(", ");
      const good = `${x} IN (${values})`;
      const not = `not one of ${column.values.join(", ")}`;
      return ruleFor(column, x, { value: `TRY_CAST(${x} AS ENUM(${values}))`, blank, good, quick: good, not });
    }
  }
}

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
