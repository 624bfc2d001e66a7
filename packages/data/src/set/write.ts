import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { given } from "@gradpool/core";
import { openDuck } from "../tables/duck.js";
import { checkInvariants } from "./invariants.js";
import { versionOf, type Manifest, type ManifestBehavior, type ManifestFeature } from "./manifest.js";
import { writeManifest } from "./manifest-file.js";
import { createOutput } from "./output.js";
import { expandOffsets, type Behavior, type Interactions, type Links, type PreparedSet } from "./prepared-set.js";
import { intoFolder } from "./publish.js";
import { writeOwned } from "./write-feature.js";
import { writeShown } from "./write-impressions.js";
import { column, tableWriter, writeKeys, type Column, type WriteTable } from "./write-table.js";

export interface WriteOptions {
  /** Recorded in the manifest, beside the format `generated`: what the set was made with. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly seed?: number;
  /** Replace a prepared set that is there. */
  readonly force?: boolean;
}

const pairColumns = (part: Interactions): Column[] => [
  column("user", "INTEGER", expandOffsets(part.offsets)),
  column("item", "INTEGER", part.items),
  ...(part.times ? [column("time", "DOUBLE", part.times)] : []),
  ...(part.values ? [column("value", "DOUBLE", part.values)] : []),
];

async function writeBehavior(table: WriteTable, behavior: Behavior, isTarget: boolean): Promise<ManifestBehavior> {
  const files: Record<string, string> = {};
  const base = table.base("pairs", behavior.name);
  for (const part of isTarget ? (["train", "valid", "test"] as const) : (["train"] as const)) {
    const file = `${base}.${part}.parquet`;
    await table(file, behavior[part].items.length, pairColumns(behavior[part]), `"user", item`);
    files[part] = file;
  }
  const { times, values } = behavior.train;
  return { name: behavior.name, files, timed: times !== undefined, valued: values !== undefined };
}

async function writeLinks(table: WriteTable, file: string, { left, right }: Links) {
  const columns = [column("left", "INTEGER", left), column("right", "INTEGER", right)];
  await table(file, left.length, columns, `"left", "right"`);
  return { file, pairs: left.length };
}

/** Every table of the set, written; what the manifest says of them. */
async function writeTables(table: WriteTable, set: PreparedSet): Promise<Manifest["tables"]> {
  const [users, items] = ["users.parquet", "items.parquet"] as const;
  await writeKeys(table, users, set.users);
  await writeKeys(table, items, set.items);
  const behaviors: ManifestBehavior[] = [];
  for (const behavior of Object.values(set.behaviors)) {
    behaviors.push(await writeBehavior(table, behavior, behavior.name === set.target));
  }
  const social = set.social && (await writeLinks(table, "social.parquet", set.social));
  const itemPairs = [];
  for (const [name, pairs] of Object.entries(set.itemPairs)) {
    itemPairs.push({ name, ...(await writeLinks(table, `${table.base("item-pairs", name)}.parquet`, pairs)) });
  }
  const features: ManifestFeature[] = [];
  for (const feature of set.userFeatures) features.push(await writeOwned(table, "user", feature));
  for (const feature of set.itemFeatures) features.push(await writeOwned(table, "item", feature));
  const category = set.categories && set.itemFeatures.find((feature) => feature.name === "category")?.name;
  const shown = set.impressions && (await writeShown(table, set.impressions));
  return {
    users,
    items,
    behaviors,
    ...given({ social }),
    itemPairs,
    features: [...features, ...(shown?.features ?? [])],
    ...given({ category, impressions: shown?.impressions }),
  };
}

/**
 * Writes a set that was made in memory (by `generateShop`) as `prepare` would: Parquet and manifest, checked, moved into
 * place when whole. The names of users, items and values are their numbers. Same set, same bytes.
 *
 * @throws GradpoolError: `usage` if the folder is taken, `failed` if it cannot be written.
 */
export async function writePrepared(set: PreparedSet, out: string, options: WriteOptions = {}): Promise<Manifest> {
  return intoFolder(resolve(out), options.force ?? false, async (work) => {
    await mkdir(`${work}/set`);
    const db = await openDuck({ path: `${work}/stage.duckdb` });
    try {
      const workspace = { db, progress: () => undefined };
      const output = createOutput(workspace, `${work}/set`);
      const tables = await writeTables(tableWriter(output, work), set);
      const manifest: Omit<Manifest, "files"> = {
        format: "gradpool-data",
        version: versionOf(tables),
        sources: [],
        options: { format: "generated", keepLeakage: false, ...options.options },
        split: { kind: "random", train: 0.7, valid: 0.15, test: 0.15 },
        seed: options.seed ?? 1,
        target: set.target,
        users: set.users,
        items: set.items,
        behaviors: set.counts,
        malformed: { count: 0, first: [] },
        tables,
      };
      await checkInvariants(workspace, output, manifest);
      const whole: Manifest = { ...manifest, files: output.files };
      await writeManifest(`${work}/set`, whole);
      return whole;
    } finally {
      db.close();
    }
  });
}
