import type { ItemLists, Metric } from "@gradpool/metrics";
import type { ItemRanker } from "./rank-items.js";

/** What one part of a data set asks of a ranking. Lists are indexed by user. */
export interface RankingPart {
  readonly relevant: ItemLists;
  /** Items that are not ranked for a user: those of the training part, and of validation when testing. */
  readonly exclude: ItemLists;
  /** The users to rank. Default: all that have a relevant item. */
  readonly userIds?: Int32Array;
  /** Items that are no negatives of a user in sampled rankings. Default: `exclude`; relevant ones never are. */
  readonly known?: ItemLists;
  /** Of each item, its number of training interactions, for `popularity@K`. */
  readonly popularity?: ArrayLike<number>;
  /** Beside the items of `relevant`, the users' ratings (NaN: none), for `rmse` and `mae`. */
  readonly ratings?: ArrayLike<number>;
}

export interface JudgeOptions {
  /** What scores: a model's, or any other. It is not disposed of. */
  readonly ranker: ItemRanker;
  readonly itemCount: number;
  /** How a rating is made of a score; null: no task predicts ratings. */
  readonly unit: { readonly offset: number; readonly scale: number } | null;
  /** Of any family but classification. */
  readonly metrics: readonly string[];
  readonly part: RankingPart;
}

/** The same with its metrics read and its users known. */
export interface JudgeRequest extends Omit<JudgeOptions, "metrics" | "part"> {
  readonly metrics: readonly Metric[];
  readonly part: RankingPart & { readonly userIds: Int32Array };
}
