import { fail, positiveInteger } from "../errors.js";
import type { ItemExposure, TopK } from "./types.js";

/** Sums up, list by list, how often each item is shown. */
export interface ExposureCollector {
  /** Takes list `row`; `beyond` visits the items after it that score as its last one does. */
  add(top: TopK, row: number, beyond: (visit: (item: number) => void) => void): void;
  exposures(): ItemExposure[];
}

export function exposureCollector(
  depths: readonly number[],
  k: number,
  items: number,
  where: string,
): ExposureCollector {
  for (const depth of depths) {
    positiveInteger(depth, "exposure", where);
    if (depth > k)
      fail(where, `exposure at ${depth} needs lists of ${depth}, these have ${k}`, `rank with k ≥ ${depth}`);
  }
  const all = depths.map((depth) => ({
    k: depth,
    expected: new Float64Array(items),
    absent: new Float64Array(items).fill(1),
  }));
  return {
    add(top, row, beyond) {
      const start = row * top.k;
      for (const { k: depth, expected, absent } of all) {
        for (let at = 0; at < depth && top.items[start + at]! >= 0;) {
          const first = at;
          const score = top.scores[start + at];
          while (at < top.k && top.items[start + at]! >= 0 && top.scores[start + at] === score) at++;
          const cut = at === top.k;
          const size = at - first + (cut ? top.ties!.count[row]! : 0);
          const p = Math.min(1, (depth - first) / size);
          const show = (item: number): void => {
            expected[item]! += p;
            absent[item]! *= 1 - p;
          };
          for (let i = first; i < at; i++) show(top.items[start + i]!);
          if (cut && top.ties!.count[row]! > 0) beyond(show);
        }
      }
    },
    exposures: () => all,
  };
}
