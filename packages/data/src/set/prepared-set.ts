import { problem } from "../errors.js";
import type { Encoding } from "./encoding.js";
import type { BehaviorCounts, Manifest } from "./manifest.js";
import type { Measure } from "./measure.js";
import type { RowGroup } from "./row-groups.js";

/** Pairs of one part of one behaviour, by user: the items of user u are `items[offsets[u]] … items[offsets[u + 1] − 1]`, ascending. */
export interface Interactions {
  /** `users + 1` offsets. */
  readonly offsets: Int32Array;
  /** Dense items, ascending within a user. */
  readonly items: Int32Array;
  /** Beside `items`, where the source has a number for each pair (NaN: none). */
  readonly values?: Float32Array;
  /** Beside `items`, seconds, where the source has times (NaN: none). */
  readonly times?: Float64Array;
}

export interface Behavior {
  readonly name: string;
  readonly train: Interactions;
  /** Empty for auxiliaries. */
  readonly valid: Interactions;
  readonly test: Interactions;
}

/** Directed links among users or items, unique, sorted by left then right. */
export interface Links {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** Any number of values for each of n owners: those of owner k are `ids[offsets[k]] … ids[offsets[k + 1] − 1]`, ascending. */
export interface Bags {
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
}

/** A feature of every user or every item. Categorical values count from 1; 0 is "missing". */
export type Feature = {
  readonly name: string;
  /** How the source's values became numbers, where the set was told; absent: by the order of all its texts. */
  readonly encoding?: Encoding;
} & (
  | { readonly kind: "one-hot"; readonly vocabulary: number; readonly ids: Int32Array }
  | ({ readonly kind: "multi-hot"; readonly vocabulary: number } & Bags)
  /** NaN: missing. As in the source, not standardised. */
  | { readonly kind: "numerical"; readonly values: Float32Array }
);

/** One part of the impressions, column by column. */
export interface Impressions {
  readonly size: number;
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly times?: Float64Array;
  /** `labels[t][row]`: 0, 1, or 255 where task t has no label for the row. */
  readonly labels: readonly Uint8Array[];
  /** What each row counts for in the losses. Absent: 1. */
  readonly weights?: Float32Array;
  /** Features of the impression itself. */
  readonly features: readonly Feature[];
}

/** The parts of a set, in the order of their numbers in its files. */
export const partNames = ["train", "valid", "test"] as const;
export type PartName = (typeof partNames)[number];

/** Which columns of a set's files hold what of a row shown, as SQL; null: none does. */
export interface RowColumns {
  readonly users: { readonly column: string | null; readonly size: number };
  readonly items: { readonly column: string | null; readonly size: number };
  readonly time: string | null;
  readonly weight: string | null;
  readonly labels: readonly { readonly name: string; readonly column: string }[];
  readonly features: readonly {
    readonly name: string;
    readonly kind: "one-hot" | "multi-hot" | "numerical";
    readonly column: string;
  }[];
}

/** Rows shown that stay in the files of a set, and are read from there whenever they are needed. */
export interface StreamedRows {
  readonly folder: string;
  readonly columns: RowColumns;
  readonly groups: Readonly<Record<PartName, readonly RowGroup[]>>;
  /** A part's number in files that hold all of them; null where it has files of its own. */
  readonly parts: Readonly<Record<PartName, number | null>>;
  /** How many rows each part has. */
  readonly rows: Readonly<Record<PartName, number>>;
  /** Groups are put together for a shuffle until they have so many rows. */
  readonly buffer: number;
  /** What numerical features are standardised by, over the training rows. */
  readonly measures: Readonly<Record<string, Measure>>;
  /** Of features with several values a row, the most that any row has. */
  readonly longest: Readonly<Record<string, number>>;
  /** Of each label, the training rows that have one. */
  readonly known: readonly number[];
  /** `strays[a][b]`: training rows that are 1 in label b, and in label a neither that nor missing. */
  readonly strays: readonly (readonly number[])[];
}

/** The mark of a missing label in {@link Impressions}. */
export const missingLabel = 255;

/** A prepared data set in memory: typed arrays only. Loaded from a folder, or generated. */
export interface PreparedSet {
  readonly users: number;
  readonly items: number;
  readonly target: string;
  /** In the order of the manifest. */
  readonly behaviors: Readonly<Record<string, Behavior>>;
  readonly social?: Links;
  /** Item–item links by kind (`also_viewed`, `also_bought`). */
  readonly itemPairs: Readonly<Record<string, Links>>;
  /** The categories of each item, from the item feature that the source calls so. */
  readonly categories?: Bags & { readonly vocabulary: number };
  readonly userFeatures: readonly Feature[];
  readonly itemFeatures: readonly Feature[];
  readonly impressions?: {
    readonly tasks: readonly string[];
    /** Sides whose ids say nothing, so that no field is made of them. */
    readonly anonymous?: readonly ("user" | "item")[];
    /** Of a set that was opened as a stream, only its first rows. */
    readonly train: Impressions;
    readonly valid: Impressions;
    readonly test: Impressions;
    /** Where all rows are, if they are not in memory. */
    readonly streamed?: StreamedRows;
  };
  /** Counts as in the report of `prepare`. */
  readonly counts: Readonly<Record<string, BehaviorCounts>>;
  /** As on disk; undefined for a generated set that was never written. */
  readonly manifest?: Manifest;
}

/** The behaviour called `task`; another name lists those there are. */
export function behaviorOf(set: PreparedSet, task: string): Behavior {
  const behavior = Object.hasOwn(set.behaviors, task) ? set.behaviors[task] : undefined;
  if (behavior) return behavior;
  const remedy = `give one of ${Object.keys(set.behaviors).join(", ")}`;
  throw problem("invalid-option", `there is no behaviour "${task}"`, "task", remedy);
}

/** Interactions of nobody. */
export const noInteractions = (users: number): Interactions => ({
  offsets: new Int32Array(users + 1),
  items: new Int32Array(0),
});

/** Groups `ids` by `owners` (both of the same length, any order) into bags with ascending ids. */
export function toBags(owners: Int32Array, ids: Int32Array, size: number): Bags {
  const offsets = new Int32Array(size + 1);
  for (const owner of owners) offsets[owner + 1] = (offsets[owner + 1] as number) + 1;
  for (let k = 0; k < size; k++) offsets[k + 1] = (offsets[k + 1] as number) + (offsets[k] as number);
  const next = offsets.slice(0, size);
  const sorted = new Int32Array(ids.length);
  for (let k = 0; k < ids.length; k++) {
    const owner = owners[k] as number;
    const place = next[owner] as number;
    sorted[place] = ids[k] as number;
    next[owner] = place + 1;
  }
  for (let k = 0; k < size; k++) sorted.subarray(offsets[k], offsets[k + 1]).sort();
  return { offsets, ids: sorted };
}

/** The most ids that any owner has. */
export function longestBag({ offsets }: Pick<Bags, "offsets">): number {
  let most = 0;
  for (let k = 0; k + 1 < offsets.length; k++) {
    most = Math.max(most, (offsets[k + 1] as number) - (offsets[k] as number));
  }
  return most;
}

/** The left end of every pair of a CSR: user u repeated for each of its items. */
export function expandOffsets(offsets: Int32Array): Int32Array {
  const owners = new Int32Array(offsets.at(-1) ?? 0);
  for (let k = 0; k + 1 < offsets.length; k++) owners.fill(k, offsets[k], offsets[k + 1]);
  return owners;
}

/** One-hot and multi-hot features alike as bags (a missing one-hot value is an empty bag). */
export function featureBags(feature: Feature): (Bags & { readonly vocabulary: number }) | undefined {
  if (feature.kind === "multi-hot") return feature;
  if (feature.kind === "numerical") return undefined;
  const owners: number[] = [];
  for (const [owner, id] of feature.ids.entries()) if (id > 0) owners.push(owner);
  const ids = feature.ids.filter((id) => id > 0);
  return { ...toBags(Int32Array.from(owners), ids, feature.ids.length), vocabulary: feature.vocabulary };
}
