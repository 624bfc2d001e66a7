import type { NamesOf } from "@gradpool/core";
import type { FeatureSpecs } from "../features/spec.js";
import type { SideSchema } from "../features/schema.js";

/** Features of a table as `price:number+city`, a list of such texts, or specs by name. */
export type AskedFeatures = string | readonly string[] | FeatureSpecs;

/** Which column holds what, for `csv` and `parquet`. */
export interface ColumnNames {
  readonly user: string;
  readonly item: string;
  /** Names the behaviour of a row; without it every row is one `interaction`. */
  readonly behavior?: string;
  /**
   * One or more columns of labels (joined by `+` if text): the set becomes impressions with these tasks, and each label a behaviour.
   * `conv@click`: the label counts where `click` is 1, elsewhere the row has none.
   */
  readonly label?: string | readonly string[];
  /** Seconds, milli-, micro- or nanoseconds since 1970, a date with or without time and offset, or what `timeFormat` says. */
  readonly time?: string;
  /** A number kept with the pair (a rating, a count). */
  readonly value?: string;
  /**
   * Further columns kept as features of the impression, joined by `+` if text: `price:number+tags:list(|)+city`. A name without a type is
   * one category as it stands.
   */
  readonly features?: AskedFeatures;
  /** Columns that hold numbers, joined by `+` if text: standardised by the training part where they are read, as `NAME:number` of `features`. */
  readonly numbers?: string | readonly string[];
  /** What an impression counts for in the losses: a number from 0. */
  readonly weight?: string;
  /** Features in the file of `users`, as in `features`; `uid:id` names the column of the ids. */
  readonly users?: AskedFeatures | SideSchema;
  /** The same of `items`. */
  readonly items?: AskedFeatures | SideSchema;
  /** The item's category (several values joined by `|`). */
  readonly category?: string;
}

/** Thresholds that turn WeChat's play times into the three viewing tasks of GradCraft (the paper does not print them). */
export interface WechatThresholds {
  /** `effective_view`: play time ≥ this many seconds. Default 3. */
  readonly effectiveSeconds?: number;
  /** `long_view`: play time ≥ this many seconds, or the whole video where it is shorter. Default 18. */
  readonly longSeconds?: number;
  /** `complete_view`: play time ≥ this fraction of the video's length. Default 1. */
  readonly completeRatio?: number;
}

/** What a format may be told about its files; which of these it takes, it says itself. */
export interface ReadOptions {
  /** Files, folders, a prefix or globs, as the format wants them. Not for `edges`. */
  readonly input?: string | readonly string[];
  /** `edges`: the file or files of each behaviour, in the order that counts are printed. Others: the behaviours to keep, in order. */
  readonly behaviors?: Readonly<Record<string, string | readonly string[]>> | readonly string[];
  /** Of text files, e.g. `latin1`; default UTF-8. */
  readonly encoding?: string;
  /** How times are written, as `strptime` takes it, e.g. `%d.%m.%Y`. */
  readonly timeFormat?: string;
  /** `edges`: the target's validation pairs, if the data come split. Pairs found here leave the training part. */
  readonly valid?: string;
  /** `edges`: the target's test pairs, if the data come split. */
  readonly test?: string;
  /** `edges`, `csv`, `parquet`: user–user pairs (social links, trust). */
  readonly social?: string;
  /** `amazon`: metadata with categories, also_viewed, also_bought. */
  readonly meta?: string;
  readonly columns?: ColumnNames;
  /** `csv`, `parquet`: a schema file instead of `columns`. */
  readonly schema?: string;
  /** `csv`, `parquet`: a file with a row a user, for `columns.users`. */
  readonly users?: string;
  /** `csv`, `parquet`: a file with a row an item, for `columns.items`. */
  readonly items?: string;
  /** What labels mean: `like=rating>=4`, `like=verdict=good`. Those that are no columns of labels make impressions, too. */
  readonly labels?: readonly string[];
  readonly wechat?: WechatThresholds;
}

export type ReadOption = keyof ReadOptions;

/** Every option of reading, by name. */
export const readNames: NamesOf<ReadOptions> = {
  input: true,
  behaviors: true,
  encoding: true,
  timeFormat: true,
  valid: true,
  test: true,
  social: true,
  meta: true,
  columns: true,
  schema: true,
  users: true,
  items: true,
  labels: true,
  wechat: true,
};
export const readOptions = Object.keys(readNames) as readonly ReadOption[];

/** Every role that a column may have. */
export const columnNames: NamesOf<ColumnNames> = {
  user: true,
  item: true,
  behavior: true,
  label: true,
  time: true,
  value: true,
  category: true,
  features: true,
  numbers: true,
  weight: true,
  users: true,
  items: true,
};
