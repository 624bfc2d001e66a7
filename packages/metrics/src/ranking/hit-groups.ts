import { fail } from "../errors.js";
import type { TopK } from "../topk/types.js";
import type { UserRelevance } from "./relevant.js";

/** A group of equal scores that holds relevant items. A score that nothing ties with is a group of one. */
export interface HitGroup {
  /** Items ranked before the group. */
  readonly before: number;
  /** Items in the group, those beyond the list included. */
  readonly size: number;
  /** How many of them are relevant, and their gains Σ (2^grade − 1). */
  readonly hits: number;
  readonly gain: number;
}

/** The groups that begin within the first `depth` ranks of list `row` and hold a relevant item, best first. */
export function hitGroups(
  { k, items, scores, ties }: TopK,
  row: number,
  depth: number,
  user: number,
  relevance: UserRelevance,
  where: string,
): HitGroup[] {
  const groups: HitGroup[] = [];
  const start = row * k;
  const end = start + k;
  let found = 0;
  let hits = 0;
  let gain = 0;
  const take = (item: number): void => {
    const own = relevance.gain(item);
    if (own === 0) return;
    hits++;
    gain += own;
  };
  for (let at = start; at < start + depth && items[at]! >= 0;) {
    const score = scores[at]!;
    if (Number.isNaN(score)) fail(where, `a score of user ${user} is NaN`, "rank numbers: training may have diverged");
    const first = at;
    hits = gain = 0;
    for (; at < end && items[at]! >= 0 && scores[at] === score; at++) take(items[at]!);
    let size = at - first;
    if (at < end && items[at]! >= 0 && !(scores[at]! < score)) {
      fail(where, `the scores of user ${user} are not descending at rank ${at - start + 1}`, "pass lists of rankTopK");
    }
    if (at === end && ties) {
      size += ties.count[row]!;
      if (ties.relevant) {
        const { offsets, items: beyond } = ties.relevant;
        for (let i = offsets[row]!; i < offsets[row + 1]!; i++) take(beyond[i]!);
      }
    }
    if (hits > 0) groups.push({ before: first - start, size, hits, gain });
    found += hits;
  }
  if (found > relevance.count) {
    fail(where, `the list of user ${user} holds a relevant item twice`, "pass each item once");
  }
  return groups;
}
