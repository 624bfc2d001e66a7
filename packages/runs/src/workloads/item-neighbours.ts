import type { ItemLists } from "@gradpool/metrics";

export interface NeighbourOptions extends ItemLists {
  readonly itemCount: number;
  readonly k: number;
  readonly shrink: number;
}

/** By item j, the items that have j among their nearest, and how like them j is. */
export interface Neighbours extends ItemLists {
  readonly likeness: Float32Array;
}

/**
 * sim(j, i) = |U_i ∩ U_j| / (√(|U_i| |U_j|) + shrink), U_i the users who chose i; the k largest of each i, itself left out and
 * those of 0, equal ones by ascending item. As RecBole's ComputeSimilarity has it, but for the 1e-6 that it adds to the
 * denominator. Costs Σ_u |I_u|² additions, memory k · items.
 */
export function itemNeighbours({ offsets, items, itemCount, k, shrink }: NeighbourOptions): Neighbours {
  const byItem = transposed(offsets, items, itemCount);
  const degree = (item: number): number => byItem.offsets[item + 1]! - byItem.offsets[item]!;
  const found: { readonly of: number; readonly near: number; readonly likeness: number }[] = [];
  const together = new Int32Array(itemCount);
  for (let item = 0; item < itemCount; item++) {
    const met: number[] = [];
    for (let at = byItem.offsets[item]!; at < byItem.offsets[item + 1]!; at++) {
      const user = byItem.users[at]!;
      for (let other = offsets[user]!; other < offsets[user + 1]!; other++) {
        const j = items[other]!;
        const before = together[j]!;
        together[j] = before + 1;
        if (before === 0 && j !== item) met.push(j);
      }
    }
    const scored = met.map((near) => ({
      of: item,
      near,
      likeness: together[near]! / (Math.sqrt(degree(item) * degree(near)) + shrink),
    }));
    scored.sort((a, b) => b.likeness - a.likeness || a.near - b.near);
    found.push(...scored.slice(0, k));
    for (const j of met) together[j] = 0;
    together[item] = 0;
  }
  return byNeighbour(found, itemCount);
}

function transposed(offsets: ArrayLike<number>, items: Int32Array, itemCount: number) {
  const starts = new Int32Array(itemCount + 1);
  for (const item of items) starts[item + 1]!++;
  for (let item = 0; item < itemCount; item++) starts[item + 1]! += starts[item]!;
  const next = starts.slice();
  const users = new Int32Array(items.length);
  for (let user = 0; user + 1 < offsets.length; user++)
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) users[next[items[at]!]!++] = user;
  return { offsets: starts, users };
}

function byNeighbour(
  found: readonly { readonly of: number; readonly near: number; readonly likeness: number }[],
  itemCount: number,
): Neighbours {
  const offsets = new Int32Array(itemCount + 1);
  for (const { near } of found) offsets[near + 1]!++;
  for (let item = 0; item < itemCount; item++) offsets[item + 1]! += offsets[item]!;
  const next = offsets.slice();
  const items = new Int32Array(found.length);
  const likeness = new Float32Array(found.length);
  for (const one of found) {
    const at = next[one.near]!++;
    items[at] = one.of;
    likeness[at] = one.likeness;
  }
  return { offsets, items, likeness };
}
