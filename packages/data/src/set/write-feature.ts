import type { ManifestFeature } from "./manifest.js";
import { expandOffsets, type Feature } from "./prepared-set.js";
import { column, writeKeys, type WriteTable } from "./write-table.js";

/** Writes a feature of users or items whose values are their numbers. */
export async function writeOwned(
  table: WriteTable,
  entity: "user" | "item",
  feature: Feature,
): Promise<ManifestFeature> {
  const { name, kind } = feature;
  const base = table.base(`feature.${entity}`, name);
  const source = `${base}.parquet`;
  const every = feature.kind === "multi-hot" ? expandOffsets(feature.offsets) : undefined;
  const all = feature.kind === "numerical" ? feature.values : feature.ids;
  const rows = [...all.keys()].filter((row) => (kind === "numerical" ? !Number.isNaN(all[row]) : all[row] !== 0));
  const owners = rows.map((row) => every?.[row] ?? row);
  const values = rows.map((row) => all[row] as number);
  const type = kind === "numerical" ? "DOUBLE" : "INTEGER";
  await table(source, rows.length, [column("id", "INTEGER", owners), column("value", type, values)], "id, value");
  if (feature.kind === "numerical") return { entity, name, kind, vocabulary: 0, source };
  await writeKeys(table, `${base}.values.parquet`, feature.vocabulary - 1, 1);
  return { entity, name, kind, vocabulary: feature.vocabulary, source, values: `${base}.values.parquet` };
}
