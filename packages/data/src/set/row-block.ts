import { given } from "@gradpool/core";
import type { Feature, Impressions } from "./prepared-set.js";

/** Which columns of rows are read: labels and features by their places in the set. Those that are not stay empty. */
export interface WantedColumns {
  readonly items: boolean;
  readonly times: boolean;
  readonly weights: boolean;
  readonly labels: readonly number[];
  readonly features: readonly number[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A feature whose arrays are filled row by row. */
export type BlockFeature = Mutable<Feature>;

/** Rows that are being read, in arrays of a capacity; `size` of them are there. */
export interface RowBlock extends Impressions {
  size: number;
  readonly features: readonly BlockFeature[];
}

/** An empty block for up to `capacity` rows of a set whose rows look as `like`. */
export function rowBlock(like: Impressions, capacity: number, wanted: WantedColumns): RowBlock {
  const room = (is: boolean): number => (is ? capacity : 0);
  const features = like.features.map((feature, k): BlockFeature => {
    const { name, encoding } = feature;
    const own = { name, ...given({ encoding }) };
    const count = room(wanted.features.includes(k));
    if (feature.kind === "numerical") return { ...own, kind: "numerical", values: new Float32Array(count) };
    const { vocabulary } = feature;
    if (feature.kind === "one-hot") return { ...own, kind: "one-hot", vocabulary, ids: new Int32Array(count) };
    return { ...own, kind: "multi-hot", vocabulary, offsets: new Int32Array(count + 1), ids: new Int32Array(count) };
  });
  return {
    size: 0,
    users: new Int32Array(capacity),
    items: new Int32Array(room(wanted.items)),
    labels: like.labels.map((_, k) => new Uint8Array(room(wanted.labels.includes(k)))),
    features,
    ...(wanted.times && { times: new Float64Array(capacity) }),
    ...(wanted.weights && { weights: new Float32Array(capacity) }),
  };
}

/** Room for so many ids, what is there kept. */
export function growIds(ids: Int32Array, length: number): Int32Array {
  if (length <= ids.length) return ids;
  const grown = new Int32Array(Math.max(length, 2 * ids.length));
  grown.set(ids);
  return grown;
}
