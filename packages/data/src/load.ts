import { readFile } from "node:fs/promises";
import { isGradpoolError } from "@gradpool/core";
import { problem } from "./errors.js";
import { formatVersion, type Manifest, type ManifestBehavior, type ManifestFeature } from "./manifest.js";
import { openDuck, text, type Duck } from "./prepare/duck.js";
import { hashFile } from "./prepare/output.js";
import {
  featureBags,
  missingLabel,
  noInteractions,
  toBags,
  type Behavior,
  type Feature,
  type Impressions,
  type Interactions,
  type Links,
  type PreparedSet,
} from "./prepared-set.js";

export interface LoadOptions {
  /** Compare every file with the hash in the manifest (default true). */
  readonly verify?: boolean;
}

/** Reads and checks `manifest.json` alone. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = `${folder}/manifest.json`;
  const written = await readFile(path, "utf8").catch((error: unknown) => {
    throw problem("not-found", "there is no prepared set", path, "make one with gradpool prepare", error);
  });
  let manifest: Partial<Manifest>;
  try {
    manifest = JSON.parse(written) as Partial<Manifest>;
  } catch (error) {
    throw problem("damaged", "the manifest is no JSON", path, "prepare the set again", error);
  }
  if (manifest?.format !== "gradpool-data" || !Array.isArray(manifest.files) || !manifest.tables) {
    throw problem("damaged", "this is not the manifest of a prepared set", path, "prepare the set again");
  }
  if (manifest.version !== formatVersion) {
    const remedy = (manifest.version ?? 0) > formatVersion ? "update @gradpool/data" : "prepare the set again";
    throw problem("version", `the set has format version ${manifest.version}, not ${formatVersion}`, path, remedy);
  }
  return manifest as Manifest;
}

async function verifyFiles(folder: string, manifest: Manifest): Promise<void> {
  for (const file of manifest.files) {
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

/** Reads whole columns of Parquet files into typed arrays. */
function createColumns(db: Duck, folder: string, manifest: Manifest) {
  const rowsOf = (file: string): number => manifest.files.find((entry) => entry.name === file)?.rows ?? 0;
  async function fill(
    file: string,
    columns: readonly string[],
    arrays: readonly { [row: number]: number }[],
    empty: number,
    where = "",
  ): Promise<void> {
    let start = 0;
    const query = `SELECT ${columns.join(", ")} FROM read_parquet(${text(`${folder}/${file}`)}, file_row_number=true) ${where} ORDER BY file_row_number`;
    await db.columns(query, (chunk) => {
      for (const [c, array] of arrays.entries()) {
        for (let row = 0; row < chunk.rows; row++) array[start + row] = (chunk.get(c, row) as number | null) ?? empty;
      }
      start += chunk.rows;
    });
  }
  return { rowsOf, fill };
}

type Columns = ReturnType<typeof createColumns>;

async function loadInteractions(
  columns: Columns,
  file: string,
  behavior: ManifestBehavior,
  users: number,
): Promise<Interactions> {
  const rows = columns.rowsOf(file);
  const owners = new Int32Array(rows);
  const items = new Int32Array(rows);
  const values = new Float32Array(behavior.valued ? rows : 0);
  const times = new Float64Array(behavior.timed ? rows : 0);
  await columns.fill(
    file,
    [`"user"`, "item", ...(behavior.valued ? ["value"] : []), ...(behavior.timed ? [`"time"`] : [])],
    [owners, items, ...(behavior.valued ? [values] : []), ...(behavior.timed ? [times] : [])],
    Number.NaN,
  );
  const offsets = new Int32Array(users + 1);
  for (const owner of owners) offsets[owner + 1] = (offsets[owner + 1] as number) + 1;
  for (let u = 0; u < users; u++) offsets[u + 1] = (offsets[u + 1] as number) + (offsets[u] as number);
  return { offsets, items, ...(behavior.valued ? { values } : {}), ...(behavior.timed ? { times } : {}) };
}

async function loadLinks(columns: Columns, file: string): Promise<Links> {
  const left = new Int32Array(columns.rowsOf(file));
  const right = new Int32Array(left.length);
  await columns.fill(file, [`"left"`, `"right"`], [left, right], 0);
  return { left, right };
}

async function loadFeature(columns: Columns, feature: ManifestFeature, size: number): Promise<Feature> {
  const { name, kind, vocabulary, source } = feature;
  const rows = columns.rowsOf(source);
  const owners = new Int32Array(rows);
  const found = kind === "numerical" ? new Float32Array(rows) : new Int32Array(rows);
  await columns.fill(source, ["id", "value"], [owners, found], 0);
  if (kind === "multi-hot") return { kind, name, vocabulary, ...toBags(owners, found as Int32Array, size) };
  const values = kind === "numerical" ? new Float32Array(size).fill(Number.NaN) : new Int32Array(size);
  for (let k = 0; k < rows; k++) values[owners[k] as number] = found[k] as number;
  return kind === "numerical"
    ? { kind, name, values: values as Float32Array }
    : { kind: "one-hot", name, vocabulary, ids: values as Int32Array };
}

