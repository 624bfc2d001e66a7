import type { Interactions } from "@gradpool/data";
import type { ItemLists } from "@gradpool/metrics";
import type { Pair } from "./contract.js";
import type { Opened } from "./opened.js";

/** Each user's items of all of these lists, ascending and each once. */
export function uniteLists(lists: readonly ItemLists[], users: number): ItemLists {
  const offsets = new Int32Array(users + 1);
  const items = new Int32Array(lists.reduce((sum, list) => sum + list.items.length, 0));
  let size = 0;
  for (let u = 0; u < users; u++) {
    const from = size;
    let to = from;
    for (const list of lists) {
      const own = list.items.subarray(list.offsets[u] as number, list.offsets[u + 1] as number);
      items.set(own, to);
      to += own.length;
    }
    let last = -1;
    for (const item of items.subarray(from, to).sort()) {
      if (item !== last) items[size++] = item;
      last = item;
    }
    offsets[u + 1] = size;
  }
  return { offsets, items: items.slice(0, size) };
}

/** All that users are known to have chosen of a task's behaviour; of tasks that are no behaviour, of the set's target. */
export function seenItems({ data }: Opened, task: string): ItemLists {
  const { behaviors, target, users } = data.set;
  const behavior = behaviors[task] ?? behaviors[target];
  const parts: readonly Interactions[] = behavior === undefined ? [] : [behavior.train, behavior.valid, behavior.test];
  return uniteLists(parts, users);
}

export const noItems = (users: number): ItemLists => ({ offsets: new Int32Array(users + 1), items: new Int32Array(0) });

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
    items.push(...new Set((byUser.get(u) ?? []).sort((a, b) => a - b)));
    offsets[u + 1] = items.length;
  }
  return { lists: { offsets, items: Int32Array.from(items) }, unknown };
}
