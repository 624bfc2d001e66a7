import { given, isGradpoolError, type NamesOf, requireNames, requireWord } from "@gradpool/core";
import { problem } from "../errors.js";
import { openDuck } from "../tables/duck.js";
import { createColumns, type Columns } from "./columns.js";
import { loadBehavior, loadFeature, loadLinks } from "./load-tables.js";
import type { Manifest } from "./manifest.js";
import { hashFile } from "./output.js";
import { featureBags, type Behavior, type Feature, type Links, type PreparedSet } from "./prepared-set.js";
import { loadImpressions } from "./load-impressions.js";
import { readManifest } from "./manifest-file.js";
import { record } from "./record.js";

export interface LoadOptions {
  /** Compare every file with the hash in the manifest (default true). */
  readonly verify?: boolean;
  /**
   * `memory` (default): everything is read now. `stream`: rows shown stay in their files, and are read by a thread of their own, group by
   * group, whenever they are needed.
   */
  readonly rows?: "memory" | "stream";
  /** Of a stream, rows that are shuffled together. Default 2²⁰. */
  readonly buffer?: number;
}

const names: NamesOf<LoadOptions> = { verify: true, rows: true, buffer: true };

async function verifyFiles(folder: string, manifest: Manifest): Promise<void> {
  for (const file of manifest.files) {
    // Nobody has told the hashes of files that other programs wrote.
    if (file.sha256 === "") continue;
    const path = `${folder}/${file.name}`;
    const found = await hashFile(path).catch((error: unknown) => {
      throw problem("damaged", "a file of the set is missing", path, "prepare the set again", error);
    });
    if (found.sha256 !== file.sha256) {
      const what =
        found.bytes === file.bytes ? "the file was changed" : `the file has ${found.bytes} bytes, not ${file.bytes}`;
      throw problem("damaged", what, path, "prepare the set again");
    }
  }
}

async function loadFeatures(
  columns: Columns,
  manifest: Manifest,
  entity: "user" | "item",
): Promise<readonly Feature[]> {
  const size = entity === "user" ? manifest.users : manifest.items;
  const features: Feature[] = [];
  for (const feature of manifest.tables.features) {
    if (feature.entity === entity) features.push(await loadFeature(columns, feature, size));
  }
  return features;
}

async function loadTables(columns: Columns, manifest: Manifest): Promise<Omit<PreparedSet, "impressions">> {
  const { users, items, target, tables } = manifest;
  const behaviors: Behavior[] = [];
  for (const behavior of tables.behaviors) behaviors.push(await loadBehavior(columns, behavior, users));
  const userFeatures = await loadFeatures(columns, manifest, "user");
  const itemFeatures = await loadFeatures(columns, manifest, "item");
  const itemPairs: [string, Links][] = [];
  for (const { name, file } of tables.itemPairs) itemPairs.push([name, await loadLinks(columns, file)]);
  const category = itemFeatures.find((feature) => feature.name === tables.category);
  return {
    users,
    items,
    target,
    behaviors: record(behaviors.map((behavior) => [behavior.name, behavior])),
    counts: record(Object.entries(manifest.behaviors)),
    itemPairs: record(itemPairs),
    userFeatures,
    itemFeatures,
    ...given({
      social: tables.social && (await loadLinks(columns, tables.social.file)),
      categories: category && featureBags(category),
    }),
    manifest,
  };
}

/**
 * Loads a prepared set into typed arrays, without an object per row; as a stream, all of it but the rows shown.
 *
 * @throws GradpoolError: `not-found` without a manifest, `version` for another format version, `damaged` if a file is
 * missing or does not have the hash that the manifest gives.
 */
export async function loadPrepared(folder: string, options: LoadOptions = {}): Promise<PreparedSet> {
  requireNames(options, names, "loadPrepared");
  requireWord(options.rows, ["memory", "stream"], "rows", "loadPrepared");
  const manifest = await readManifest(folder);
  if (options.verify ?? true) await verifyFiles(folder, manifest);
  const db = await openDuck();
  try {
    const set = await loadTables(createColumns(db, folder, manifest), manifest);
    return { ...set, ...given({ impressions: await loadImpressions(folder, manifest, set, options) }) };
  } catch (error) {
    if (isGradpoolError(error)) throw error;
    throw problem("damaged", "the set cannot be read", folder, "prepare the set again", error);
  } finally {
    db.close();
  }
}
