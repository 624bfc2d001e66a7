import { given } from "@gradpool/core";
import type { Feature, Impressions, PreparedSet } from "../set/prepared-set.js";
import { createMoments } from "../set/values.js";
import { shownOwners } from "./shown.js";

/** How a numerical feature becomes an input: (value − mean) · scale, of sign(value) · ln(1 + |value|) where `log`. */
export interface Measure {
  /** Of min-max the least value, of none 0. */
  readonly mean: number;
  /** 1 / standard deviation, of min-max 1 / range; 1 for a constant column. */
  readonly scale: number;
  readonly log?: true;
  /** A second input stands beside it, 1 where the value is missing. */
  readonly flag?: true;
}

/** The input of a value that is not missing. */
export const measured = ({ mean, scale, log }: Measure, value: number): number =>
  ((log === true ? Math.sign(value) * Math.log1p(Math.abs(value)) : value) - mean) * scale;

/** The inputs of a feature by name: itself, and whether it is missing. */
export const inputNames = (name: string, { flag }: Measure): readonly string[] =>
  flag === true ? [name, `${name}.missing`] : [name];

/** Which of a row's three ids a feature belongs to. */
export type Owner = "user" | "item" | "row";

export const ownerIds = (rows: Impressions, owner: Owner): Int32Array | undefined =>
  owner === "user" ? rows.users : owner === "item" ? rows.items : undefined;

type Numbers = Extract<Feature, { kind: "numerical" }>;

/** Over the rows of `train`. */
export function measureOf(feature: Numbers, train: Impressions, owner: Owner): Measure {
  const ids = ownerIds(train, owner);
  return measureOver(feature, train.size, (row) => (ids ? (ids[row] as number) : row));
}

/** Over owners that training shows, each once. */
function measureOfShown(feature: Numbers, shown: Uint8Array): Measure {
  const owners = Int32Array.from(shown.keys()).filter((owner) => shown[owner] === 1);
  return measureOver(feature, owners.length, (k) => owners[k] as number);
}

/** Over `count` values, the k-th of which is that of `placeOf(k)`. */
function measureOver({ values, encoding }: Numbers, count: number, placeOf: (k: number) => number): Measure {
  const { scale: how = "standard", flag } = encoding?.kind === "number" ? encoding : {};
  const told = given({ flag });
  if (how === "none") return { mean: 0, scale: 1, ...told };
  const log = how === "log" ? ({ log: true } as const) : {};
  const collected = createMoments();
  let [least, most] = [Infinity, -Infinity];
  for (let k = 0; k < count; k++) {
    const value = values[placeOf(k)] as number;
    if (Number.isNaN(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
    collected.add(how === "log" ? measured({ mean: 0, scale: 1, log: true }, value) : value);
  }
  if (how === "min-max")
    return { mean: least <= most ? least : 0, scale: most > least ? 1 / (most - least) : 1, ...told };
  const { mean, deviation } = collected.moments();
  return { mean, scale: deviation > 0 ? 1 / deviation : 1, ...log, ...told };
}

/**
 * Of every numerical feature, by name: what a model learnt with, for rows that come later. Over the training rows of impressions; of a set
 * without them over the users, or items, that a training pair is of.
 */
export function measuresOf(set: PreparedSet): Record<string, Measure> {
  const { impressions, userFeatures, itemFeatures } = set;
  const of = (features: readonly Feature[], measure: (feature: Numbers) => Measure) =>
    features.flatMap((feature) => (feature.kind === "numerical" ? [[feature.name, measure(feature)] as const] : []));
  if (impressions === undefined) {
    return Object.fromEntries([
      ...of(userFeatures, (feature) => measureOfShown(feature, shownOwners(set, "users"))),
      ...of(itemFeatures, (feature) => measureOfShown(feature, shownOwners(set, "items"))),
    ]);
  }
  const { train } = impressions;
  return Object.fromEntries([
    ...of(userFeatures, (feature) => measureOf(feature, train, "user")),
    ...of(itemFeatures, (feature) => measureOf(feature, train, "item")),
    ...of(train.features, (feature) => measureOf(feature, train, "row")),
  ]);
}
