import type { ItemLists } from "../topk/types.js";
import { fail } from "../errors.js";

/** The relevant items of each user, for example those of the test part. */
export interface RelevantItems extends ItemLists {
  /** One grade from 0 to 1000 per entry of `items`; 1 by default. A grade without gain (2^grade = 1) is not relevant. */
  readonly grades?: ArrayLike<number>;
}

/** One user's relevant items. */
export interface UserRelevance {
  /** How many items are relevant. */
  readonly count: number;
  /** The item's gain 2^grade − 1; 0 if it is not relevant. */
  gain(item: number): number;
  /** The `i`-th highest gain. */
  idealGain(i: number): number;
}

/** Reads user after user without an object per item. The result is valid until the next call. */
export function relevanceReader(relevant: RelevantItems, where: string): (user: number) => UserRelevance {
  const { offsets, items, grades } = relevant;
  if (grades && grades.length !== items.length) {
    fail(where, `${grades.length} grades for ${items.length} relevant items`, "pass one grade per item");
  }
  let order = new Int32Array(0);
  let sorted = new Float64Array(0);
  let start = 0;
  let size = 0;
  let count = 0;

  function find(item: number): number {
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (items[start + order[middle]!]! < item) low = middle + 1;
      else high = middle;
    }
    return low < size && items[start + order[low]!] === item ? start + order[low]! : -1;
  }

  const view: UserRelevance = {
    get count() {
      return count;
    },
    gain(item) {
      const at = find(item);
      return at < 0 ? 0 : grades ? 2 ** grades[at]! - 1 : 1;
    },
    idealGain: (i) => (grades ? 2 ** sorted[size - 1 - i]! - 1 : 1),
  };

  return (user) => {
    if (user < 0 || user + 1 >= offsets.length) {
      fail(where, `user ${user} of ${offsets.length - 1}`, "pass relevant items for every ranked user");
    }
    start = offsets[user]!;
    size = offsets[user + 1]! - start;
    if (order.length < size) {
      order = new Int32Array(2 * size);
      sorted = new Float64Array(2 * size);
    }
    for (let i = 0; i < size; i++) order[i] = i;
    order.subarray(0, size).sort((a, b) => items[start + a]! - items[start + b]!);
    count = size;
    for (let i = 0; i < size; i++) {
      if (i > 0 && items[start + order[i]!] === items[start + order[i - 1]!]) {
        fail(where, `user ${user} lists item ${items[start + order[i]!]} twice`, "pass each relevant item once");
      }
      if (!grades) continue;
      const grade = grades[start + i]!;
      // Beyond 1000 a sum of gains may leave the range of numbers.
      if (!(grade >= 0 && grade <= 1000))
        fail(where, `user ${user} has a grade of ${grade}`, "pass grades from 0 to 1000");
      if (2 ** grade === 1) count--;
      sorted[i] = grade;
    }
    if (grades) sorted.subarray(0, size).sort();
    return view;
  };
}
