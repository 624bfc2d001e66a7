import { parquetAt, type Duck } from "../tables/duck.js";
import type { Measure } from "./measure.js";
import { addRows, measuring, numbersOf } from "./measures.js";
import { checkColumns } from "./check-columns.js";
import type { Manifest } from "./manifest.js";
import { partNames, type Feature, type Impressions, type PartName, type StreamedRows } from "./prepared-set.js";
import { rowReader } from "./read-rows.js";
import { rowBlock, type WantedColumns } from "./row-block.js";
import { rowColumns, rowFiles } from "./row-columns.js";
import { rowGroups, rowGroupsOfPart, type RowGroup } from "./row-groups.js";

type Shown = NonNullable<Manifest["tables"]["impressions"]>;

/** Where the rows of a set stand. */
export type PlacedRows = Pick<StreamedRows, "folder" | "columns" | "groups" | "parts">;

/** Finds the rows of all parts by the footers of their files, whose columns are checked. */
export async function placeRows(db: Duck, folder: string, manifest: Manifest): Promise<PlacedRows> {
  const columns = rowColumns(manifest);
  const files = rowFiles(manifest.tables.impressions as Shown);
  await checkColumns(db, folder, [...new Set(partNames.flatMap((part) => files[part].files))], columns);
  const groups: [PartName, readonly RowGroup[]][] = [];
  for (const part of partNames) {
    const { files: own, part: number } = files[part];
    groups.push([
      part,
      await (number === null ? rowGroups(db, folder, own) : rowGroupsOfPart(db, folder, own, number)),
    ]);
  }
  return {
    folder,
    columns,
    groups: Object.fromEntries(groups) as never,
    parts: Object.fromEntries(partNames.map((part) => [part, files[part].part])) as never,
  };
}

/** Every column of rows that look as `like`. */
const allColumns = (like: Impressions): WantedColumns => ({
  items: true,
  times: like.times !== undefined,
  weights: like.weights !== undefined,
  labels: [...like.labels.keys()],
  features: [...like.features.keys()],
});

/** Rows of a part: all of them, or the first `most`. */
export async function readPart(
  db: Duck,
  placed: PlacedRows,
  part: PartName,
  like: Impressions,
  most: number = Infinity,
): Promise<Impressions> {
  const { folder, columns, groups, parts } = placed;
  const size = Math.min(
    most,
    groups[part].reduce((sum, { rows }) => sum + rows, 0),
  );
  const wanted = allColumns(like);
  const block = rowBlock(like, size, wanted);
  const reader = rowReader(db, folder, columns, wanted, parts[part]);
  for (const group of groups[part]) {
    if (block.size < size) await reader.add(block, group, Math.min(group.rows, size - block.size));
  }
  const features = block.features.map((feature): Feature => {
    if (feature.kind !== "multi-hot") return feature;
    return { ...feature, ids: feature.ids.slice(0, feature.offsets[size]) };
  });
  return { ...block, features };
}

/** Group after group of a part's rows, in one block that is filled again and again. */
async function* eachGroup(
  db: Duck,
  placed: PlacedRows,
  part: PartName,
  like: Impressions,
  wanted: WantedColumns,
): AsyncGenerator<Impressions> {
  const { folder, columns, groups, parts } = placed;
  const block = rowBlock(like, Math.max(0, ...groups[part].map(({ rows }) => rows)), wanted);
  const reader = rowReader(db, folder, columns, wanted, parts[part]);
  for (const group of groups[part]) {
    block.size = 0;
    await reader.add(block, group);
    yield block;
  }
}

/** What numerical features are standardised by, over the training rows in their order. */
export async function measureRows(
  db: Duck,
  placed: PlacedRows,
  set: Parameters<typeof numbersOf>[0],
): Promise<Readonly<Record<string, Measure>>> {
  const numbers = numbersOf(set);
  const like = set.impressions?.train;
  if (numbers.length === 0 || like === undefined) return {};
  const collected = numbers.map(({ feature }) => measuring(feature.encoding));
  const wanted: WantedColumns = {
    items: numbers.some(({ owner }) => owner === "item"),
    times: false,
    weights: false,
    labels: [],
    features: numbers.flatMap(({ owner, index }) => (owner === "row" ? index : [])),
  };
  for await (const rows of eachGroup(db, placed, "train", like, wanted)) {
    for (const [k, { feature, owner, index }] of numbers.entries()) {
      const own = owner === "row" ? (rows.features[index] as typeof feature) : feature;
      addRows(collected[k] as (typeof collected)[number], own, rows, owner);
    }
  }
  return Object.fromEntries(
    numbers.map(({ feature }, k) => [feature.name, (collected[k] as (typeof collected)[number]).measure()]),
  );
}

/** Of features with several values a row, the most that any row has. */
export async function longestOf(db: Duck, placed: PlacedRows): Promise<Readonly<Record<string, number>>> {
  const lists = placed.columns.features.filter(({ kind }) => kind === "multi-hot");
  const files = [...new Set(partNames.flatMap((part) => placed.groups[part].map(({ file }) => file)))];
  if (lists.length === 0 || files.length === 0) return {};
  const most = lists.map(({ column }) => `max(len(${column}))`).join(", ");
  const longest = lists.map(() => 0);
  for (const file of files) {
    const [row = []] = await db.rows(`SELECT ${most} FROM ${parquetAt(`${placed.folder}/${file}`)}`);
    row.forEach((value, k) => (longest[k] = Math.max(longest[k] as number, Number(value ?? 0))));
  }
  return Object.fromEntries(lists.map(({ name }, k) => [name, longest[k] as number]));
}
