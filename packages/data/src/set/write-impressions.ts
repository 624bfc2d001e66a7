import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import type { ImpressionCounts, Manifest, ManifestFeature } from "./manifest.js";
import { missingLabel, type Feature, type Impressions, type PreparedSet } from "./prepared-set.js";
import { record } from "./record.js";
import { column, writeKeys, type Column, type WriteTable } from "./write-table.js";

type Shown = NonNullable<PreparedSet["impressions"]>;

/** The values of all parts, one after the other. */
type Join = (read: (part: Impressions) => ArrayLike<number>) => number[];

/** The k-th feature of the impressions: what the manifest says of it, and its column. */
function ownColumn(
  base: WriteTable["base"],
  feature: Feature,
  k: number,
  join: Join,
): { manifest: ManifestFeature; column: Column } {
  const { name, encoding } = feature;
  const source = `feature_${k}`;
  if (feature.kind === "multi-hot") {
    const remedy = "prepare the set from files, which may hold lists";
    throw problem("unsupported", `the rows' feature ${name} has several values a row`, "writePrepared", remedy);
  }
  const values = join((part) => {
    const found = part.features[k] as Feature;
    return found.kind === "numerical" ? found.values : found.ids;
  });
  if (feature.kind === "numerical") {
    return {
      manifest: { entity: "impression", name, kind: "numerical", vocabulary: 0, source, ...given({ encoding }) },
      column: column(source, "DOUBLE", values),
    };
  }
  const file = `${base("feature.impression", name)}.values.parquet`;
  const { vocabulary } = feature;
  return {
    manifest: { entity: "impression", name, kind: "one-hot", vocabulary, source, values: file, ...given({ encoding }) },
    column: column(source, "INTEGER", values),
  };
}

function countLabels(tasks: readonly string[], labels: readonly number[][]): ImpressionCounts["labels"] {
  const count = (t: number, keep: (value: number) => boolean): number => labels[t]?.filter(keep).length ?? 0;
  const known = (t: number): number => count(t, (value) => value !== missingLabel);
  const positive = (t: number): number => count(t, (value) => value === 1);
  return record(tasks.map((task, t) => [task, { known: known(t), positive: positive(t) }]));
}

/** Writes the impressions of a set made in memory, part after part, and the values of their features. */
export async function writeShown(
  table: WriteTable,
  shown: Shown,
): Promise<{ impressions: NonNullable<Manifest["tables"]["impressions"]>; features: ManifestFeature[] }> {
  const parts = [shown.train, shown.valid, shown.test];
  const join: Join = (read) => parts.flatMap((part) => Array.from(read(part)));
  const own = shown.train.features.map((feature, k) => ownColumn(table.base, feature, k, join));
  const timed = shown.train.times !== undefined;
  const labels = shown.tasks.map((_, t) => join((part) => part.labels[t] as Uint8Array));
  const partOf = parts.flatMap((part, k) => Array.from<number>({ length: part.size }).fill(k));
  const columns = [
    column(
      "user",
      "INTEGER",
      join(({ users }) => users),
    ),
    column(
      "item",
      "INTEGER",
      join(({ items }) => items),
    ),
    column("part", "UTINYINT", partOf),
    ...(timed
      ? [
          column(
            "time",
            "DOUBLE",
            join(({ times = [] }) => times),
          ),
        ]
      : []),
    ...labels.map((values, t) => column(`label_${t}`, "UTINYINT", values, missingLabel)),
    ...own.map((entry) => entry.column),
  ];
  const file = "impressions.parquet";
  await table(file, partOf.length, columns, "ALL");
  for (const { manifest } of own) {
    if (manifest.values) await writeKeys(table, manifest.values, manifest.vocabulary - 1, 1);
  }
  const rows = partOf.length;
  const sizes = { train: shown.train.size, valid: shown.valid.size, test: shown.test.size };
  const { tasks } = shown;
  return {
    features: own.map((entry) => entry.manifest),
    impressions: { rows, ...sizes, labels: countLabels(tasks, labels), file, tasks, timed },
  };
}
