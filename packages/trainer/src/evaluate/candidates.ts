import type { ItemLists, TopK } from "@gradpool/metrics";

/** Lists of catalogue items as places among the candidates; items that are none are dropped. The last lists asked are kept. */
export function narrowed(candidates: Int32Array): (lists: ItemLists) => ItemLists {
  const places = new Map([...candidates].map((item, place) => [item, place]));
  let last: { readonly from: ItemLists; readonly to: ItemLists } | undefined;
  return (from) => {
    if (last?.from === from) return last.to;
    const users = from.offsets.length - 1;
    const offsets = new Int32Array(users + 1);
    const items: number[] = [];
    for (let u = 0; u < users; u++) {
      for (let k = from.offsets[u] as number; k < (from.offsets[u + 1] as number); k++) {
        const place = places.get(from.items[k] as number);
        if (place !== undefined) items.push(place);
      }
      offsets[u + 1] = items.length;
    }
    const to = { offsets, items: Int32Array.from(items) };
    last = { from, to };
    return to;
  };
}

/** Lists of places among the candidates as lists of catalogue items. */
export function widened(top: TopK, candidates: Int32Array): TopK {
  return { ...top, items: top.items.map((place) => (place < 0 ? -1 : (candidates[place] as number))) };
}
