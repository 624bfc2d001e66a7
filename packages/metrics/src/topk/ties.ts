import type { ItemLists, TopK } from "./types.js";

/** Gathers, list by list, the relevant items that K cut off among equal scores. */
export interface CutCollector {
  /**
   * Looks for the user's relevant items beyond list `row` that score as its last item does and are not excluded.
   * `excluded` ascends within each user. Equal scores go by ascending item, so that those beyond come after the last one.
   */
  look(
    top: TopK,
    row: number,
    user: number,
    relevant: ItemLists,
    excluded: ItemLists | undefined,
    scoreOf: (item: number) => number,
  ): void;
  endRow(): void;
  lists(): ItemLists;
}

export function cutCollector(): CutCollector {
  const offsets = [0];
  const items: number[] = [];
  return {
    look(top, row, user, relevant, excluded, scoreOf) {
      const last = (row + 1) * top.k - 1;
      for (let at = relevant.offsets[user]!; at < relevant.offsets[user + 1]!; at++) {
        const item = relevant.items[at]!;
        if (item <= top.items[last]! || scoreOf(item) !== top.scores[last]) continue;
        if (!excluded || !holds(excluded, user, item)) items.push(item);
      }
    },
    endRow: () => void offsets.push(items.length),
    lists: () => ({ offsets: Int32Array.from(offsets), items: Int32Array.from(items) }),
  };
}

/** Visits the items beyond list `row` that score as its last one does and are not excluded. */
export function beyondList(
  top: TopK,
  row: number,
  user: number,
  itemCount: number,
  excluded: ItemLists | undefined,
  scoreOf: (item: number) => number,
): (visit: (item: number) => void) => void {
  const last = (row + 1) * top.k - 1;
  return (visit) => {
    for (let item = top.items[last]! + 1; item < itemCount; item++) {
      if (scoreOf(item) === top.scores[last] && !(excluded && holds(excluded, user, item))) visit(item);
    }
  };
}

function holds({ offsets, items }: ItemLists, user: number, item: number): boolean {
  let low = offsets[user]!;
  let high = offsets[user + 1]!;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle]! < item) low = middle + 1;
    else high = middle;
  }
  return low < offsets[user + 1]! && items[low] === item;
}
