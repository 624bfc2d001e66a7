import { problem } from "../errors.js";
import { name, text, type Duck } from "./duck.js";
import type { Workspace } from "./workspace.js";

/** Units of a number since 1970: the first whose bound is above the largest number is meant. */
const units = [
  { unit: "seconds", scale: 1, below: 1e11 },
  { unit: "milliseconds", scale: 1e3, below: 1e14 },
  { unit: "microseconds", scale: 1e6, below: 1e17 },
  { unit: "nanoseconds", scale: 1e9, below: 1e20 },
] as const;

/** Numbers that are dates without separators, by their digits. */
const packed = { 8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S" } as const;

/** Refuses a column of numbers such as 20240131, which are dates that nobody would find again as seconds. */
async function refusePacked({ db }: Workspace, table: string, number: string, column: string): Promise<void> {
  for (const [digits, format] of Object.entries(packed)) {
    const written = `CAST(CAST(${number} AS BIGINT) AS VARCHAR)`;
    const year = `try_strptime(${written}, '${format}') BETWEEN TIMESTAMP '1900-01-01' AND TIMESTAMP '2101-01-01'`;
    const fits = `${number} = trunc(${number}) AND ${number} BETWEEN 1e7 AND 1e15 AND length(${written}) = ${digits} AND coalesce(${year}, false)`;
    const told = `(SELECT ${number} FROM ${name(table)} WHERE ${number} IS NOT NULL AND isfinite(${number}))`;
    const query = (of: string): string =>
      `SELECT count(*) FILTER (WHERE NOT (${fits})), any_value(${written}) FROM ${of} HAVING count(*) > 0`;
    // All must be such dates: nearly always a few tell that they are not.
    const [some] = await db.rows(query(`(FROM ${told} LIMIT 1000)`));
    if (some === undefined || Number(some[0]) > 0) continue;
    const [row] = await db.rows(query(told));
    if (row === undefined || Number(row[0]) > 0) continue;
    const what = `times such as ${String(row[1])} are dates, not seconds`;
    throw problem("usage", what, column, `say how they are written: \`timeFormat\` "${format}"`);
  }
}

/**
 * The seconds of a `time` column that was read into `table` as `as` and `as_number`, in SQL. The unit of the numbers is told by
 * the largest, and said; numbers that would be of our time in another unit are an error.
 */
export const secondsOf = async (workspace: Workspace, table: string, as: string, column: string): Promise<string> =>
  (await timesOf(workspace, table, as, column)).sql;

/** The same, with how many of the numbers' units are a second. */
export async function timesOf(
  workspace: Workspace,
  table: string,
  as: string,
  column: string,
): Promise<{ readonly sql: string; readonly scale: number }> {
  const number = name(`${as}_number`);
  const recent = units.map(
    ({ scale }) => `count(*) FILTER (WHERE ${number} BETWEEN ${1e9 * scale} AND ${1e10 * scale})`,
  );
  const [row = []] = await workspace.db.rows(`SELECT max(abs(${number})), ${recent.join(", ")} FROM ${name(table)}`);
  const [largest, ...counts] = row;
  if (largest === null || largest === undefined) return { sql: name(as), scale: 1 };
  await refusePacked(workspace, table, number, column);
  const unit = units.find(({ below }) => Number(largest) < below);
  if (!unit) {
    throw problem(
      "invalid-input",
      `a time is ${Number(largest)}`,
      column,
      "give seconds, milliseconds, microseconds or nanoseconds",
    );
  }
  const others = units.flatMap((other, k) =>
    other !== unit && Number(counts[k]) > 0 ? [`${Number(counts[k])} ${other.unit}`] : [],
  );
  if (others.length > 0) {
    const what = `some times seem to be ${unit.unit}, others (${others.join(", ")}) not`;
    throw problem("invalid-input", what, column, "write all of them in one unit");
  }
  workspace.note(`times in ${column} are ${unit.unit} since 1970`);
  const { scale } = unit;
  return { sql: `coalesce(${name(as)}, ${number}${scale === 1 ? "" : ` / ${scale}`})`, scale };
}

/** Refuses a `timeFormat` that DuckDB does not know. */
export async function checkTimeFormat(db: Duck, format: string): Promise<void> {
  try {
    await db.run(`SELECT try_strptime('', ${text(format)})`);
  } catch (error) {
    if ((error as { code?: string }).code === "interrupted") throw error;
    const what = `the time format is "${format}"`;
    throw problem("usage", what, "timeFormat", "write it as strptime does, e.g. %d.%m.%Y or %m/%d/%Y %H:%M", error);
  }
}
