import { text } from "./duck.js";
import { ruleOf, type Column, type Rule } from "./kinds.js";

/** Integers that fit into eight bytes with a sign. */
const narrow = /^(U?(TINY|SMALL)INT|U?INTEGER|BIGINT)$/;
const dates = /^(DATE|TIMESTAMP.*)$/;

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
  if (column.kind === "time" && dates.test(type)) {
    const columns = [
      [as, `CASE WHEN isfinite(CAST(${x} AS TIMESTAMP)) THEN epoch(CAST(${x} AS TIMESTAMP)) END`],
      [`${as}_number`, "NULL::DOUBLE"],
    ] as const;
    return { columns, bad: "false", reason: "''" };
  }
  // A number's shortest text is read back as the same number; NaN and infinity are judged by their names.
  return ruleOf(column, type === "FLOAT" ? `CAST(CAST(${x} AS DOUBLE) AS VARCHAR)` : `CAST(${x} AS VARCHAR)`);
}
