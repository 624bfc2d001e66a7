import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { formatVersion, type Manifest, type ManifestBehavior, type ManifestFeature } from "./manifest.js";
import { openText } from "./prepare/convert.js";
import { openDuck, text, type Duck } from "./prepare/duck.js";
import { checkInvariants } from "./prepare/invariants.js";
import { createOutput, slug, type Output } from "./prepare/output.js";
import { intoFolder } from "./prepare/publish.js";
import {
  expandOffsets,
  missingLabel,
  type Feature,
  type Impressions,
  type Interactions,
  type PreparedSet,
} from "./prepared-set.js";

export interface WriteOptions {
  /** Recorded in the manifest, beside the format `generated`: what the set was made with. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly seed?: number;
  /** Replace a prepared set that is there. */
  readonly force?: boolean;
}

interface Column {
  readonly name: string;
  readonly type: "INTEGER" | "DOUBLE" | "FLOAT" | "UTINYINT" | "VARCHAR";
  at(row: number): number | string | undefined;
}

const column = (name: string, type: Column["type"], values: ArrayLike<number>, missing?: number): Column => ({
  name,
  type,
  at: (row) => (values[row] === missing || Number.isNaN(values[row]) ? undefined : values[row]),
});

/** Columns in memory → Parquet, by way of a CSV in the working folder. */
async function writeColumns(
  db: Duck,
  output: Output,
  work: string,
  file: string,
  rows: number,
  columns: readonly Column[],
  order: string,
): Promise<void> {
  const path = `${work}/table.csv`;
  const csv = openText(path);
  try {
    for (let row = 0; row < rows; row++) csv.write(`${columns.map((entry) => entry.at(row) ?? "").join(",")}\n`);
  } finally {
    csv.close();
  }
  const types = columns.map((entry) => `${text(entry.name)}: ${text(entry.type)}`);
  await db.run(`CREATE OR REPLACE TABLE held (${columns.map((entry) => `"${entry.name}" ${entry.type}`).join(", ")})`);
  if (rows > 0)
    await db.run(
      `INSERT INTO held SELECT * FROM read_csv(${text(path)}, auto_detect=false, header=false, delim=',', columns={${types.join(", ")}})`,
    );
  await output.write(file, `SELECT * FROM held ORDER BY ${order}`);
}

const pairColumns = (part: Interactions): Column[] => [
  column("user", "INTEGER", expandOffsets(part.offsets)),
  column("item", "INTEGER", part.items),
  ...(part.times ? [column("time", "DOUBLE", part.times)] : []),
  ...(part.values ? [column("value", "DOUBLE", part.values)] : []),
];

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
      const context = { db, progress: () => undefined };
      const output = createOutput(context, `${work}/set`);
      const table = (file: string, rows: number, columns: readonly Column[], order: string): Promise<void> =>
        writeColumns(db, output, work, file, rows, columns, order);
      for (const [file, rows] of [
        ["users.parquet", set.users],
        ["items.parquet", set.items],
      ] as const) {
        await table(
          file,
          rows,
          [
            { name: "id", type: "INTEGER", at: (row) => row },
            { name: "key", type: "VARCHAR", at: String },
          ],
          "id",
        );
      }
      const behaviors: ManifestBehavior[] = [];
      for (const behavior of Object.values(set.behaviors)) {
        const files: Record<string, string> = {};
        for (const part of behavior.name === set.target
          ? (["train", "valid", "test"] as const)
          : (["train"] as const)) {
          const file = `pairs.${slug(behavior.name)}.${part}.parquet`;
          await table(file, behavior[part].items.length, pairColumns(behavior[part]), `"user", item`);
          files[part] = file;
        }
        const { times, values } = behavior.train;
        behaviors.push({ name: behavior.name, files, timed: times !== undefined, valued: values !== undefined });
      }
      const links = async (file: string, { left, right }: { left: Int32Array; right: Int32Array }) => {
        await table(
          file,
          left.length,
          [column("left", "INTEGER", left), column("right", "INTEGER", right)],
          `"left", "right"`,
        );
        return { file, pairs: left.length };
      };
      const social = set.social && (await links("social.parquet", set.social));
      const itemPairs = [];
      for (const [name, pairs] of Object.entries(set.itemPairs)) {
        itemPairs.push({ name, ...(await links(`item-pairs.${slug(name)}.parquet`, pairs)) });
      }
      const features: ManifestFeature[] = [];
      for (const [entity, list] of [
        ["user", set.userFeatures],
        ["item", set.itemFeatures],
      ] as const) {
        for (const feature of list) features.push(await writeOwned(table, entity, feature));
      }
      const category = set.categories && set.itemFeatures.find((feature) => feature.name === "category")?.name;
      const shown = set.impressions && (await writeShown(table, set.impressions));
      const manifest = {
        format: "gradpool-data",
        version: formatVersion,
        sources: [],
        options: { format: "generated", keepLeakage: false, ...options.options },
        split: { kind: "random", train: 0.7, valid: 0.15, test: 0.15 },
        seed: options.seed ?? 1,
        target: set.target,
        users: set.users,
        items: set.items,
        behaviors: set.counts,
        malformed: { count: 0, first: [] },
        tables: {
          users: "users.parquet",
          items: "items.parquet",
          behaviors,
          ...(social ? { social } : {}),
          itemPairs,
          features: [...features, ...(shown?.features ?? [])],
          ...(category === undefined ? {} : { category }),
          ...(shown ? { impressions: shown.impressions } : {}),
        },
      } as const satisfies Omit<Manifest, "files">;
      await checkInvariants(context, output, manifest);
      const whole: Manifest = { ...manifest, files: output.files };
      await writeFile(`${work}/set/manifest.json`, `${JSON.stringify(whole, null, 2)}\n`);
      return whole;
    } finally {
      db.close();
    }
  });
}

