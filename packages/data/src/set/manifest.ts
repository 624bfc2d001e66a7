import type { MalformedRow } from "../tables/malformed.js";
import type { Encoding } from "./encoding.js";
import type { SourceFile } from "../tables/sources.js";

/**
 * The layouts of prepared sets that this version reads. It writes the first that can hold the set: 2 where features have encodings, rows
 * weights or labels spaces, 3 where rows shown stand in several files.
 */
export const formatVersions = [1, 2, 3] as const;

/** The first layout that can hold these tables. */
export function versionOf({ features, impressions }: Manifest["tables"]): 1 | 2 | 3 {
  if (impressions?.partitions !== undefined) return 3;
  const plain = features.every(({ encoding }) => encoding === undefined);
  const { spaces, weighted, anonymous, negatives } = impressions ?? {};
  return plain && [spaces, weighted, anonymous, negatives].every((one) => one === undefined) ? 1 : 2;
}

export interface ManifestFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ManifestFeature {
  readonly entity: "user" | "item" | "impression";
  readonly name: string;
  readonly kind: "one-hot" | "multi-hot" | "numerical";
  /** Number of values, counted with 0 for "missing"; 0 for numerical features. */
  readonly vocabulary: number;
  /** Columns `id`, `value`; of impression features the column in `impressions.parquet`. */
  readonly source: string;
  /** Columns `id`, `key`: what each value was called. */
  readonly values?: string;
  /** How the source's values became numbers. Absent: every distinct text has a number, or numbers stand as they were. */
  readonly encoding?: Encoding;
}

export interface ManifestBehavior {
  readonly name: string;
  /** Part → file with columns `user`, `item` and, where known, `time` and `value`. Auxiliaries have `train` only. */
  readonly files: Readonly<Partial<Record<"train" | "valid" | "test", string>>>;
  readonly timed: boolean;
  readonly valued: boolean;
}

export interface ImpressionCounts {
  readonly rows: number;
  readonly train: number;
  readonly valid: number;
  readonly test: number;
  /** Rows with a label, and rows whose label is 1. */
  readonly labels: Readonly<Record<string, { readonly known: number; readonly positive: number }>>;
  /** By label the one that must be 1 for it to count. */
  readonly spaces?: Readonly<Record<string, string>>;
  /** Rows have a `weight`. */
  readonly weighted?: true;
  /** Sides whose ids say nothing. */
  readonly anonymous?: readonly ("user" | "item")[];
  /** Of the training rows without any positive label this share was kept; `covers` is the label that is 1 wherever any is, if one is. */
  readonly negatives?: {
    readonly kept: number;
    readonly dropped: number;
    readonly rate: number;
    readonly covers?: string;
  };
}

/** The columns of rows shown; one that is not named is not there. */
export interface RowColumnNames {
  readonly user?: string;
  readonly item?: string;
  readonly time?: string;
  readonly weight?: string;
  /** In the order of the tasks. */
  readonly labels?: readonly string[];
}

/** Counts of one behaviour, as printed and as in the thesis' Table 1. */
export interface TargetCounts {
  readonly raw: number;
  readonly pairs: number;
  readonly train: number;
  readonly valid: number;
  readonly test: number;
}

export interface AuxiliaryCounts {
  readonly raw: number;
  readonly pairs: number;
  /** Pairs dropped because they are in the target's validation or test part. */
  readonly leaked: number;
  readonly train: number;
}

export type BehaviorCounts = TargetCounts | AuxiliaryCounts;

/** How the target's pairs are divided. */
export type Split =
  | {
      /** Over all users together, or each user's pairs by themselves. */
      readonly kind: "random" | "time" | "user-random" | "user-time";
      readonly train: number;
      readonly valid: number;
      readonly test: number;
    }
  | { readonly kind: "leave-one-out" }
  /** The parts come with the data: `valid` and `test` files. */
  | { readonly kind: "given" };

/** `manifest.json`: everything about a prepared set but its numbers. It holds no dates and no paths: same input, same bytes. */
export interface Manifest {
  readonly format: "gradpool-data";
  readonly version: number;
  readonly sources: readonly SourceFile[];
  /** The options that decide the bytes; of a generated set those of its generator. */
  readonly options: Readonly<Record<string, unknown>> & { readonly format: string; readonly keepLeakage: boolean };
  readonly split: Split;
  readonly seed: number;
  readonly target: string;
  readonly users: number;
  readonly items: number;
  readonly behaviors: Readonly<Record<string, BehaviorCounts>>;
  readonly malformed: { readonly count: number; readonly first: readonly MalformedRow[] };
  readonly tables: {
    readonly users: string;
    readonly items: string;
    readonly behaviors: readonly ManifestBehavior[];
    readonly social?: { readonly file: string; readonly pairs: number };
    readonly itemPairs: readonly { readonly name: string; readonly file: string; readonly pairs: number }[];
    readonly features: readonly ManifestFeature[];
    /** The item feature that holds the categories. */
    readonly category?: string;
    readonly impressions?: ImpressionCounts & {
      /** One file of all rows, whose column `part` is 0 where a row trains, 1 where it validates, 2 where it is tested; or … */
      readonly file?: string;
      /** … files of each part's rows, in their order. */
      readonly partitions?: Readonly<Record<"train" | "valid" | "test", readonly string[]>>;
      /** What the files call their columns; absent: `user`, `item`, `time`, `weight`, `label_0` … */
      readonly columns?: RowColumnNames;
      readonly tasks: readonly string[];
      readonly timed: boolean;
    };
  };
  readonly files: readonly ManifestFile[];
}
