import { GradpoolError } from "@gradpool/core";
import { parseMetric, type RankingMetric } from "../names.js";
import type { MetricReport } from "../report.js";
import type { TopK } from "../topk/types.js";
import { fail } from "../errors.js";
import { expectations } from "./expectations.js";
import { hitGroups } from "./hit-groups.js";
import { relevanceReader, type RelevantItems } from "./relevant.js";

export interface RankingOptions {
  /** Lists of {@link rankTopK}, at least as long as the longest K among the metrics. */
  readonly topK: TopK;
  /** Relevant items, indexed by user. */
  readonly relevant: RelevantItems;
  /** Names such as `ndcg@10`; see {@link parseMetric}. */
  readonly metrics: readonly string[];
  /** The user of each list where `rankTopK` was given `userIds`; row i is user i by default. */
  readonly userIds?: Int32Array;
}

/** Metrics of the users with at least one relevant item; the others are left out. */
export interface RankingReport extends MetricReport {
  /** The users counted, in the order of the lists. */
  readonly users: Int32Array;
  /** One value per counted user and metric: what paired tests over users need. */
  readonly perUser: Readonly<Record<string, Float64Array>>;
  /** Mean over the counted users; NaN, and a reason in `undefined`, if there is none. */
  readonly values: Readonly<Record<string, number>>;
}

const WHERE = "evaluateRanking";

/**
 * Ranking metrics from top-K lists. With g the grade of the item at a rank and R the user's number of relevant items:
 * NDCG@K = Σ (2^g − 1)/log₂(rank + 1) over its value for the ideal list of min(K, R); recall@K = hits/R;
 * precision@K = hits/K; hr@K = 1 if there is any hit; MRR@K = 1/rank of the first hit, 0 without one; MAP@K = Σ over hits
 * of (hits up to its rank)/rank, over min(K, R). Each as RecBole defines it (recbole/evaluator/metrics.py).
 *
 * Items that score the same have no order: each value is the mean over all orders of tied items, so that it does not
 * depend on how items are numbered. Where K cuts a group of equal scores, the items beyond it count as well.
 *
 * Errors: `unknown-option` for a name, `invalid-input` for a K longer than the lists, lists ranked without `relevant`,
 * NaN or ascending scores, duplicates, grades that are not from 0 to 1000.
 */
export function evaluateRanking(options: RankingOptions): RankingReport {
  const { topK, userIds } = options;
  const metrics = options.metrics.map((name) => rankingMetric(name, topK.k));
  if (userIds && userIds.length !== topK.count) {
    fail(WHERE, `${userIds.length} userIds for ${topK.count} lists`, "pass the userIds given to rankTopK");
  }
  if (topK.ties && !topK.ties.relevant) {
    fail(WHERE, "the lists do not know which relevant items K cut off among equal scores", "pass relevant to rankTopK");
  }
  const read = relevanceReader(options.relevant, WHERE);
  const depth = Math.max(0, ...metrics.map(({ k }) => k));
  const discounts = Float64Array.from({ length: depth }, (_, i) => 1 / Math.log2(i + 2));
  const users = new Int32Array(topK.count);
  const counts = metrics.map(() => new Float64Array(topK.count));
  let counted = 0;
  for (let row = 0; row < topK.count; row++) {
    const user = userIds ? userIds[row]! : row;
    const relevance = read(user);
    if (relevance.count === 0) continue;
    const ranked = { groups: hitGroups(topK, row, depth, user, relevance, WHERE), relevance, discounts };
    metrics.forEach(({ metric, k }, i) => (counts[i]![counted] = expectations[metric](k, ranked)));
    users[counted++] = user;
  }
  const perUser = metrics.map(({ name }, i) => [name, counts[i]!.slice(0, counted)] as const);
  return rankingReport(users.slice(0, counted), perUser, topK.count);
}

/** The means of what the counted users have, of `ranked` ones. */
export function rankingReport(
  users: Int32Array,
  perUser: readonly (readonly [name: string, values: Float64Array])[],
  ranked: number,
): RankingReport {
  const values = perUser.map(([name, all]) => [name, all.reduce((sum, value) => sum + value, 0) / users.length]);
  const reason = `none of the ${ranked} ranked users has a relevant item`;
  const missing = users.length > 0 ? [] : perUser.map(([name]) => ({ metric: name, reason }));
  return {
    users,
    perUser: Object.fromEntries(perUser),
    values: Object.fromEntries(values) as RankingReport["values"],
    undefined: missing,
  };
}

const evaluatorOf = {
  classification: "evaluateClassification",
  rating: "evaluateRatings",
  catalogue: "evaluateCatalogue",
} as const;

function rankingMetric(name: string, longest: number): RankingMetric {
  const metric = parseMetric(name);
  if (metric.family !== "ranking") {
    throw new GradpoolError({
      code: "invalid-option",
      what: `${metric.name} is not computed from each user's list`,
      where: WHERE,
      remedy: `pass it to ${evaluatorOf[metric.family]}`,
    });
  }
  if (metric.sampled !== undefined) {
    throw new GradpoolError({
      code: "invalid-option",
      what: `${metric.name} is not computed from lists of all items`,
      where: WHERE,
      remedy: "pass it to evaluateSampled",
    });
  }
  if (metric.k > longest) {
    fail(WHERE, `${metric.name} needs lists of ${metric.k}, these have ${longest}`, `rank with k ≥ ${metric.k}`);
  }
  return metric;
}
