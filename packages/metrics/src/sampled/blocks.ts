import type { ItemLists } from "../topk/types.js";
import { negativeSampler } from "./draw.js";

/** Items of each of some users, to be scored. */
export interface PairScores {
  readonly users: Int32Array;
  /** Those of users[k] are items[offsets[k]] … items[offsets[k + 1] − 1]. */
  readonly offsets: Int32Array;
  readonly items: Int32Array;
}

/** A block of users, with the lists to be scored: each a relevant item, and the negatives that it is ranked among. */
export interface Block extends PairScores {
  /** Negatives of each list of users[k]. */
  readonly negatives: Int32Array;
}

export interface Candidates {
  readonly relevant: ItemLists;
  readonly known: ItemLists;
  readonly itemCount: number;
  readonly seed: number;
}

/** Scores at a time: some tens of MiB with all that belongs to them. */
const most = 1 << 20;

/** The users who have a relevant item, in blocks; every list is a relevant item followed by its negatives. */
export function* blocksOf(userIds: Int32Array, wanted: number, candidates: Candidates): Generator<Block> {
  let users: number[] = [];
  let negatives: number[] = [];
  let parts: Int32Array[] = [];
  let size = 0;
  const finish = (): Block => {
    const offsets = new Int32Array(parts.length + 1);
    const items = new Int32Array(size);
    parts.forEach((part, k) => {
      items.set(part, offsets[k]);
      offsets[k + 1] = offsets[k]! + part.length;
    });
    const block = { users: Int32Array.from(users), negatives: Int32Array.from(negatives), offsets, items };
    [users, negatives, parts, size] = [[], [], [], 0];
    return block;
  };
  for (const user of userIds) {
    const { count, items } = listsOf(user, wanted, candidates);
    if (items.length === 0) continue;
    users.push(user);
    negatives.push(count);
    parts.push(items);
    size += items.length;
    if (size >= most) yield finish();
  }
  if (users.length > 0) yield finish();
}

function listsOf(
  user: number,
  wanted: number,
  { relevant, known, itemCount, seed }: Candidates,
): { readonly count: number; readonly items: Int32Array } {
  const own = relevant.items.subarray(relevant.offsets[user], relevant.offsets[user + 1]);
  if (own.length === 0) return { count: 0, items: own };
  const met = known.items.subarray(known.offsets[user], known.offsets[user + 1]);
  const sampler = negativeSampler(seed, user, wanted, itemCount, Int32Array.of(...met, ...own));
  const length = 1 + sampler.count;
  const items = new Int32Array(own.length * length);
  own.forEach((item, k) => {
    items[k * length] = item;
    sampler.draw(items, k * length + 1);
  });
  return { count: sampler.count, items };
}
