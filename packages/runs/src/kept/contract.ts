import type { Measure, PreparedSet, Vocabularies } from "@gradpool/data";

/** The ids of the source files, by dense id; null: the numbers themselves, as of a generated set. */
export interface Names {
  readonly users: readonly string[] | null;
  readonly items: readonly string[] | null;
}

/** What a trained model needs of its data. */
export interface KeptData {
  /** As the data was named, and the hash by which the run knows it. */
  readonly hash: string;
  /** The set, impressions but for the first few rows, and times left out. */
  readonly set: PreparedSet;
  readonly names: Names;
  readonly vocabularies: Vocabularies;
  /** What numerical features were standardised by. */
  readonly measures: Readonly<Record<string, Measure>>;
  /** The rows that a part had; of impressions the set holds only some. */
  readonly rows: { readonly train: number; readonly valid: number; readonly test: number } | null;
}

export const noVocabularies: Vocabularies = { user: {}, item: {}, impression: {} };
