import type { Feature, PreparedSet } from "../set/prepared-set.js";
import { type Measure, measured } from "../set/measure.js";
import { shownOwners } from "../set/shown.js";

/** The rows of a table of feature embeddings that belong to one feature: those from `first` on. */
export interface FeatureRows {
  readonly name: string;
  readonly kind: Feature["kind"];
  readonly first: number;
  /** A row for each number of the vocabulary, 0 ("missing", never read) among them; of a number one, with a flag two. */
  readonly rows: number;
  /** How several values become one: each counts for 1, or for one over their number. */
  readonly pooling?: "sum" | "mean";
}

/** What users (or items) are known by beside their ids, as rows of one table of embeddings and what each counts for. */
export interface OwnerFeatures {
  readonly features: readonly FeatureRows[];
  /** Of the table. */
  readonly rows: number;
  /** One more than there are owners: the rows of owner k are `ids` from `offsets[k]` to `offsets[k + 1]`. */
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
  /** Beside `ids`: 1 for a category, 1 / n for each of n values of a mean, the scaled number of a numerical feature. */
  readonly weights: Float32Array;
  /** 1 where a training pair shows the owner. */
  readonly shown: Uint8Array;
}

/**
 * The features of users or items as a sparse matrix. What is missing has no row: it adds nothing, but for a number's flag. `measures`: what
 * numbers are scaled by.
 */
export function ownerFeatures(
  set: PreparedSet,
  side: "users" | "items",
  measures: Readonly<Record<string, Measure>>,
): OwnerFeatures {
  const list = side === "users" ? set.userFeatures : set.itemFeatures;
  const owners = set[side];
  const features: FeatureRows[] = [];
  let rows = 0;
  const readers = list.map((feature): Reader => {
    const measure = measures[feature.name] ?? { mean: 0, scale: 1 };
    const own = rowsOf(feature, rows, measure);
    features.push(own);
    rows += own.rows;
    return readerOf(feature, own, measure);
  });
  const offsets = new Int32Array(owners + 1);
  const ids: number[] = [];
  const weights: number[] = [];
  const take = (id: number, weight: number): void => {
    ids.push(id);
    weights.push(weight);
  };
  for (let owner = 0; owner < owners; owner++) {
    for (const read of readers) read(owner, take);
    offsets[owner + 1] = ids.length;
  }
  const shown = shownOwners(set, side);
  return { features, rows, offsets, ids: Int32Array.from(ids), weights: Float32Array.from(weights), shown };
}

function rowsOf(feature: Feature, first: number, { flag }: Measure): FeatureRows {
  const { name, kind } = feature;
  if (feature.kind === "numerical") return { name, kind, first, rows: flag === true ? 2 : 1 };
  if (feature.kind === "one-hot") return { name, kind, first, rows: feature.vocabulary };
  const pooling = feature.encoding?.kind === "list" ? feature.encoding.pooling : "mean";
  return { name, kind, first, rows: feature.vocabulary, pooling };
}

type Reader = (owner: number, take: (id: number, weight: number) => void) => void;

function readerOf(feature: Feature, { first, pooling, rows }: FeatureRows, measure: Measure): Reader {
  switch (feature.kind) {
    case "numerical":
      return (owner, take) => {
        const value = feature.values[owner] as number;
        if (!Number.isNaN(value)) take(first, measured(measure, value));
        else if (rows === 2) take(first + 1, 1);
      };
    case "one-hot":
      return (owner, take) => {
        const id = feature.ids[owner] as number;
        if (id > 0) take(first + id, 1);
      };
    case "multi-hot":
      return (owner, take) => {
        const own = feature.ids.subarray(feature.offsets[owner], feature.offsets[owner + 1]);
        for (const id of own) take(first + id, pooling === "sum" ? 1 : 1 / own.length);
      };
  }
}
