import {
  behaviorOf,
  expandOffsets,
  toBags,
  type Bags,
  type Interactions,
  type PreparedSet,
} from "../set/prepared-set.js";

/** Training pairs of several behaviours as one: per user the ascending items that any of them has. */
export function unionOf(parts: readonly Interactions[], users: number): Bags {
  const offsets = new Int32Array(users + 1);
  const found = new Int32Array(parts.reduce((sum, part) => sum + part.items.length, 0));
  let end = 0;
  for (let u = 0; u < users; u++) {
    const start = end;
    for (const { offsets: from, items } of parts) {
      found.set(items.subarray(from[u], from[u + 1]), end);
      end += (from[u + 1] as number) - (from[u] as number);
    }
    const own = found.subarray(start, end).sort();
    let kept = 0;
    for (let k = 0; k < own.length; k++) if (k === 0 || own[k] !== own[k - 1]) own[kept++] = own[k] as number;
    end = start + kept;
    offsets[u + 1] = end;
  }
  return { offsets, ids: found.slice(0, end) };
}

/** What may not be drawn as a negative: the user's training items of this task, or of every task. */
export function knownOf(set: PreparedSet, task: string, exclude: "task" | "all"): Bags {
  const own = behaviorOf(set, task).train;
  if (exclude === "task") return { offsets: own.offsets, ids: own.items };
  return unionOf(
    Object.values(set.behaviors).map((behavior) => behavior.train),
    set.users,
  );
}

/** (training pairs of each item)^0.75 */
export function popularity(items: Int32Array, size: number): Float64Array {
  const counts = new Float64Array(size);
  for (const item of items) counts[item] = (counts[item] as number) + 1;
  return counts.map((count) => count ** 0.75);
}

/** The users of the pairs of a CSR, beside its items. */
export const usersOf = (part: Interactions): Int32Array => expandOffsets(part.offsets);

/** Links as bags by their left end, each owner's own id included: nobody is its own negative. */
export function neighbours(left: Int32Array, right: Int32Array, size: number): Bags {
  const owners = new Int32Array(left.length + size);
  const ids = new Int32Array(left.length + size);
  owners.set(left);
  ids.set(right);
  for (let k = 0; k < size; k++) {
    owners[left.length + k] = k;
    ids[left.length + k] = k;
  }
  return toBags(owners, ids, size);
}
