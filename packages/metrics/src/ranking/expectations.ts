import type { RankingMetricName } from "../names.js";
import type { HitGroup } from "./hit-groups.js";
import type { UserRelevance } from "./relevant.js";

/** What a metric is computed from: one user's groups of equal scores with a hit, best first. */
export interface Ranked {
  readonly groups: readonly HitGroup[];
  readonly relevance: UserRelevance;
  /** 1/log₂(rank + 1) of each rank. */
  readonly discounts: Float64Array;
}

/**
 * Each metric's expected value over all orders of the items within groups of equal scores, in closed form (McSherry and
 * Najork, "Computing Information Retrieval Performance Measures Efficiently in the Presence of Tied Scores", ECIR 2008).
 * Below, a group of n items with r relevant ones comes after s others; K shows c = min(n, K − s) of it. Without ties
 * n = 1, and each is the plain metric to the last bit.
 */
export const expectations: Readonly<Record<RankingMetricName, (k: number, ranked: Ranked) => number>> = {
  ndcg: (k, { groups, relevance, discounts }) => {
    let gain = 0;
    for (const group of groups) {
      if (group.before >= k) break;
      let discount = 0;
      for (let i = group.before; i < group.before + shown(group, k); i++) discount += discounts[i]!;
      gain += (group.gain / group.size) * discount;
    }
    let ideal = 0;
    for (let i = 0; i < k && i < relevance.count; i++) ideal += relevance.idealGain(i) * discounts[i]!;
    return gain / ideal;
  },
  recall: (k, { groups, relevance }) => expectedHits(groups, k) / relevance.count,
  precision: (k, { groups }) => expectedHits(groups, k) / k,
  hr: (k, { groups }) => {
    const first = groups[0];
    return first === undefined ? 0 : 1 - missed(first, shown(first, k));
  },
  mrr: (k, { groups }) => {
    const first = groups[0];
    if (first === undefined) return 0;
    const { before, size, hits } = first;
    let sum = 0;
    // P(the first relevant item is the j-th of the group) = C(n − j, r − 1)/C(n, r), by its ratio from j to j + 1.
    let p = hits / size;
    for (let j = 1; j <= shown(first, k) && p > 0; j++) {
      sum += p / (before + j);
      p *= (size - j - hits + 1) / (size - j);
    }
    return sum;
  },
  map: (k, { groups, relevance }) => {
    let sum = 0;
    let before = 0;
    for (const group of groups) {
      // Given a hit at the j-th place, each of the j − 1 places before it is one with probability (r − 1)/(n − 1).
      const others = group.size === 1 ? 0 : (group.hits - 1) / (group.size - 1);
      for (let j = 1; j <= shown(group, k); j++) {
        sum += ((group.hits / group.size) * (before + 1 + (j - 1) * others)) / (group.before + j);
      }
      before += group.hits;
    }
    return sum / Math.min(relevance.count, k);
  },
};

/** c: how many items of the group are within the first K ranks. */
const shown = ({ before, size }: HitGroup, k: number): number => Math.max(0, Math.min(size, k - before));

function expectedHits(groups: readonly HitGroup[], k: number): number {
  let sum = 0;
  for (const group of groups) sum += (group.hits * shown(group, k)) / group.size;
  return sum;
}

/** P(none of the c shown is relevant) = C(n − r, c)/C(n, c), in min(r, c) factors; 0 as soon as c > n − r. */
function missed({ size, hits }: HitGroup, c: number): number {
  const [few, many] = hits < c ? [hits, c] : [c, hits];
  let p = 1;
  for (let j = 0; j < few && p > 0; j++) p *= Math.max(0, size - many - j) / (size - j);
  return p;
}
