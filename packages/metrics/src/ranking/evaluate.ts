import { GradpoolError } from "@gradpool/core";
import { parseMetric, type RankingMetric } from "../names.js";
import type { TopK } from "../topk/types.js";
import { fail } from "../errors.js";
import { relevanceReader, type RelevantItems, type UserRelevance } from "./relevant.js";

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
export interface RankingReport {
  /** The users counted, in the order of the lists. */
  readonly users: Int32Array;
  /** One value per counted user and metric: what paired tests over users need. */
  readonly perUser: Readonly<Record<string, Float64Array>>;
  /** Mean over the counted users; NaN if there is none. */
  readonly mean: Readonly<Record<string, number>>;
}

const WHERE = "evaluateRanking";

/**
 * Ranking metrics from top-K lists. With g the grade of the item at a rank and R the user's number of relevant items:
 * NDCG@K = Σ (2^g − 1)/log₂(rank + 1) over its value for the ideal list of min(K, R); recall@K = hits/R;
 * precision@K = hits/K; hr@K = 1 if there is any hit.
 *
 * Errors: `unknown-option` for a name, `invalid-input` for a K longer than the lists, duplicates, grades below 0.
 */
export function evaluateRanking(options: RankingOptions): RankingReport {
  const { topK, userIds } = options;
  const metrics = options.metrics.map((name) => rankingMetric(name, topK.k));
  if (userIds && userIds.length !== topK.count) {
    fail(WHERE, `${userIds.length} userIds for ${topK.count} lists`, "pass the userIds given to rankTopK");
  }
  const read = relevanceReader(options.relevant, WHERE);
  const depth = Math.max(0, ...metrics.map(({ k }) => k));
  const discounts = Float64Array.from({ length: depth }, (_, i) => 1 / Math.log2(i + 2));
  const users = new Int32Array(topK.count);
  const values = metrics.map(() => new Float64Array(topK.count));
  let counted = 0;
  for (let row = 0; row < topK.count; row++) {
    const user = userIds ? userIds[row]! : row;
    const relevance = read(user);
    if (relevance.count === 0) continue;
    const list = topK.items.subarray(row * topK.k, row * topK.k + depth);
    metrics.forEach((metric, i) => (values[i]![counted] = score(metric, list, relevance, discounts)));
    users[counted++] = user;
  }
  const perUser: Record<string, Float64Array> = {};
  const mean: Record<string, number> = {};
  metrics.forEach(({ name }, i) => {
    const counts = values[i]!.slice(0, counted);
    perUser[name] = counts;
    mean[name] = counts.reduce((sum, value) => sum + value, 0) / counted;
  });
  return { users: users.slice(0, counted), perUser, mean };
}

function rankingMetric(name: string, longest: number): RankingMetric {
  const metric = parseMetric(name);
  if (metric.family !== "ranking") {
    throw new GradpoolError({
      code: "invalid-option",
      what: `${metric.name} is not computed from ranked lists`,
      where: WHERE,
      remedy: "pass it to evaluateClassification",
    });
  }
  if (metric.k > longest) {
    fail(WHERE, `${metric.name} needs lists of ${metric.k}, these have ${longest}`, `rank with k ≥ ${metric.k}`);
  }
  return metric;
}

function score(
  { metric, k }: RankingMetric,
  list: Int32Array,
  relevance: UserRelevance,
  discounts: Float64Array,
): number {
  let hits = 0;
  let gain = 0;
  for (let i = 0; i < k && list[i]! >= 0; i++) {
    const grade = relevance.grade(list[i]!);
    if (grade === 0) continue;
    hits++;
    gain += (2 ** grade - 1) * discounts[i]!;
  }
  if (metric === "recall") return hits / relevance.count;
  if (metric === "precision") return hits / k;
  if (metric === "hr") return hits > 0 ? 1 : 0;
  let ideal = 0;
  for (let i = 0; i < k && i < relevance.count; i++) ideal += (2 ** relevance.ideal(i) - 1) * discounts[i]!;
  return gain / ideal;
}
