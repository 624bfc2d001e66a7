import type { Coding } from "../features/stage.js";
import type { Workspace } from "../tables/workspace.js";
import type { ReadOption, ReadOptions } from "./options.js";

/** What a reader gets: the workspace, and what it was asked for. */
export interface Reading extends Workspace {
  readonly options: ReadOptions;
  /** The behaviour that was asked for as the target. */
  readonly target: string | undefined;
}

/**
 * A layout of files that `prepare` reads. Built-in formats are such objects, and so is one of your own:
 * `prepare({ format: mine, … })`.
 */
export interface DataFormat {
  /** How it is asked for, and what the set's manifest calls it. */
  readonly name: string;
  /** The options it takes, each with what to give for it, as the command's help prints it. Others are refused by name. */
  readonly takes: Readonly<Partial<Record<ReadOption, string>>>;
  /** One line for the command's help: what it reads, and what it makes of it. */
  readonly describe: string;
  /** Source files → relations in the working database. Rows that cannot be read go to `reading.malformed`. */
  read(reading: Reading): Promise<Staged>;
}

/** A property of users, of items or of a single impression, before ids are dense. */
export interface FeatureSource {
  readonly entity: "user" | "item";
  readonly name: string;
  readonly kind: "one-hot" | "multi-hot" | "numerical";
  /** SQL relation with columns `key` (the user's or item's own id, of the type it has in `raw`) and `value`; NULL and '' are missing. */
  readonly relation: string;
  /** How its values are numbered; `value` is then of the type that this wants. Default: every distinct text has a number. */
  readonly coding?: Coding;
}

/** Rows as shown, with one 0/1/NULL column a task. */
export interface ImpressionSource {
  /** SQL relation with `u`, `i`, `t` and the columns named below. */
  readonly relation: string;
  readonly tasks: readonly {
    readonly name: string;
    readonly column: string;
    /** The label that must be 1 for this one to count; elsewhere the column is NULL. */
    readonly space?: string;
  }[];
  readonly features: readonly {
    readonly name: string;
    readonly kind: "one-hot" | "multi-hot" | "numerical";
    readonly column: string;
    readonly coding?: Coding;
  }[];
  /** The column of what a row counts for. */
  readonly weight?: string;
  /** The column of the part that a row came in, where the data came split: 0 trains, 1 validates, 2 is tested. */
  readonly part?: string;
  /** Sides whose ids say nothing, as where each row is a user of its own: no feature is made of them. */
  readonly anonymous?: readonly ("user" | "item")[];
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
  /** Behaviours that were met in the data, not named by anybody, and are left out unless they are asked for. */
  readonly stray?: readonly string[];
}
