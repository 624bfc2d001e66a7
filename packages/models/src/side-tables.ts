import type { OwnerFeatures } from "@gradpool/data";
import type { JsonObject } from "@gradpool/core";
import type { AddedRows, Initializer, TableSpec } from "./contract/parameters.js";

/** Features of users and items, for models that rank: either or both. */
export interface SideFeatures {
  readonly users?: OwnerFeatures;
  readonly items?: OwnerFeatures;
}

/** After the name of the owners' table: the embeddings of their features. */
const suffix = ".features";

/**
 * A table of users or items, and behind it, where they have features, that of these: a row that is read is then the owner's own plus
 * the sum of its features' (Kula 2015, LightFM). The features' rows start as the owners' do, whatever their number.
 */
export function ownerTables(spec: TableSpec, features: OwnerFeatures | undefined): TableSpec[] {
  if (features === undefined) return [spec];
  const { name, rows, dim, init, module = name } = spec;
  const table = `${name}${suffix}`;
  const { offsets, ids, weights, shown } = features;
  const plus: AddedRows = { table, offsets, ids, weights, shown };
  return [
    { ...spec, module, plus },
    { name: table, rows: features.rows, dim, init: startOf(init, rows, dim), module },
  ];
}

/** Draws as for a table of so many rows. */
function startOf(init: Initializer, rows: number, dim: number): Initializer {
  if (init.kind !== "xavier" && init.kind !== "he") return init;
  const { kind, gain = 1 } = init;
  return { kind: "uniform", bound: gain * Math.sqrt(6 / (kind === "he" ? rows : rows + dim)) };
}

/** What of them becomes part of a model's options: the layout of their tables. Nothing without features. */
export function describeFeatures(features: SideFeatures | undefined): { readonly features?: JsonObject } {
  if (features === undefined) return {};
  const sides = (["users", "items"] as const).flatMap((side) => {
    const own = features[side];
    return own === undefined ? [] : [[side, own.features.map((one) => ({ ...one }))] as const];
  });
  return { features: Object.fromEntries(sides) };
}
