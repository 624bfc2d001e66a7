import { problem } from "../errors.js";
import { partNames, type PartName } from "../set/prepared-set.js";
import type { Output } from "../set/output.js";
import { text } from "../tables/duck.js";
import type { Context } from "./context.js";
import { type Period, periods } from "./options.js";

/** Files of each part, in their order. */
export type Partitions = Readonly<Record<PartName, readonly string[]>>;

/** Small, so that a reader shuffles rows of several files together. */
const rowsPerGroup = 1 << 17;

/** What Hive calls a partition of rows that do not say to which they belong. */
const nowhere = "__HIVE_DEFAULT_PARTITION__";

/** Whether rows shown are to stand in several files. */
export const isPartitioned = ({ resolved }: Context): boolean =>
  resolved.rowsPerFile !== undefined || resolved.partitionBy !== undefined;

/** Refuses to part what is not there: `shown` rows, or their times. */
export function requireParted({ resolved }: Context, shown: boolean, timed: boolean): void {
  const { rowsPerFile, partitionBy } = resolved;
  if (!shown && (rowsPerFile !== undefined || partitionBy !== undefined)) {
    const option = rowsPerFile === undefined ? "partitionBy" : "rowsPerFile";
    throw problem("usage", "the set has no rows shown, and pairs are one file", option, "leave it out");
  }
  if (partitionBy === undefined || timed) return;
  const remedy = "name the time column, or give `rowsPerFile`";
  throw problem("usage", `the rows have no times to be parted by ${partitionBy}`, "partitionBy", remedy);
}

const periodOf = (period: Period): string =>
  `coalesce(strftime(make_timestamp(CAST(time * 1e6 AS BIGINT)), ${text(periods[period])}), ${text(nowhere)})`;

/**
 * Writes rows as files of their part, `impressions/train/day=2026-01-02/part-00000.parquet`: by their period first, and within it in an order that says
 * nothing, by a hash of the row. A reader that shuffles some row groups together then meets rows of everybody, where rows in the order of users would give
 * it a few users at a time. They are sorted once, on the disk where they do not fit. `selected`: the query, whose columns `part` and `time` tell where rows
 * go. Answers with the relation of all rows, too.
 */
export async function writePartitions(
  { db, resolved, progress }: Context,
  output: Output,
  selected: string,
): Promise<{ readonly relation: string; readonly partitions: Partitions }> {
  const { rowsPerFile = Infinity, partitionBy } = resolved;
  const period = partitionBy === undefined ? "''" : periodOf(partitionBy);
  progress("write", "sorting rows");
  // Users and items tell apart what a hash of 64 bits may not; rows that are the same may change places.
  const hashed = `SELECT *, ${period} AS period, hash(*COLUMNS(*)) AS chance FROM (${selected})`;
  // The order in which rows are inserted is the order in which they are found again.
  await db.run("SET preserve_insertion_order = true");
  try {
    await db.run(
      `CREATE TABLE sorted AS SELECT * EXCLUDE (chance) FROM (${hashed}) ORDER BY part, period, chance, "user", item`,
    );
  } finally {
    await db.run("SET preserve_insertion_order = false");
  }
  const partitions: Record<PartName, string[]> = { train: [], valid: [], test: [] };
  let start = 0;
  for (const [part, held, count] of await db.rows(
    "SELECT part, period, count(*) FROM sorted GROUP BY ALL ORDER BY ALL",
  )) {
    const name = partNames[Number(part)] as PartName;
    const below = partitionBy === undefined ? "" : `${partitionBy}=${String(held)}/`;
    const end = start + Number(count);
    for (let k = 0; start < end; k++) {
      const to = Math.min(end, start + rowsPerFile);
      const file = `impressions/${name}/${below}part-${String(k).padStart(5, "0")}.parquet`;
      const rows = `SELECT * EXCLUDE (part, period) FROM sorted WHERE rowid >= ${start} AND rowid < ${to} ORDER BY rowid`;
      const written = await output.write(file, rows, rowsPerGroup);
      if (written !== to - start)
        throw problem("failed", `${written} rows written, not ${to - start}`, file, "report this as a bug");
      partitions[name].push(file);
      start = to;
    }
  }
  return { relation: "sorted", partitions };
}
