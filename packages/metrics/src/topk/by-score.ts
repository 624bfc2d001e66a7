import { topHeap } from "./heap.js";
import { nanScore } from "./rank.js";
import { exposureCollector } from "./exposure.js";
import { beyondList, cutCollector } from "./ties.js";
import type { ItemLists, TopK } from "./types.js";
import { fail, positiveInteger } from "../errors.js";
import { checkIds, checkLists } from "./validate.js";

export interface ScoredTopKOptions {
  /** Users of the model; ids run from 0. */
  readonly userCount: number;
  /** Items of the catalogue; ids run from 0. */
  readonly itemCount: number;
  readonly k: number;
  /** The users to rank, in the order of the result; all of them by default. */
  readonly userIds?: Int32Array;
  /** Items left out of each user's list, indexed by user. */
  readonly exclude?: ItemLists;
  /** The items that `evaluateRanking` will look for, as for `rankTopK`. */
  readonly relevant?: ItemLists;
  /** Ks at which to count how often each item is shown, as for `rankTopK`. */
  readonly exposure?: readonly number[];
  /** Users per call of `score`; by default as many as make about four million scores. */
  readonly block?: number;
  /** The scores of all items for these users: userIds.length × itemCount, row by row. May reuse one array. */
  score(userIds: Int32Array): Float32Array | Promise<Float32Array>;
}

const SCORES_PER_BLOCK = 4 << 20;
const WHERE = "rankTopKBy";

/** {@link rankTopK} for any model: `score` makes the scores of a block of users, this keeps the K best of each. */
export async function rankTopKBy(options: ScoredTopKOptions): Promise<TopK> {
  const { userCount, itemCount, k, userIds, exclude } = options;
  positiveInteger(userCount, "userCount", WHERE);
  positiveInteger(itemCount, "itemCount", WHERE);
  positiveInteger(k, "k", WHERE);
  if (options.block !== undefined) positiveInteger(options.block, "block", WHERE);
  if (userIds) checkIds(userIds, userCount, WHERE);
  const excluded = exclude && checkLists(exclude, userCount, itemCount, WHERE);
  const relevant = options.relevant && checkLists(options.relevant, userCount, itemCount, WHERE);
  const ids = userIds ?? Int32Array.from({ length: userCount }, (_, user) => user);
  const block = options.block ?? Math.max(1, Math.floor(SCORES_PER_BLOCK / itemCount));
  const tied = new Int32Array(ids.length);
  const cut = cutCollector();
  const shown = options.exposure && exposureCollector(options.exposure, k, itemCount, WHERE);
  const top: TopK = {
    count: ids.length,
    k,
    items: new Int32Array(ids.length * k).fill(-1),
    scores: new Float32Array(ids.length * k).fill(-Infinity),
    ties: { count: tied },
  };
  const heap = topHeap(Math.min(k, itemCount));
  for (let start = 0; start < ids.length; start += block) {
    const users = ids.slice(start, start + block);
    const scores = await options.score(users);
    if (scores.length !== users.length * itemCount) {
      fail(
        WHERE,
        `score returned ${scores.length} values for ${users.length} users and ${itemCount} items`,
        "return one score per user and item, row by row",
      );
    }
    for (let i = 0; i < users.length; i++) {
      select(heap, scores, i * itemCount, itemCount, users[i]!, excluded);
      tied[start + i] = heap.tied();
      heap.write(top.items, top.scores, (start + i) * k);
      const row = start + i;
      const user = users[i]!;
      const scoreOf = (item: number): number => scores[i * itemCount + item]!;
      if (relevant && tied[row]! > 0) cut.look(top, row, user, relevant, excluded, scoreOf);
      cut.endRow();
      shown?.add(top, row, beyondList(top, row, user, itemCount, excluded, scoreOf));
    }
  }
  return {
    ...top,
    ties: { count: tied, ...(relevant && { relevant: cut.lists() }) },
    ...(shown && { exposure: shown.exposures() }),
  };
}

function select(
  heap: ReturnType<typeof topHeap>,
  scores: Float32Array,
  at: number,
  itemCount: number,
  user: number,
  excluded: ItemLists | undefined,
): void {
  let cursor = excluded ? excluded.offsets[user]! : 0;
  const end = excluded ? excluded.offsets[user + 1]! : 0;
  let threshold = heap.threshold();
  for (let item = 0; item < itemCount; item++) {
    const score = scores[at + item]!;
    if (score < threshold) continue;
    if (Number.isNaN(score)) nanScore(WHERE, user, item);
    while (cursor < end && excluded!.items[cursor]! < item) cursor++;
    if (cursor < end && excluded!.items[cursor] === item) continue;
    heap.offer(score, item);
    threshold = heap.threshold();
  }
}
