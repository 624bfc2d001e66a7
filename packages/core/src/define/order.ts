import type { PoolContext } from "../context.js";
import type { Gram } from "../gram/problem.js";

/**
 * The order in which position `i` of a Gram visits the others: drawn afresh, or the context's fixed order. Answers with
 * positions in the Gram; i itself is never among them.
 */
export function visitOrder(gram: Gram, context: PoolContext, i: number): readonly number[] {
  const fixed = context.order?.[gram.index[i] as number];
  if (fixed !== undefined) return fixed.map((task) => gram.index.indexOf(task)).filter((j) => j >= 0 && j !== i);
  const others: number[] = [];
  for (let j = 0; j < gram.size; j++) if (j !== i) others.push(j);
  return context.random.shuffle(others);
}
