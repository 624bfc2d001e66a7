import type { UndefinedMetric } from "@gradpool/metrics";
import type { Model } from "@gradpool/models";
import type { TrainConfig } from "../options/training.js";
import type { RunFile } from "../run/messages.js";
import type { KeptData } from "../kept/contract.js";

/** An id as the source files have it. Numbers are taken for their digits. */
export type Id = string | number;

export type Side = "users" | "items";

/** A user or item that the run's data does not have, with its features by name, as the source files write them. */
export type NewRow = { readonly id: Id } & Readonly<Record<string, unknown>>;

/** Users and items to know beside those of the run's data. */
export type NewRows = Readonly<Partial<Record<Side, Iterable<NewRow>>>>;

/** What newcomers are to a run that was opened with them. */
export interface Newcomers {
  readonly users: number;
  readonly items: number;
  /** By feature, how many of them name a value that was never seen in training, which counts as missing. */
  readonly unknown: Readonly<Record<string, number>>;
}

export interface Pair {
  readonly user: Id;
  readonly item: Id;
}

export interface RankOptions {
  /** Length of a list. Default 20; at most the catalogue's (or the candidates') size. */
  readonly k?: number;
  /** Whose head ranks, in models with heads. Default: the first task, which is the target. */
  readonly task?: string;
  /**
   * What is left out of a user's list: `seen` (default), all that the run's data knows of the task's behaviour, held-out parts
   * included; `none`; or these pairs.
   */
  readonly exclude?: "seen" | "none" | readonly Pair[];
  /** The items to choose from. Default: the whole catalogue. */
  readonly candidates?: Iterable<Id>;
  /** Of models of labelled rows: the features of every row by name, as the place where it is shown. What is not given is missing. */
  readonly given?: Readonly<Record<string, unknown>>;
}

export interface RankedItem {
  readonly item: string;
  /** The model's score, of labelled rows the probability; null in lists of popular items, which no model scored. */
  readonly score: number | null;
}

export interface UserList {
  readonly user: string;
  /** False: the run's data has no such user. These are the items that most users chose; of labelled rows, the mean user's. */
  readonly known: boolean;
  /** Best first; fewer than k where there are no more. */
  readonly items: readonly RankedItem[];
}

/** Lists of some users as columns, a row for each place of a list: `user`, `rank` (from 1), `item`, `score`, `known`. */
export interface ListColumns {
  readonly users: number;
  /** How many of them the run's data has. */
  readonly known: number;
  readonly rows: number;
  readonly columns: readonly [WordColumn, Int32Array, WordColumn, Float32Array, Uint8Array];
}

/** Ids of a column: places in `words`. */
export interface WordColumn {
  readonly words: readonly string[];
  readonly codes: Int32Array;
}

export interface SimilarItems {
  readonly item: string;
  /** By the cosine of their embeddings, best first, the item itself left out. */
  readonly items: readonly RankedItem[];
}

/** One row: its user and item, and its features by name, as the source files have them. */
export type InputRow = { readonly user: Id; readonly item: Id } & Readonly<Record<string, unknown>>;

export interface Prediction {
  /** By task, the probability that its label is 1 (of a task with real labels its value). */
  readonly values: Readonly<Record<string, number>>;
  /** What the row names that the run has not seen, such as `user` or a feature; the mean user stands in for a new one. */
  readonly unknown: readonly string[];
}

export interface Embeddings {
  /** By row. */
  readonly ids: readonly string[];
  readonly dim: number;
  /** ids × dim, row by row. A copy. */
  readonly values: Float32Array;
}

export interface NamedWeights {
  readonly name: string;
  /** `dense`: the matrix W of x W, [in, out], of a dense layer. `composed`: a table's rows with their features. */
  readonly kind: "table" | "composed" | "dense" | "variable";
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface EvaluateOptions {
  /** Default: what the run was judged by. */
  readonly metrics?: readonly string[];
  readonly part?: "valid" | "test";
  /** Other pairs than the part's, for models that rank: what these users chose. What their lists leave out is all they had seen. */
  readonly pairs?: Iterable<Pair>;
  /** Other rows than the part's, with a label, 0 or 1, by each task's name: for models of labelled rows. */
  readonly rows?: Iterable<InputRow>;
  /** Default: the first task; `all`: every one that has something to be judged by. */
  readonly tasks?: readonly string[] | "all";
  /** So many users, drawn by the run's seed. Default: all. */
  readonly users?: number;
}

export interface TaskEvaluation {
  /** NaN: without a value, as `undefined` says. */
  readonly values: Readonly<Record<string, number>>;
  /**
   * By metric a value per user, beside `users`; their mean is the metric's value. Of rankings the user's own, of labelled rows what
   * the user's rows stand for (`valuesPerUser`), of catalogue metrics none.
   */
  readonly perUser?: Readonly<Record<string, Float64Array>>;
  readonly users?: readonly string[];
  /** Of labelled rows: how many were judged. */
  readonly rows?: number;
  readonly undefined: readonly UndefinedMetric[];
}

export interface Evaluation {
  /** Of a funnel (`esmm`, `aitm`) also its steps, as training names them: `buy|click`, on the rows that took click. */
  readonly tasks: Readonly<Record<string, TaskEvaluation>>;
  /** Pairs or rows that named what the run does not know, and were left out. */
  readonly unknown: number;
}

/** A trained model with the ids of its data. Ids in and out are the source files' own. */
export interface TrainedRun {
  readonly folder: string;
  readonly config: TrainConfig;
  readonly tasks: readonly string[];
  /** What `result.json` says; null for a run that has not ended. */
  readonly file: RunFile | null;
  /** The weights in use: of the best epoch, or, where none was judged, the newest. */
  readonly weights: "best" | "newest";
  readonly data: KeptData;
  readonly model: Model;
  /** Whether users and items are ranked; others predict labels of rows. */
  readonly ranks: boolean;
  /** Of a run that was opened with users or items that its data does not have. */
  readonly newcomers?: Newcomers;
  ids(side: Side): readonly string[];
  has(side: Side, id: Id): boolean;
  recommend(users: Iterable<Id> | "all", options?: RankOptions): Promise<UserList[]>;
  /** The same for a stream of any length: some ten thousand users are in memory; while lists are taken, the next are made. */
  recommendEach(users: Iterable<Id> | AsyncIterable<Id>, options?: RankOptions): AsyncGenerator<UserList>;
  /** The same as columns, for tables (`writeChunks` of `@gradpool/data`): an object for each row costs more than its ranking. */
  recommendColumns(users: Iterable<Id> | AsyncIterable<Id>, options?: RankOptions): AsyncGenerator<ListColumns>;
  /** The scores that rankings are made by (logits, inner products), pair by pair. */
  score(pairs: Iterable<Pair>, options?: { readonly task?: string }): Promise<Float32Array>;
  predict(rows: Iterable<InputRow>): Promise<Prediction[]>;
  predictEach(rows: Iterable<InputRow> | AsyncIterable<InputRow>): AsyncGenerator<Prediction>;
  similarItems(ids: Iterable<Id>, k?: number): Promise<SimilarItems[]>;
  embeddings(side: Side): Embeddings;
  /** Every table and variable by its name in the model. Copies. */
  weightsByName(): readonly NamedWeights[];
  evaluate(options?: EvaluateOptions): Promise<Evaluation>;
  dispose(): void;
}
