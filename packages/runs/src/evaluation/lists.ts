import type { ItemLists } from "@gradpool/metrics";

/** Each user's items of all of these lists of the same users, ascending and each once. */
export function uniteLists(lists: readonly ItemLists[]): ItemLists {
  const users = Math.max(0, (lists[0]?.offsets.length ?? 1) - 1);
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
