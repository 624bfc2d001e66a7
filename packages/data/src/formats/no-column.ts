import { problem } from "../errors.js";

/** Refuses a name that is no column of the source; of one that is, with a type behind it that is none, the type. */
export function noColumn(column: string, present: readonly string[], where: string): Error {
  const [, front = "", type] = /^(.+):([^:]*)$/.exec(column) ?? [];
  if (type !== undefined && present.includes(front.trim())) {
    const remedy = "the types are category, list, number, time, hash and id, with what they take in parentheses";
    return problem("usage", `"${type}" is no type (feature ${front.trim()})`, where, remedy);
  }
  const known = present.slice(0, 50).map((called) => called || '""');
  const more = present.length > known.length ? `, … (${present.length})` : "";
  return problem("usage", `there is no column "${column}"`, where, `the columns are ${known.join(", ")}${more}`);
}
