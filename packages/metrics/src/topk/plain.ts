import { topHeap } from "./heap.js";
import type { Job, Ranker } from "./types.js";

const { fround } = Math;

/** One score, with the kernel's bits: bias + u₀·i₀ + u₁·i₁ + …, every product and sum rounded to float32. */
export function scoreOf({ users, items, bias, dim }: Job, user: number, item: number): number {
  let score = bias ? fround(bias[item]! + 0) : 0;
  for (let j = 0, u = user * dim, i = item * dim; j < dim; j++) {
    score = fround(score + fround(users[u + j]! * items[i + j]!));
  }
  return score;
}

/**
 * The same ranking in plain TypeScript, for engines without WebAssembly SIMD and as the reference of the tests. Scores
 * equal the kernel's bit for bit.
 */
export function plainRanker(job: Job): Ranker {
  const { k, itemCount, userIds, excludeOffsets, excludeItems } = job;
  const heap = topHeap(Math.min(k, itemCount));
  return (start, stop, output) => {
    for (let row = start; row < stop; row++) {
      const user = userIds ? userIds[row]! : row;
      let cursor = excludeOffsets ? excludeOffsets[user]! : 0;
      const end = excludeOffsets ? excludeOffsets[user + 1]! : 0;
      heap.clear();
      for (let item = 0; item < itemCount; item++) {
        const score = scoreOf(job, user, item);
        if (score < heap.threshold()) continue;
        if (Number.isNaN(score)) return { row, item };
        while (cursor < end && excludeItems![cursor]! < item) cursor++;
        if (cursor < end && excludeItems![cursor] === item) continue;
        heap.offer(score, item);
      }
      output.tied[row] = heap.tied();
      heap.write(output.items, output.scores, row * k);
    }
    return undefined;
  };
}
