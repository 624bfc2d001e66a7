import { given } from "@gradpool/core";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { problem } from "../errors.js";
import { globOf, name, openDuck, parquetAt, text, type Duck } from "../tables/duck.js";
import { checkColumns } from "./check-columns.js";
import type { Encoding } from "./encoding.js";
import {
  checkShape,
  isRows,
  refuse,
  type ForeignFeature,
  type ForeignId,
  type ForeignManifest,
} from "./foreign-manifest.js";
import type { Manifest, ManifestFeature, ManifestFile } from "./manifest.js";
import { partNames, type PartName } from "./prepared-set.js";
import { rowColumns } from "./row-columns.js";

export async function filesOf(folder: string, named: string | readonly string[] = []): Promise<string[]> {
  const files: string[] = [];
  for (const entry of typeof named === "string" ? [named] : named) {
    const found = await stat(join(folder, entry)).catch(() => undefined);
    if (found?.isDirectory() === true) files.push(...(await partitionsIn(folder, entry)));
    else files.push(entry);
  }
  return files;
}

/** Parquet files below a folder, by name; those whose names begin with . or _ are being written, or no rows. */
async function partitionsIn(folder: string, below: string): Promise<string[]> {
  const names = await readdir(join(folder, below), { recursive: true });
  const own = names.filter(
    (path) => path.endsWith(".parquet") && !path.split(/[\\/]/).some((part) => /^[._]/.test(part)),
  );
  return own.map((path) => join(below, path)).sort();
}

type Files = Readonly<Record<PartName, readonly string[]>>;

/** One more than the largest value of a column. */
async function sizeOf(
  db: Duck,
  folder: string,
  files: readonly string[],
  column: string,
  list: boolean,
): Promise<number> {
  const value = list ? `list_max(${name(column)})` : name(column);
  let most = -1;
  for (const file of files) {
    most = Math.max(most, await db.number(`SELECT coalesce(max(${value}), -1) FROM ${parquetAt(join(folder, file))}`));
  }
  return most + 1;
}

/** How many users, items and values of features there are. */
export interface RowSizes {
  readonly users: number;
  readonly items: number;
  readonly features: Readonly<Record<string, number>>;
}

/** What the files alone can tell: sizes that were not named, `least` of them at the least. */
async function withSizes(db: Duck, folder: string, manifest: Manifest, least: RowSizes | undefined): Promise<Manifest> {
  const files = manifest.files.map((file) => file.name);
  await checkColumns(db, folder, files, rowColumns(manifest));
  const { user, item } = manifest.tables.impressions?.columns ?? {};
  const sized = async (size: number, column: string | undefined, known = 0, list = false): Promise<number> => {
    if (size !== unknown) return size;
    return column === undefined ? 1 : Math.max(known, await sizeOf(db, folder, files, column, list));
  };
  const features: ManifestFeature[] = [];
  for (const feature of manifest.tables.features) {
    const { name: called, source, kind } = feature;
    const vocabulary = await sized(feature.vocabulary, source, least?.features[called], kind === "multi-hot");
    features.push({ ...feature, vocabulary });
  }
  const [users, items] = [
    await sized(manifest.users, user, least?.users),
    await sized(manifest.items, item, least?.items),
  ];
  return { ...manifest, users, items, tables: { ...manifest.tables, features } };
}

/** A size that was not named. */
const unknown = -1;

/** The manifest of a prepared set that reads the same rows; undefined for anything else. */
export async function expandForeign(folder: string, held: unknown): Promise<Manifest | undefined> {
  if (!isRows(held)) return undefined;
  checkShape(held, folder);
  const db = await openDuck();
  try {
    return await expand(db, folder, held);
  } finally {
    db.close();
  }
}

async function expand(db: Duck, folder: string, held: ForeignManifest, least?: RowSizes): Promise<Manifest> {
  const parts = {
    train: await filesOf(folder, held.train),
    valid: await filesOf(folder, held.valid),
    test: await filesOf(folder, held.test),
  };
  const files: ManifestFile[] = [];
  for (const file of new Set(Object.values(parts).flat())) files.push(await fileOf(db, folder, file));
  return withSizes(db, folder, manifestOf(held, parts, files), least);
}

/** The manifest of a set of other programs, as it stands. Errors: `not-found` without one, `invalid-input` for another. */
export async function readForeign(folder: string): Promise<ForeignManifest> {
  const path = join(folder, "manifest.json");
  const written = await readFile(path, "utf8").catch((error: unknown) => {
    throw problem("not-found", "there is no manifest of rows", path, "write one, with the columns of the rows", error);
  });
  let held: unknown;
  try {
    held = JSON.parse(written);
  } catch (error) {
    throw problem("damaged", "the manifest is no JSON", path, "write it again", error);
  }
  if (!isRows(held))
    throw refuse('it is no set of rows that other programs write ("gradpool-rows")', folder, "write such a manifest");
  checkShape(held, folder);
  return held;
}

