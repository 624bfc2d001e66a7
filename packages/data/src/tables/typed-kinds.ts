import { text } from "./duck.js";
import { ruleOf, type Column, type Rule } from "./kinds.js";

/** Integers that fit into eight bytes with a sign. */
const narrow = /^(U?(TINY|SMALL)INT|U?INTEGER|BIGINT)$/;
const dates = /^(DATE|TIMESTAMP.*)$/;

/** Types of floats, and from where on two whole numbers may be one in them: ids that came through such a column may be merged. */
const exactBelow: ReadonlyMap<string, string> = new Map([
  ["FLOAT", "16777216"],
  ["DOUBLE", "9007199254740992"],
]);

/** Is it made of several values? */
export const isNested = (type: string): boolean => /\[\d*\]$|^(STRUCT|MAP|UNION)\b/.test(type);

/** An id as data frames keep it where some are missing: 7.0 is 7, NaN is none, and what floats cannot tell apart is no id. */
function floatId(column: Column, x: string, limit: string): Rule {
  const whole = `CAST(CAST(${x} AS BIGINT) AS VARCHAR)`;
  const written = `CASE WHEN isnan(${x}) THEN NULL WHEN abs(${x}) < ${limit} AND ${x} = trunc(${x}) THEN ${whole} ELSE CAST(${x} AS VARCHAR) END`;
  const rule = ruleOf(column, written);
  const large = `(NOT isnan(${x}) AND abs(${x}) >= ${limit})`;
  const reason = `${text(`${column.name} is "`)} || CAST(${x} AS VARCHAR) || ${text('", a float too large to be exact: write ids as integers or text')}`;
  return {
    columns: rule.columns,
    bad: `coalesce(${large}, false) OR (${rule.bad})`,
    reason: `CASE WHEN ${large} THEN ${reason} ELSE ${rule.reason} END`,
  };
}

/** Numbers, times and labels that need not become texts to be judged; undefined for what does, as where words for nothing are named. */
function typedCell(column: Column, x: string, type: string): Rule | undefined {
  const as = column.as ?? column.name;
  const isFloat = exactBelow.has(type);
  const missing = column.required ? `${x} IS NULL` : "false";
  if (column.kind === "label" && narrow.test(type)) {
    const bad = `coalesce(${x} NOT IN (0, 1), ${column.required ?? false})`;
    return { ...ruleOf(column, `CAST(${x} AS VARCHAR)`), columns: [[as, `CAST(${x} AS UTINYINT)`]], bad };
  }
  if (column.kind === "time" && column.format === undefined && narrow.test(type) && (column.blank ?? []).length === 0) {
    const columns = [
      [as, "NULL::DOUBLE"],
      [`${as}_number`, `CAST(${x} AS DOUBLE)`],
    ] as const;
    return { columns, bad: missing, reason: ruleOf(column, `CAST(${x} AS VARCHAR)`).reason };
  }
  if (column.kind !== "number" || (column.blank ?? []).length > 0 || !(isFloat || narrow.test(type))) return undefined;
  const { reason } = ruleOf(column, textOf(x, type));
  if (!isFloat) return { columns: [[as, `CAST(${x} AS DOUBLE)`]], bad: missing, reason };
  const nothing = column.required ? `coalesce(isnan(${x}), true)` : "false";
  const value = `CASE WHEN NOT isnan(${x}) THEN CAST(${x} AS DOUBLE) END`;
  return { columns: [[as, value]], bad: `${nothing} OR coalesce(isinf(${x}), false)`, reason };
}

/** A number's shortest text is read back as the same number; NaN and infinity are judged by their names. */
const textOf = (x: string, type: string): string =>
  type === "FLOAT" ? `CAST(CAST(${x} AS DOUBLE) AS VARCHAR)` : `CAST(${x} AS VARCHAR)`;

/**
 * The rule of a column over `x`, SQL of a type of its own. Ids that fit into eight bytes stay numbers, every other id is its
 * text; numbers, labels and times are judged as those of text files are.
 */
export function typedRuleOf(column: Column, x: string, type: string): Rule {
  const as = column.as ?? column.name;
  if (column.kind === "id" && narrow.test(type)) {
    const bad = column.required ? `${x} IS NULL` : "false";
    return { columns: [[as, `CAST(${x} AS BIGINT)`]], bad, reason: text(`${column.name} is empty`) };
  }
  const asTyped = typedCell(column, x, type);
  if (asTyped !== undefined) return asTyped;
  if (column.kind === "id" && exactBelow.has(type)) return floatId(column, x, exactBelow.get(type) as string);
  if (column.kind === "time" && dates.test(type)) {
    const columns = [
      [as, `CASE WHEN isfinite(CAST(${x} AS TIMESTAMP)) THEN epoch(CAST(${x} AS TIMESTAMP)) END`],
      [`${as}_number`, "NULL::DOUBLE"],
    ] as const;
    return { columns, bad: "false", reason: "''" };
  }
  return ruleOf(column, textOf(x, type));
}
