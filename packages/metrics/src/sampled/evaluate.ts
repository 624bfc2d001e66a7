import { GradpoolError } from "@gradpool/core";
import { fail, positiveInteger } from "../errors.js";
import { parseMetric, type RankingMetric } from "../names.js";
import { type RankingReport, rankingReport } from "../ranking/evaluate.js";
import { expectations } from "../ranking/expectations.js";
import type { ItemLists } from "../topk/types.js";
import { checkLists } from "../topk/validate.js";
import { type Block, blocksOf, type PairScores } from "./blocks.js";

export interface SampledOptions {
  /** Relevant items, indexed by user. */
  readonly relevant: ItemLists;
  /** What users are known to have chosen, indexed by user: never a negative. Relevant items need not be among them. */
  readonly known: ItemLists;
  readonly itemCount: number;
  /** Names such as `ndcg@10/sampled99`; see {@link parseMetric}. */
  readonly metrics: readonly string[];
  /** The users to judge by; all of them by default. */
  readonly userIds?: Int32Array;
  /** Of the negatives alone. Default 0: the same for whatever is compared. */
  readonly seed?: number;
  /** Scores of these users' items, in their order. */
  score(pairs: PairScores): ArrayLike<number> | Promise<ArrayLike<number>>;
}

const WHERE = "evaluateSampled";

/**
 * Ranking metrics among samples: each relevant item of a user alone against n negatives, drawn anew for each, uniformly and
 * without repetition from the items that the user is not known to have chosen (all of these where they are fewer). With r its
 * rank among the 1 + n: hr@K and recall@K = [r ≤ K], precision@K = [r ≤ K]/K, NDCG@K = [r ≤ K]/log₂(r + 1), MRR@K and
 * MAP@K = [r ≤ K]/r; ties as in {@link evaluateRanking}. A user's value is the mean over the relevant items, a metric's the
 * mean over users. NCF's and ReChorus' protocol where a user has one relevant item. Values among samples are far above those
 * among all items and may order models otherwise (Krichene and Rendle, KDD 2020): the sample is part of the name.
 *
 * Errors: `unknown-option` for a name; `invalid-option` for one without a sample; `invalid-input` for NaN scores, wrong lists.
 */
export async function evaluateSampled(options: SampledOptions): Promise<RankingReport> {
  const { itemCount, seed = 0 } = options;
  positiveInteger(itemCount, "itemCount", WHERE);
  const metrics = options.metrics.map(sampledMetric);
  const userCount = options.relevant.offsets.length - 1;
  const relevant = checkLists(options.relevant, userCount, itemCount, WHERE);
  const known = checkLists(options.known, userCount, itemCount, WHERE);
  const userIds = options.userIds ?? Int32Array.from({ length: userCount }, (_, user) => user);
  const sizes = [...new Set(metrics.map(({ sampled }) => sampled as number))];
  const held = new Map(metrics.map(({ name }) => [name, [] as number[]]));
  let users: number[] = [];
  for (const size of sizes) {
    users = [];
    const mine = metrics.filter(({ sampled }) => sampled === size);
    for (const block of blocksOf(userIds, size, { relevant, known, itemCount, seed })) {
      const scores = await options.score({ users: block.users, offsets: block.offsets, items: block.items });
      if (scores.length !== block.items.length)
        fail(WHERE, `${scores.length} scores for ${block.items.length} items`, "return one score per item, in order");
      judge(block, scores, mine, held);
      for (const user of block.users) users.push(user);
    }
  }
  const perUser = metrics.map(({ name }) => [name, Float64Array.from(held.get(name) ?? [])] as const);
  return rankingReport(Int32Array.from(users), perUser, userIds.length);
}

/** Adds each user's mean over the relevant items to what `held` has of each metric. */
function judge(
  { users, negatives, offsets }: Block,
  scores: ArrayLike<number>,
  metrics: readonly RankingMetric[],
  held: ReadonlyMap<string, number[]>,
): void {
  const depth = Math.max(0, ...metrics.map(({ k }) => k));
  const discounts = Float64Array.from({ length: depth }, (_, i) => 1 / Math.log2(i + 2));
  const relevance = { count: 1, gain: () => 1, idealGain: () => 1 };
  users.forEach((user, u) => {
    const length = 1 + negatives[u]!;
    const lists = (offsets[u + 1]! - offsets[u]!) / length;
    const sums = metrics.map(() => 0);
    for (let at = offsets[u]!; at < offsets[u + 1]!; at += length) {
      const { before, tied } = placeOf(scores, at, length, user);
      const groups = [{ before, size: tied + 1, hits: 1, gain: 1 }];
      metrics.forEach(({ metric, k }, i) => (sums[i]! += expectations[metric](k, { groups, relevance, discounts })));
    }
    metrics.forEach(({ name }, i) => held.get(name)?.push(sums[i]! / lists));
  });
}

/** How many negatives score more than the relevant item, and as it does. */
function placeOf(scores: ArrayLike<number>, at: number, length: number, user: number) {
  const own = scores[at]!;
  let [before, tied] = [0, 0];
  for (let k = at; k < at + length; k++) {
    const score = scores[k]!;
    if (Number.isNaN(score)) fail(WHERE, `a score of user ${user} is NaN`, "rank numbers: training may have diverged");
    if (score > own) before++;
    else if (score === own && k > at) tied++;
  }
  return { before, tied };
}

function sampledMetric(name: string): RankingMetric {
  const metric = parseMetric(name);
  if (metric.family === "ranking" && metric.sampled !== undefined) return metric;
  throw new GradpoolError({
    code: "invalid-option",
    what: `${metric.name} is not computed among samples`,
    where: WHERE,
    remedy: "name the sample, as in ndcg@10/sampled99",
  });
}
