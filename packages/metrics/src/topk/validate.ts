import { fail, positiveInteger } from "../errors.js";
import type { ItemLists, Job, TopKOptions } from "./types.js";

/** Checks shapes, ids and order, and sorts a copy of the exclusions if any user's are not ascending. */
export function makeJob(options: TopKOptions, where: string): Job {
  const { users, items, dim, k, exclude, userIds, bias } = options;
  positiveInteger(dim, "dim", where);
  positiveInteger(k, "k", where);
  const userCount = rows(users, dim, "users", where);
  const itemCount = rows(items, dim, "items", where);
  if (bias && bias.length !== itemCount) {
    fail(where, `bias has ${bias.length} entries for ${itemCount} items`, "pass one bias per item");
  }
  if (userIds) checkIds(userIds, userCount, where);
  const excluded = exclude && checkLists(exclude, userCount, itemCount, where);
  return {
    users,
    items,
    bias,
    dim,
    k,
    itemCount,
    count: userIds ? userIds.length : userCount,
    userIds,
    excludeOffsets: excluded?.offsets,
    excludeItems: excluded?.items,
  };
}

function rows(values: Float32Array, dim: number, name: string, where: string): number {
  if (values.length % dim !== 0) {
    fail(
      where,
      `${name} has ${values.length} values, not a multiple of dim ${dim}`,
      `pass ${name} row by row, ${dim} values each`,
    );
  }
  return values.length / dim;
}

export function checkIds(userIds: Int32Array, userCount: number, where: string): void {
  for (let i = 0; i < userIds.length; i++) {
    if (userIds[i]! < 0 || userIds[i]! >= userCount) {
      fail(where, `userIds[${i}] is ${userIds[i]} with ${userCount} users`, "pass rows of users");
    }
  }
}

/** Checks the lists and returns them with each user's items ascending (a copy only if they were not). */
export function checkLists(lists: ItemLists, userCount: number, itemCount: number, where: string): ItemLists {
  const { offsets, items } = lists;
  if (offsets.length !== userCount + 1 || offsets[0] !== 0 || offsets[userCount] !== items.length) {
    fail(
      where,
      `offsets (${offsets.length} entries, last ${offsets[offsets.length - 1]}) do not fit ${userCount} users and ${items.length} items`,
      "pass users + 1 ascending offsets from 0 to the number of items",
    );
  }
  let sorted = true;
  for (let user = 0; user < userCount; user++) {
    const stop = offsets[user + 1]!;
    if (!(stop >= offsets[user]!))
      fail(where, `offsets[${user + 1}] is ${stop}, below offsets[${user}]`, "pass ascending offsets");
    for (let at = offsets[user]!; at < stop; at++) {
      const item = items[at]!;
      if (item < 0 || item >= itemCount) {
        fail(
          where,
          `user ${user} lists item ${item} of ${itemCount}`,
          "pass item ids from 0 to the number of items - 1",
        );
      }
      if (at > offsets[user]! && item < items[at - 1]!) sorted = false;
    }
  }
  if (sorted) return lists;
  const copy = items.slice();
  for (let user = 0; user < userCount; user++) copy.subarray(offsets[user], offsets[user + 1]).sort();
  return { offsets, items: copy };
}