async function loadImpressions(columns: Columns, manifest: Manifest, part: number): Promise<Impressions> {
  const table = manifest.tables.impressions as NonNullable<Manifest["tables"]["impressions"]>;
  const size = [table.train, table.valid, table.test][part] as number;
  const users = new Int32Array(size);
  const items = new Int32Array(size);
  const times = new Float64Array(table.timed ? size : 0);
  const labels = table.tasks.map(() => new Uint8Array(size));
  const own = manifest.tables.features.filter((feature) => feature.entity === "impression");
  const features = own.map((feature): Feature => {
    const { name, vocabulary } = feature;
    return feature.kind === "numerical"
      ? { kind: "numerical", name, values: new Float32Array(size) }
      : { kind: "one-hot", name, vocabulary, ids: new Int32Array(size) };
  });
  const arrays = features.map((feature) => (feature.kind === "numerical" ? feature.values : feature.ids));
  const where = `WHERE part = ${part}`;
  await columns.fill(
    table.file,
    [`"user"`, "item", ...(table.timed ? [`"time"`] : []), ...own.map((feature) => feature.source)],
    [users, items, ...(table.timed ? [times] : []), ...arrays],
    Number.NaN,
    where,
  );
  await columns.fill(
    table.file,
    table.tasks.map((_, k) => `label_${k}`),
    labels,
    missingLabel,
    where,
  );
  return { size, users, items, ...(table.timed ? { times } : {}), labels, features };
}

/**
 * Loads a prepared set into typed arrays, without an object per row.
 *
 * @throws GradpoolError: `not-found` without a manifest, `version` for another format version, `damaged` if a file is
 * missing or does not have the hash that the manifest gives.
 */
export async function loadPrepared(folder: string, options: LoadOptions = {}): Promise<PreparedSet> {
  const manifest = await readManifest(folder);
  if (options.verify ?? true) await verifyFiles(folder, manifest);
  const { users, items, target, tables } = manifest;
  const db = await openDuck();
  try {
    const columns = createColumns(db, folder, manifest);
    const behaviors: Record<string, Behavior> = {};
    for (const behavior of tables.behaviors) {
      const part = async (file: string | undefined): Promise<Interactions> =>
        file === undefined ? noInteractions(users) : loadInteractions(columns, file, behavior, users);
      const { train, valid, test } = behavior.files;
      behaviors[behavior.name] = {
        name: behavior.name,
        train: await part(train),
        valid: await part(valid),
        test: await part(test),
      };
    }
    const userFeatures: Feature[] = [];
    const itemFeatures: Feature[] = [];
    for (const feature of tables.features) {
      if (feature.entity === "user") userFeatures.push(await loadFeature(columns, feature, users));
      if (feature.entity === "item") itemFeatures.push(await loadFeature(columns, feature, items));
    }
    const itemPairs: Record<string, Links> = {};
    for (const { name, file } of tables.itemPairs) itemPairs[name] = await loadLinks(columns, file);
    const category = itemFeatures.find((feature) => feature.name === tables.category);
    const categories = category && featureBags(category);
    return {
      users,
      items,
      target,
      behaviors,
      counts: manifest.behaviors,
      ...(tables.social ? { social: await loadLinks(columns, tables.social.file) } : {}),
      itemPairs,
      ...(categories ? { categories } : {}),
      userFeatures,
      itemFeatures,
      ...(tables.impressions
        ? {
            impressions: {
              tasks: tables.impressions.tasks,
              train: await loadImpressions(columns, manifest, 0),
              valid: await loadImpressions(columns, manifest, 1),
              test: await loadImpressions(columns, manifest, 2),
            },
          }
        : {}),
      manifest,
    };
  } catch (error) {
    if (isGradpoolError(error)) throw error;
    throw problem("damaged", "the set cannot be read", folder, "prepare the set again", error);
  } finally {
    db.close();
  }
}

/** The source's own ids, by dense id: for showing results to people. */
export async function loadKeys(
  folder: string,
): Promise<{ readonly users: readonly string[]; readonly items: readonly string[] }> {
  const { tables } = await readManifest(folder);
  const db = await openDuck();
  try {
    const read = async (file: string): Promise<string[]> => {
      const keys: string[] = [];
      await db.columns(`SELECT key FROM read_parquet(${text(`${folder}/${file}`)}) ORDER BY id`, (chunk) => {
        for (let row = 0; row < chunk.rows; row++) keys.push(String(chunk.get(0, row)));
      });
      return keys;
    };
    return { users: await read(tables.users), items: await read(tables.items) };
  } finally {
    db.close();
  }
}
