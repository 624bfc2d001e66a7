import { given } from "@gradpool/core";
import { openDuck, parquetAt, type Duck } from "../tables/duck.js";
import type { Manifest } from "./manifest.js";
import { longestOf, measureRows, placeRows, readPart, type PlacedRows } from "./open-rows.js";
import { type Feature, type Impressions, type PartName, type PreparedSet, type StreamedRows } from "./prepared-set.js";

type Shown = NonNullable<PreparedSet["impressions"]>;

/** Groups of rows are put together for a shuffle until they have so many rows. */
export const standardBuffer: number = 1 << 20;

/** So many rows of a stream show what its rows look like. */
const shownRows = 64;

/** No rows, of the form that the manifest tells. */
function formOf({ tables }: Manifest): Impressions {
  const shown = tables.impressions as NonNullable<Manifest["tables"]["impressions"]>;
  const features = tables.features.flatMap(({ entity, name, kind, vocabulary, encoding }): Feature[] => {
    if (entity !== "impression") return [];
    const own = { name, ...given({ encoding }) };
    if (kind === "numerical") return [{ ...own, kind, values: new Float32Array(0) }];
    const ids = new Int32Array(0);
    return kind === "one-hot"
      ? [{ ...own, kind, vocabulary, ids }]
      : [{ ...own, kind, vocabulary, ids, offsets: new Int32Array(1) }];
  });
  return {
    size: 0,
    users: new Int32Array(0),
    items: new Int32Array(0),
    labels: shown.tasks.map(() => new Uint8Array(0)),
    features,
    ...(shown.timed && { times: new Float64Array(0) }),
    ...(shown.weighted === true && { weights: new Float32Array(0) }),
  };
}

/** The rows shown: all of them in memory, or their beginning and where the rest is. Undefined: the set has none. */
export async function loadImpressions(
  folder: string,
  manifest: Manifest,
  sides: Pick<PreparedSet, "userFeatures" | "itemFeatures">,
  { rows = "memory", buffer = standardBuffer }: { readonly rows?: "memory" | "stream"; readonly buffer?: number },
): Promise<Shown | undefined> {
  const { impressions } = manifest.tables;
  if (impressions === undefined) return undefined;
  // One thread, and the order of the file: rows come as they stand.
  const db = await openDuck({ threads: 1 });
  try {
    await db.run("SET preserve_insertion_order = true");
    await db.run("SET parquet_metadata_cache = true");
    const placed = await placeRows(db, folder, manifest);
    const like = formOf(manifest);
    const part = (name: PartName) => readPart(db, placed, name, like, rows === "stream" ? shownRows : Infinity);
    const { tasks, anonymous } = impressions;
    const parts = { train: await part("train"), valid: await part("valid"), test: await part("test") };
    const shown: Shown = { tasks, ...given({ anonymous }), ...parts };
    if (rows === "memory") return shown;
    return { ...shown, streamed: await openStream(db, placed, { ...sides, impressions: shown }, buffer) };
  } finally {
    db.close();
  }
}

async function openStream(
  db: Duck,
  placed: PlacedRows,
  set: Parameters<typeof measureRows>[2],
  buffer: number,
): Promise<StreamedRows> {
  const rowsOf = (part: PartName): number => placed.groups[part].reduce((sum, { rows }) => sum + rows, 0);
  return {
    ...placed,
    rows: { train: rowsOf("train"), valid: rowsOf("valid"), test: rowsOf("test") },
    buffer,
    measures: await measureRows(db, placed, set),
    longest: await longestOf(db, placed),
    strays: await straysOf(db, placed),
    known: await knownOf(db, placed),
  };
}

/** Of each label, the training rows that have one. */
async function knownOf(db: Duck, { folder, groups, parts, columns: { labels } }: PlacedRows): Promise<number[]> {
  const known = labels.map(() => 0);
  const where = parts.train === null ? "" : ` WHERE part = ${parts.train}`;
  const counts = labels.map(({ column }) => `count(${column})`).join(", ");
  for (const file of new Set(groups.train.map((group) => group.file))) {
    const [row = []] = await db.rows(`SELECT ${counts} FROM ${parquetAt(`${folder}/${file}`)}${where}`);
    row.forEach((count, k) => (known[k] = (known[k] as number) + Number(count)));
  }
  return known;
}

/** For each two labels, the training rows of the second that are known not to be of the first: whether tasks are steps of a funnel. */
async function straysOf(db: Duck, { folder, groups, parts, columns: { labels } }: PlacedRows): Promise<number[][]> {
  const counts = labels.map(() => labels.map(() => 0));
  const pairs = labels.flatMap((before) =>
    labels.map(
      (later) => `count(*) FILTER (CAST(${later.column} AS TINYINT) = 1 AND CAST(${before.column} AS TINYINT) <> 1)`,
    ),
  );
  const where = parts.train === null ? "" : ` WHERE part = ${parts.train}`;
  for (const file of new Set(groups.train.map((group) => group.file))) {
    const [row = []] = await db.rows(`SELECT ${pairs.join(", ")} FROM ${parquetAt(`${folder}/${file}`)}${where}`);
    for (const [k, count] of row.entries()) {
      const own = counts[Math.floor(k / labels.length)] as number[];
      own[k % labels.length] = (own[k % labels.length] as number) + Number(count);
    }
  }
  return counts;
}
