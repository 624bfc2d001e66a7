import { given } from "@gradpool/core";
import type { Columns } from "./columns.js";
import type { ManifestBehavior, ManifestFeature } from "./manifest.js";
import { noInteractions, toBags, type Behavior, type Feature, type Interactions, type Links } from "./prepared-set.js";

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
  const { name, kind, vocabulary, source, encoding } = feature;
  const told = given({ encoding });
  const rows = columns.rowsOf(source);
  const owners = new Int32Array(rows);
  const found = kind === "numerical" ? new Float32Array(rows) : new Int32Array(rows);
  await columns.fill(source, ["id", "value"], [owners, found], 0);
  if (kind === "multi-hot") return { kind, name, vocabulary, ...told, ...toBags(owners, found as Int32Array, size) };
  const values = kind === "numerical" ? new Float32Array(size).fill(Number.NaN) : new Int32Array(size);
  for (let k = 0; k < rows; k++) values[owners[k] as number] = found[k] as number;
  return kind === "numerical"
    ? { kind, name, ...told, values: values as Float32Array }
    : { kind: "one-hot", name, vocabulary, ...told, ids: values as Int32Array };
}
