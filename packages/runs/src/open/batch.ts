import { type Feature, type Impressions, impressionsSampler, missingLabel, type PreparedSet } from "@gradpool/data";
import type { TensorBatch } from "@gradpool/models";
import type { InputRow } from "./contract.js";
import { problem } from "./errors.js";
import { type Newcomer, withNewcomers } from "./newcomers.js";
import type { Opened } from "./opened.js";
import { readFeature } from "./read-feature.js";

/** A batch of rows, with what each names that the run has not seen. Ids of −1 read the row of id 0: see `strangers.ts`. */
export interface RowBatch {
  readonly batch: TensorBatch;
  readonly unknown: readonly (readonly string[])[];
}

/** Whether the model reads labelled rows with features; else pairs. */
export function readsRows({ data, made }: Pick<Opened, "data" | "made">): boolean {
  return data.set.impressions !== undefined && made.model.kind === "tensor" && made.model.ranking === undefined;
}

/**
 * The batch that the model reads for these dense users and items. `rows` gives the features of labelled rows and, where `labelled` asks
 * for them, their labels: what only is predicted may say anything there.
 */
export function rowBatch(
  run: Opened,
  users: readonly number[],
  items: readonly number[],
  rows?: readonly InputRow[],
  labelled: boolean = false,
): RowBatch {
  return readsRows(run) ? impressionBatch(run, users, items, rows, labelled) : jointBatch(run, users, items);
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
  labelled: boolean,
): RowBatch {
  const set = extended(run.data.set);
  const shown = set.impressions as NonNullable<PreparedSet["impressions"]>;
  const unknown = users.map((user, k) => strangersOf(user, items[k] as number));
  const part: Impressions = {
    size: users.length,
    users: Int32Array.from(users, (id) => (id < 0 ? run.data.set.users : id)),
    items: Int32Array.from(items, (id) => (id < 0 ? run.data.set.items : id)),
    labels: shown.tasks.map((task) =>
      Uint8Array.from(users, (_, k) => labelOf(labelled ? rows?.[k] : undefined, task)),
    ),
    features: shown.train.features.map((feature) =>
      readFeature(
        run,
        "impression",
        feature,
        users.map((_, k) => ({ row: rows?.[k] ?? nothing, unknown: unknown[k] })),
      ),
    ),
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
  for (const [name, ids] of Object.entries({ user: users, item: items })) {
    const field = batch.fields.find((one) => one.name === name);
    if (field?.kind === "one-hot") ids.forEach((id, k) => (field.ids[k] = Math.max(0, id)));
  }
  if (rows === undefined) return { batch, unknown };
  const newcomers = (ids: readonly number[]): Newcomer[] =>
    ids.flatMap((id, place) => (id < 0 ? [{ place, row: rows[place] ?? nothing, unknown: unknown[place] }] : []));
  return { batch: withNewcomers(run, batch, { user: newcomers(users), item: newcomers(items) }), unknown };
}

const nothing: Readonly<Record<string, unknown>> = {};

/** A dense id of a row's user or item, −1 for a new one; where the data's ids say nothing, everybody is known. */
export function placeOf(run: Opened, side: "users" | "items", row: InputRow): number {
  const one = side === "users" ? "user" : "item";
  return run.data.set.impressions?.anonymous?.includes(one) ? 0 : run[side].find(row[one]);
}

/** The names by which rows may give features: those of rows shown, and of users and items, for new ones. */
export function namesGiven({ userFeatures, itemFeatures, impressions }: PreparedSet): string[] {
  const all = [...(impressions?.train.features ?? []), ...userFeatures, ...itemFeatures];
  return [...new Set(all.flatMap(({ name, encoding }) => encoding?.columns ?? [name]))];
}

function labelOf(row: InputRow | undefined, task: string): number {
  const label = row?.[task];
  if (label === undefined || label === null || label === "") return missingLabel;
  const value = Number(label);
  if (value === 0 || value === 1) return value;
  throw problem("invalid-input", `the label ${task} is ${String(label)}`, "rows", "give 0, 1 or nothing");
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
