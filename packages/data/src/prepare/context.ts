import type { PrepareOptions, ResolvedOptions } from "../options.js";
import type { Duck } from "./duck.js";
import type { MalformedLog } from "./malformed.js";

/** What a running preparation is doing. */
export interface PrepareProgress {
  readonly stage: "read" | "filter" | "split" | "write" | "check";
  readonly detail: string;
  /** 0 … 1 where it is known. */
  readonly fraction?: number;
}

/** What every reader gets. */
export interface Context {
  readonly db: Duck;
  /** A folder of its own, removed at the end whatever happens. */
  readonly folder: string;
  readonly options: PrepareOptions;
  readonly resolved: ResolvedOptions;
  readonly malformed: MalformedLog;
  readonly signal: AbortSignal | undefined;
  /** Registers a file as a source of the set: it will be hashed. Returns the path. */
  source(path: string): string;
  progress(stage: PrepareProgress["stage"], detail: string): void;
  /** A table or file name not given out before. */
  fresh(prefix: string): string;
}

/** A property of users, of items or of a single impression, before ids are dense. */
export interface FeatureSource {
  readonly entity: "user" | "item";
  readonly name: string;
  readonly kind: "one-hot" | "multi-hot" | "numerical";
  /** SQL relation with columns `key` (the user's or item's own id, of the type it has in `raw`) and `value`; NULL and '' are missing. */
  readonly relation: string;
}

/** Rows as shown, with one 0/1/NULL column a task. */
export interface ImpressionSource {
  /** SQL relation with `u`, `i`, `t` and the columns named below. */
  readonly relation: string;
  readonly tasks: readonly { readonly name: string; readonly column: string }[];
  readonly features: readonly {
    readonly name: string;
    readonly kind: "one-hot" | "numerical";
    readonly column: string;
  }[];
}

/** What a reader leaves in the database, in SQL relations over the source's own ids. */
export interface Staged {
  /** Names; the row number is the `b` of `raw`. */
  readonly behaviors: readonly string[];
  /** Relation with `b` (index of the behaviour), `u`, `i`, `t` (seconds or NULL), `v` (number or NULL). */
  readonly raw: string;
  readonly timed: boolean;
  readonly valued: boolean;
  /** Relation with `part` (1 validation, 2 test), `u`, `i`: the target's parts as they came. These rows are in `raw`, too. */
  readonly given?: string;
  /** Relation with `l`, `r`: links from user to user. */
  readonly social?: string;
  /** Relations with `l`, `r`: links from item to item. */
  readonly itemPairs?: readonly { readonly name: string; readonly relation: string }[];
  readonly features?: readonly FeatureSource[];
  /** The item feature whose values are the categories. */
  readonly category?: string;
  readonly impressions?: ImpressionSource;
  /** The target where the user names none. */
  readonly target?: string;
}
