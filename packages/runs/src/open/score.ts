import { vectorsOf } from "@gradpool/trainer";
import { rowBatch } from "./batch.js";
import type { Pair } from "./contract.js";
import type { Opened } from "./opened.js";
import { taskPlace } from "./tasks.js";

/** Rows of one pass through a model. */
export const rowsAtOnce = 4096;

/** Scores of pairs, as rankings compare them. Error `not-found` for an id that the run does not know. */
export async function scorePairs(
  run: Opened,
  pairs: Iterable<Pair>,
  { task }: { readonly task?: string } = {},
): Promise<Float32Array> {
  const all = [...pairs];
  const users = all.map(({ user }) => run.users.need(user));
  const items = all.map(({ item }) => run.items.need(item));
  const place = taskPlace(run, task);
  const inner = innerProducts(run);
  if (inner !== null) return Float32Array.from(users, (user, k) => inner(user, items[k] as number));
  const scores = new Float32Array(all.length);
  for (let from = 0; from < all.length; from += rowsAtOnce) {
    const to = from + rowsAtOnce;
    const { batch } = rowBatch(run, users.slice(from, to), items.slice(from, to), all.slice(from, to) as never);
    scores.set(run.engine.predict?.(batch)[place] as Float32Array, from);
  }
  return scores;
}

/** The score of a dense user and item, in float32 and in the order of the coordinates, as rankings sum it; or null. */
function innerProducts({ engine, made }: Opened): ((user: number, item: number) => number) | null {
  engine.settle();
  const vectors = vectorsOf(engine, made.model);
  if (vectors === null) return null;
  const { users, items, dim } = vectors;
  return (user, item) => {
    let sum = 0;
    for (let d = 0; d < dim; d++) {
      sum = Math.fround(sum + Math.fround((users[user * dim + d] as number) * (items[item * dim + d] as number)));
    }
    return sum;
  };
}
