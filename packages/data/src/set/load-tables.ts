import type { Columns } from "./columns.js";
import type { Manifest, ManifestBehavior, ManifestFeature } from "./manifest.js";
import {
  missingLabel,
  noInteractions,
  toBags,
  type Behavior,
  type Feature,
  type Impressions,
  type Interactions,
  type Links,
} from "./prepared-set.js";

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

/** The parts of one behaviour; those without a file are empty. */
export async function loadBehavior(columns: Columns, behavior: ManifestBehavior, users: number): Promise<Behavior> {
  const part = async (file: string | undefined): Promise<Interactions> =>
    file === undefined ? noInteractions(users) : loadInteractions(columns, file, behavior, users);
  const { train, valid, test } = behavior.files;
  return { name: behavior.name, train: await part(train), valid: await part(valid), test: await part(test) };
}

export async function loadLinks(columns: Columns, file: string): Promise<Links> {
  const left = new Int32Array(columns.rowsOf(file));
  const right = new Int32Array(left.length);
  await columns.fill(file, [`"left"`, `"right"`], [left, right], 0);
  return { left, right };
}

export async function loadFeature(columns: Columns, feature: ManifestFeature, size: number): Promise<Feature> {
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

export async function loadImpressions(columns: Columns, manifest: Manifest, part: number): Promise<Impressions> {
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