type WriteTable = (file: string, rows: number, columns: readonly Column[], order: string) => Promise<void>;

async function writeDictionary(table: WriteTable, file: string, vocabulary: number): Promise<void> {
  const next = (row: number): number => row + 1;
  const key: Column = { name: "key", type: "VARCHAR", at: (row) => String(row + 1) };
  await table(file, vocabulary - 1, [{ name: "id", type: "INTEGER", at: next }, key], "id");
}

async function writeOwned(table: WriteTable, entity: "user" | "item", feature: Feature): Promise<ManifestFeature> {
  const { name, kind } = feature;
  const base = `feature.${entity}.${slug(name)}`;
  const source = `${base}.parquet`;
  const every = feature.kind === "multi-hot" ? expandOffsets(feature.offsets) : undefined;
  const all = feature.kind === "numerical" ? feature.values : feature.ids;
  const rows = [...all.keys()].filter((row) => (kind === "numerical" ? !Number.isNaN(all[row]) : all[row] !== 0));
  const owners = rows.map((row) => every?.[row] ?? row);
  const values = rows.map((row) => all[row] as number);
  const type = kind === "numerical" ? "DOUBLE" : "INTEGER";
  await table(source, rows.length, [column("id", "INTEGER", owners), column("value", type, values)], "id, value");
  if (feature.kind === "numerical") return { entity, name, kind, vocabulary: 0, source };
  await writeDictionary(table, `${base}.values.parquet`, feature.vocabulary);
  return { entity, name, kind, vocabulary: feature.vocabulary, source, values: `${base}.values.parquet` };
}

async function writeShown(
  table: WriteTable,
  shown: NonNullable<PreparedSet["impressions"]>,
): Promise<{ impressions: NonNullable<Manifest["tables"]["impressions"]>; features: ManifestFeature[] }> {
  const parts = [shown.train, shown.valid, shown.test];
  const join = (read: (part: Impressions) => ArrayLike<number>): number[] =>
    parts.flatMap((part) => Array.from(read(part)));
  const own = shown.train.features.map((feature, k): { manifest: ManifestFeature; column: Column } => {
    const source = `feature_${k}`;
    const values = join((part) => {
      const found = part.features[k] as Feature;
      return found.kind === "numerical" ? found.values : found.ids;
    });
    const { name } = feature;
    if (feature.kind === "numerical") {
      return {
        manifest: { entity: "impression", name, kind: "numerical", vocabulary: 0, source },
        column: column(source, "DOUBLE", values),
      };
    }
    const file = `feature.impression.${slug(name)}.values.parquet`;
    const { vocabulary } = feature;
    return {
      manifest: { entity: "impression", name, kind: "one-hot", vocabulary, source, values: file },
      column: column(source, "INTEGER", values),
    };
  });
  const timed = shown.train.times !== undefined;
  const labels = shown.tasks.map((_, t) => join((part) => part.labels[t] as Uint8Array));
  const partOf = parts.flatMap((part, k) => Array.from<number>({ length: part.size }).fill(k));
  const columns = [
    column(
      "user",
      "INTEGER",
      join((part) => part.users),
    ),
    column(
      "item",
      "INTEGER",
      join((part) => part.items),
    ),
    column("part", "UTINYINT", partOf),
    ...(timed
      ? [
          column(
            "time",
            "DOUBLE",
            join((part) => part.times ?? []),
          ),
        ]
      : []),
    ...labels.map((values, t) => column(`label_${t}`, "UTINYINT", values, missingLabel)),
    ...own.map((entry) => entry.column),
  ];
  await table("impressions.parquet", partOf.length, columns, "ALL");
  for (const { manifest } of own)
    if (manifest.values) await writeDictionary(table, manifest.values, manifest.vocabulary);
  const count = (values: readonly number[], keep: (value: number) => boolean): number => values.filter(keep).length;
  const [train, valid, test] = parts.map((part) => part.size) as [number, number, number];
  return {
    features: own.map((entry) => entry.manifest),
    impressions: {
      rows: partOf.length,
      train,
      valid,
      test,
      labels: Object.fromEntries(
        shown.tasks.map((task, t) => {
          const values = labels[t] as number[];
          return [
            task,
            {
              known: count(values, (value) => value !== missingLabel),
              positive: count(values, (value) => value === 1),
            },
          ];
        }),
      ),
      file: "impressions.parquet",
      tasks: shown.tasks,
      timed,
    },
  };
}
