import type { Impressions, PreparedSet } from "../set/prepared-set.js";
import { createMoments } from "../set/values.js";

/** How a numerical feature is standardised: (value − mean) · scale. */
export interface Measure {
  readonly mean: number;
  /** 1 / standard deviation; 1 for a constant column. */
  readonly scale: number;
}

/** Which of a row's three ids a feature belongs to. */
export type Owner = "user" | "item" | "row";

export const ownerIds = (rows: Impressions, owner: Owner): Int32Array | undefined =>
  owner === "user" ? rows.users : owner === "item" ? rows.items : undefined;

/** Over the rows of `train`. */
export function measureOf(values: Float32Array, train: Impressions, owner: Owner): Measure {
  const ids = ownerIds(train, owner);
  const collected = createMoments();
  for (let row = 0; row < train.size; row++) collected.add(values[ids ? (ids[row] as number) : row] as number);
  const { mean, deviation } = collected.moments();
  return { mean, scale: deviation > 0 ? 1 / deviation : 1 };
}

/** Of every numerical feature that impressions are read with, by name: what a model learnt with, for rows that come later. */
export function measuresOf({ impressions, userFeatures, itemFeatures }: PreparedSet): Record<string, Measure> {
  if (impressions === undefined) return {};
  const { train } = impressions;
  const lists = [
    [userFeatures, "user"],
    [itemFeatures, "item"],
    [train.features, "row"],
  ] as const;
  const entries = lists.flatMap(([features, owner]) =>
    features.flatMap((feature) =>
      feature.kind === "numerical" ? [[feature.name, measureOf(feature.values, train, owner)] as const] : [],
    ),
  );
  return Object.fromEntries(entries);
}