/** The manifest of one file of the training rows, as a set of its own. */
export async function expandFile(
  folder: string,
  held: ForeignManifest,
  file: string,
  least?: RowSizes,
): Promise<Manifest> {
  const { valid: _, test: __, ...rest } = held;
  const db = await openDuck();
  try {
    return await expand(db, folder, { ...rest, train: file }, least);
  } finally {
    db.close();
  }
}

/** How many rows and bytes a Parquet file has. Error `damaged` for one that is missing, or none. */
export async function partitionFile(folder: string, file: string): Promise<ManifestFile> {
  const db = await openDuck();
  try {
    return await fileOf(db, folder, file);
  } finally {
    db.close();
  }
}

/** A file as it stands: nobody has told its hash. */
async function fileOf(db: Duck, folder: string, file: string): Promise<ManifestFile> {
  const path = join(folder, file);
  const damaged = (error: unknown) =>
    problem(
      "damaged",
      "a file of the set's rows is missing, or is no Parquet file",
      path,
      "put it back, or correct manifest.json",
      error,
    );
  const { size } = await stat(path).catch((error: unknown) => {
    throw damaged(error);
  });
  const footer = `parquet_file_metadata(${text(globOf(path))})`;
  const rows = await db.number(`SELECT sum(num_rows) FROM ${footer}`).catch((error: unknown) => {
    throw damaged(error);
  });
  return { name: file, rows, bytes: size, sha256: "" };
}

const idOf = (id: string | ForeignId | undefined): { readonly column?: string; readonly size?: number } =>
  typeof id === "string" ? { column: id } : (id ?? {});

function manifestOf(held: ForeignManifest, parts: Files, files: readonly ManifestFile[]): Manifest {
  const rowsOf = (part: PartName): number =>
    parts[part].reduce((sum, file) => sum + (files.find(({ name: called }) => called === file)?.rows ?? 0), 0);
  const [train, valid, test] = partNames.map(rowsOf) as [number, number, number];
  const [user, item] = [idOf(held.user), idOf(held.item)];
  const labels: Readonly<Record<string, string>> = Array.isArray(held.labels)
    ? Object.fromEntries(held.labels.map((label: string) => [label, label]))
    : (held.labels as Readonly<Record<string, string>>);
  const tasks = Object.keys(labels);
  const anonymous = [
    ...(user.column === undefined ? ["user" as const] : []),
    ...(item.column === undefined ? ["item" as const] : []),
  ];
  const columns = {
    labels: Object.values(labels),
    ...given({ user: user.column, item: item.column, time: held.time, weight: held.weight }),
  };
  const beside = given({
    weighted: held.weight === undefined ? undefined : (true as const),
    anonymous: anonymous.length === 0 ? undefined : anonymous,
  });
  return {
    format: "gradpool-data",
    version: 3,
    sources: [],
    options: { format: "rows", keepLeakage: true },
    split: { kind: "given" },
    seed: 1,
    target: tasks[0] as string,
    users: user.size ?? unknown,
    items: item.size ?? unknown,
    behaviors: {},
    malformed: { count: 0, first: [] },
    tables: {
      users: "",
      items: "",
      behaviors: [],
      itemPairs: [],
      features: Object.entries(held.features ?? {}).map(([called, feature]) => featureOf(called, feature)),
      impressions: {
        rows: train + valid + test,
        train,
        valid,
        test,
        labels: {},
        tasks,
        timed: held.time !== undefined,
        partitions: parts,
        columns,
        ...beside,
      },
    },
    files,
  };
}

function featureOf(called: string, feature: ForeignFeature): ManifestFeature {
  const { column = called } = feature;
  const own = { entity: "impression", name: called, source: column } as const;
  if (feature.kind === "number") {
    const { scale = "standard", flag } = feature;
    const encoding: Encoding = { kind: "number", columns: [column], scale, ...given({ flag }) };
    return { ...own, kind: "numerical", vocabulary: 0, encoding };
  }
  const { vocabulary = unknown } = feature;
  if (feature.kind === "category") return { ...own, kind: "one-hot", vocabulary };
  const { pooling = "mean" } = feature;
  const encoding: Encoding = { kind: "list", columns: [column], separator: "|", pooling };
  return { ...own, kind: "multi-hot", vocabulary, encoding };
}
