import { countItems } from "../evaluation/ranking.js";
import type { KeptData } from "../kept/contract.js";

/** The k items that most users chose in training, of a task's behaviour (else the target's), best first. */
export function popularItems({ set }: KeptData, task: string, k: number, candidates?: Int32Array): Int32Array {
  const { behaviors, target, items } = set;
  const counts = countItems((behaviors[task] ?? behaviors[target])?.train.items ?? new Int32Array(0), items);
  const order = candidates?.slice() ?? Int32Array.from({ length: items }, (_, item) => item);
  order.sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
  return order.slice(0, k);
}
