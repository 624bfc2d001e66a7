import { given } from "@gradpool/core";
import type { Behavior, Feature, Interactions, PreparedSet } from "@gradpool/data";
import type { KeptData } from "../kept/contract.js";
import type { Newcomers, NewRow, NewRows, Side } from "./contract.js";
import { problem } from "./errors.js";
import { readFeature } from "./read-feature.js";

/** The run's data with users and items more, who have chosen nothing. Those that it has already stay who they are. */
export function withNewRows(
  data: KeptData,
  asked: NewRows,
  folder: string,
): { readonly data: KeptData; readonly newcomers: Newcomers } {
  const unknown: Record<string, number> = {};
  const grown = (["users", "items"] as const).reduce((held, side) => {
    const rows = asked[side];
    return rows === undefined ? held : withSide(held, side, [...rows], { folder, unknown });
  }, data);
  const added = (side: Side): number => grown.set[side] - data.set[side];
  return { data: grown, newcomers: { users: added("users"), items: added("items"), unknown } };
}

interface Told {
  readonly folder: string;
  readonly unknown: Record<string, number>;
}

function withSide(data: KeptData, side: Side, rows: readonly NewRow[], { folder, unknown }: Told): KeptData {
  const { set } = data;
  const names = data.names[side] ?? Array.from({ length: set[side] }, (_, k) => String(k));
  const known = new Set(names);
  const fresh = rows.filter(({ id }) => !known.has(String(id)));
  requireDistinct(fresh, side, folder);
  const entity = side === "users" ? "user" : "item";
  const all = side === "users" ? set.userFeatures : set.itemFeatures;
  requireSaid(fresh, all, side, folder);
  const strange = fresh.map((): string[] => []);
  const features = all.map((feature) => {
    const written = fresh.map((row, k) => ({ row, unknown: strange[k] }));
    return joined(feature, readFeature({ data }, entity, feature, written));
  });
  for (const name of strange.flat()) unknown[name] = (unknown[name] ?? 0) + 1;
  const added = fresh.length;
  return {
    ...data,
    set: side === "users" ? withUsers(set, features, added) : withItems(set, features, added),
    names: { ...data.names, [side]: [...names, ...fresh.map(({ id }) => String(id))] },
  };
}

function requireDistinct(rows: readonly NewRow[], side: Side, folder: string): void {
  const met = new Set<string>();
  for (const { id } of rows) {
    const word = String(id);
    if (word === "") throw problem("invalid-input", `a row of new ${side} has no id`, folder, "give each row its id");
    if (met.has(word)) throw problem("invalid-input", `${word} is twice among the new ${side}`, folder, "keep one row");
    met.add(word);
  }
}

/** A table without any of the features is another one: all of its rows would be the same nobody. */
function requireSaid(rows: readonly NewRow[], features: readonly Feature[], side: Side, folder: string): void {
  const columns = features.flatMap(({ name, encoding }) => encoding?.columns ?? [name]);
  const names = [...new Set([...columns, ...features.map(({ name }) => name)])];
  if (rows.length === 0 || rows.some((row) => names.some((name) => name in row))) return;
  const what = `the new ${side} have none of the features that the run reads`;
  const remedy =
    features.length === 0 ? `it reads no features of ${side}` : `give columns ${[...new Set(columns)].join(", ")}`;
  throw problem("invalid-input", what, folder, remedy);
}

function withUsers(set: PreparedSet, userFeatures: readonly Feature[], added: number): PreparedSet {
  const behaviors = Object.entries(set.behaviors).map(([name, { train, valid, test }]): [string, Behavior] => {
    const more = (part: Interactions): Interactions => ({ ...part, offsets: longer(part.offsets, added) });
    return [name, { name, train: more(train), valid: more(valid), test: more(test) }];
  });
  return { ...set, users: set.users + added, userFeatures, behaviors: Object.fromEntries(behaviors) };
}

function withItems(set: PreparedSet, itemFeatures: readonly Feature[], added: number): PreparedSet {
  const { categories } = set;
  return {
    ...set,
    items: set.items + added,
    itemFeatures,
    ...given({ categories: categories && { ...categories, offsets: longer(categories.offsets, added) } }),
  };
}

/** Offsets with owners more that have nothing. */
function longer(offsets: Int32Array, added: number): Int32Array {
  const out = new Int32Array(offsets.length + added).fill(offsets.at(-1) ?? 0);
  out.set(offsets);
  return out;
}

/** The values of a feature, and behind them those of more owners. */
function joined(held: Feature, more: Feature): Feature {
  if (held.kind === "numerical" && more.kind === "numerical") {
    const values = new Float32Array(held.values.length + more.values.length);
    values.set(held.values);
    values.set(more.values, held.values.length);
    return { ...held, values };
  }
  if (held.kind === "one-hot" && more.kind === "one-hot") return { ...held, ids: behind(held.ids, more.ids) };
  const [a, b] = [held, more] as readonly Feature[] as readonly [MultiHot, MultiHot];
  const from = a.offsets.at(-1) ?? 0;
  const offsets = behind(
    a.offsets,
    b.offsets.subarray(1).map((end) => from + end),
  );
  return { ...a, offsets, ids: behind(a.ids.subarray(0, from), b.ids) };
}

type MultiHot = Extract<Feature, { kind: "multi-hot" }>;

function behind(first: Int32Array, then: Int32Array): Int32Array {
  const out = new Int32Array(first.length + then.length);
  out.set(first);
  out.set(then, first.length);
  return out;
}
