import { countItems } from "../evaluation/ranking.js";
import type { RankedItem } from "./contract.js";
import type { Opened } from "./opened.js";

/** The k items that most users chose in training, of a task's behaviour (else the target's, else in the rows). */
export function popularItems(run: Opened, task: string, k: number, candidates: Int32Array | undefined): RankedItem[] {
  const { behaviors, target, items } = run.data.set;
  const counts = countItems((behaviors[task] ?? behaviors[target])?.train.items ?? new Int32Array(0), items);
  const order = candidates?.slice() ?? Int32Array.from({ length: items }, (_, item) => item);
  order.sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
  return [...order.subarray(0, k)].map((item) => ({ item: run.items.all[item] as string, score: null }));
}
