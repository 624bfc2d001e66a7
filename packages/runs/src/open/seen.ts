import type { ItemLists } from "@gradpool/metrics";
import { uniteLists } from "../evaluation/lists.js";
import type { Pair, RankOptions } from "./contract.js";
import type { Opened } from "./opened.js";

/** All that users are known to have chosen of a task's behaviour; of tasks that are no behaviour, of the set's target. */
export function seenItems({ data }: Pick<Opened, "data">, task: string): ItemLists {
  const { behaviors, target, users } = data.set;
  const behavior = behaviors[task] ?? behaviors[target];
  return behavior === undefined ? noItems(users) : uniteLists([behavior.train, behavior.valid, behavior.test]);
}

const noItems = (users: number): ItemLists => ({ offsets: new Int32Array(users + 1), items: new Int32Array(0) });

/** Pairs by dense user; those that name what the run does not know are counted and left out. */
export function listsOf(run: Opened, pairs: Iterable<Pair>): { readonly lists: ItemLists; readonly unknown: number } {
  const byUser = new Map<number, number[]>();
  let unknown = 0;
  for (const { user, item } of pairs) {
    const u = run.users.find(user);
    const i = run.items.find(item);
    if (u < 0 || i < 0) unknown++;
    else if (byUser.has(u)) byUser.get(u)?.push(i);
    else byUser.set(u, [i]);
  }
  const count = run.data.set.users;
  const offsets = new Int32Array(count + 1);
  const items: number[] = [];
  for (let u = 0; u < count; u++) {
    for (const item of new Set((byUser.get(u) ?? []).sort((a, b) => a - b))) items.push(item);
    offsets[u + 1] = items.length;
  }
  return { lists: { offsets, items: Int32Array.from(items) }, unknown };
}

/** What lists leave out, as `exclude` of `recommend` says. */
export function excludedItems(run: Opened, exclude: NonNullable<RankOptions["exclude"]>, task: string): ItemLists {
  if (exclude === "seen") return seenItems(run, task);
  return exclude === "none" ? noItems(run.data.set.users) : listsOf(run, exclude).lists;
}
