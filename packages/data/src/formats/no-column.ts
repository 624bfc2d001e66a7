import { problem } from "../errors.js";

/** Refuses a name that is no column of the source. */
export function noColumn(column: string, present: readonly string[], where: string): Error {
  const known = present.slice(0, 50).map((called) => called || '""');
  const more = present.length > known.length ? `, … (${present.length})` : "";
  return problem("usage", `there is no column "${column}"`, where, `the columns are ${known.join(", ")}${more}`);
}
