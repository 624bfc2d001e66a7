import { type Feature, type Impressions, impressionsSampler, missingLabel, type PreparedSet } from "@gradpool/data";
import type { TensorBatch } from "@gradpool/models";
import type { InputRow } from "./contract.js";
import { problem } from "./errors.js";
import type { Opened } from "./opened.js";

/** A batch of rows, with what each names that the run has not seen. Ids of −1 read the row of id 0: see `strangers.ts`. */
export interface RowBatch {
  readonly batch: TensorBatch;
  readonly unknown: readonly (readonly string[])[];
}

/** Whether the model reads labelled rows with features; else pairs. */
export function readsRows({ data, made }: Pick<Opened, "data" | "made">): boolean {
  return data.set.impressions !== undefined && made.model.kind === "tensor" && made.model.ranking === undefined;
}

/** The batch that the model reads for these dense users and items. `rows` gives the features of labelled rows, and labels. */
export function rowBatch(
  run: Opened,
  users: readonly number[],
  items: readonly number[],
  rows?: readonly InputRow[],
): RowBatch {
  return readsRows(run) ? impressionBatch(run, users, items, rows) : jointBatch(run, users, items);
}

function jointBatch({ engine }: Opened, users: readonly number[], items: readonly number[]): RowBatch {
  const size = users.length;
  const tasks = engine.tasks.names;
  const known = (ids: readonly number[]): Int32Array => Int32Array.from(ids, (id) => Math.max(0, id));
  const batch = {
    kind: "joint",
    size,
    tasks,
    users: known(users),
    items: known(items),
    labels: tasks.map(() => new Float32Array(size)),
    masks: tasks.map(() => new Uint8Array(size)),
  } as const;
  return { batch, unknown: users.map((user, k) => strangersOf(user, items[k] as number)) };
}

const strangersOf = (user: number, item: number): string[] => [
  ...(user < 0 ? ["user"] : []),
  ...(item < 0 ? ["item"] : []),
];

function impressionBatch(
  run: Opened,
  users: readonly number[],
  items: readonly number[],
  rows: readonly InputRow[] | undefined,
): RowBatch {
  const set = extended(run.data.set);
  const shown = set.impressions as NonNullable<PreparedSet["impressions"]>;
  const unknown = users.map((user, k) => strangersOf(user, items[k] as number));
  const part: Impressions = {
    size: users.length,
    users: Int32Array.from(users, (id) => (id < 0 ? run.data.set.users : id)),
    items: Int32Array.from(items, (id) => (id < 0 ? run.data.set.items : id)),
    labels: shown.tasks.map((task) => Uint8Array.from(users, (_, k) => labelOf(rows?.[k], task))),
    features: shown.train.features.map((feature) => readFeature(run, feature, users.length, rows, unknown)),
  };
  const given = { ...set, impressions: { ...shown, test: part } };
  const { tasks } = run.config;
  const { measures } = run.data;
  const batch = impressionsSampler(given, {
    part: "test",
    tasks,
    measures,
    shuffle: false,
    batchSize: part.size,
  }).next();
  for (const [place, ids] of [users, items].entries()) {
    const field = batch.fields[place];
    if (field?.kind === "one-hot") ids.forEach((id, k) => (field.ids[k] = Math.max(0, id)));
  }
  return { batch, unknown };
}

function labelOf(row: InputRow | undefined, task: string): number {
  const label = row?.[task];
  if (label === undefined || label === null || label === "") return missingLabel;
  const value = Number(label);
  if (value === 0 || value === 1) return value;
  throw problem("invalid-input", `the label ${task} is ${String(label)}`, "rows", "give 0, 1 or nothing");
}

function readFeature(
  { data }: Opened,
  feature: Feature,
  size: number,
  rows: readonly InputRow[] | undefined,
  unknown: readonly string[][],
): Feature {
  const { name } = feature;
  const written = (k: number): unknown => rows?.[k]?.[name] ?? "";
  if (feature.kind === "numerical") {
    const values = Float32Array.from({ length: size }, (_, k) => {
      const value = written(k) === "" ? Number.NaN : Number(written(k));
      if (Number.isNaN(value) && written(k) !== "") unknown[k]?.push(name);
      return value;
    });
    return { kind: "numerical", name, values };
  }
  const find = valuesOf(data.vocabularies.impression[name], feature.vocabulary);
  const ids = Int32Array.from({ length: size }, (_, k) => {
    const value = written(k);
    const id = value === "" ? 0 : find(String(value));
    if (id === 0 && value !== "") unknown[k]?.push(name);
    return id;
  });
  return { kind: "one-hot", name, vocabulary: feature.vocabulary, ids };
}

const maps = new WeakMap<readonly unknown[], Map<string, number>>();

/** The number of a value; 0, "missing", for one that was never seen. Without names the numbers are the values. */
function valuesOf(names: readonly (string | undefined)[] | undefined, vocabulary: number): (value: string) => number {
  if (names === undefined) {
    return (value) => (/^\d+$/.test(value) && Number(value) < vocabulary ? Number(value) : 0);
  }
  let map = maps.get(names);
  if (map === undefined) {
    map = new Map(names.flatMap((name, id) => (name === undefined || name === null ? [] : [[name, id] as const])));
    maps.set(names, map);
  }
  return (value) => map.get(value) ?? 0;
}

const sets = new WeakMap<PreparedSet, PreparedSet>();

/** The set with one more user and item, whose features are all missing: that is who a new user or item is. */
function extended(set: PreparedSet): PreparedSet {
  const held = sets.get(set);
  if (held !== undefined) return held;
  const made = {
    ...set,
    users: set.users + 1,
    items: set.items + 1,
    userFeatures: set.userFeatures.map(withMissing),
    itemFeatures: set.itemFeatures.map(withMissing),
  };
  sets.set(set, made);
  return made;
}

function withMissing(feature: Feature): Feature {
  if (feature.kind === "one-hot")
    return { ...feature, ids: longer(new Int32Array(feature.ids.length + 1), feature.ids, 0) };
  if (feature.kind === "numerical") {
    const { values } = feature;
    return { ...feature, values: longer(new Float32Array(values.length + 1), values, Number.NaN) };
  }
  const { offsets } = feature;
  return { ...feature, offsets: longer(new Int32Array(offsets.length + 1), offsets, offsets.at(-1) ?? 0) };
}

function longer<A extends Int32Array | Float32Array>(out: A, values: A, last: number): A {
  out.set(values);
  out[values.length] = last;
  return out;
}
