import { readFileSync } from "node:fs";

/** Counts made again with sets and plain loops, sharing no code with the preparation. */
export type Pair = readonly [string, string];

export function readPairs(path: string, columns: readonly [number, number] = [0, 1], skipHeader = false): Pair[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(skipHeader ? 1 : 0)
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const fields = line.trim().split(/[\s,]+/);
      return [fields[columns[0]] as string, fields[columns[1]] as string];
    });
}

/** The ids of the data recounted here are whole numbers below 2^26, so a pair is one number. */
const key = ([user, item]: Pair): number => Number(user) * 67_108_864 + Number(item);
const unique = (pairs: readonly Pair[]): Pair[] => [...new Map(pairs.map((pair) => [key(pair), pair])).values()];

function degrees(pairs: readonly Pair[], side: 0 | 1): Map<string, number> {
  const counts = new Map<string, number>();
  for (const pair of pairs) counts.set(pair[side], (counts.get(pair[side]) ?? 0) + 1);
  return counts;
}

export interface Recount {
  readonly users: Set<string>;
  readonly items: Set<string>;
  readonly pairs: Readonly<Record<string, readonly Pair[]>>;
}

/** Unique pairs per behaviour after the filters on the target; one user or item is dropped at a time until none must go. */
export function recount(
  behaviors: Readonly<Record<string, readonly Pair[]>>,
  target: string,
  { minUser = 0, minItem = 0, once = false }: { minUser?: number; minItem?: number; once?: boolean } = {},
): Recount {
  let kept = unique(behaviors[target] ?? []);
  for (;;) {
    const users = degrees(kept, 0);
    const items = degrees(kept, 1);
    const next = kept.filter(([u, i]) => (users.get(u) ?? 0) >= minUser && (items.get(i) ?? 0) >= minItem);
    const done = once || next.length === kept.length;
    kept = next;
    if (done) break;
  }
  const mayUser = new Set(kept.map(([u]) => u));
  const mayItem = new Set(kept.map(([, i]) => i));
  const pairs = Object.fromEntries(
    Object.entries(behaviors).map(([name, list]) => [
      name,
      unique(list).filter(([u, i]) => (minUser === 0 || mayUser.has(u)) && (minItem === 0 || mayItem.has(i))),
    ]),
  );
  const all = Object.values(pairs).flat();
  return { users: new Set(all.map(([u]) => u)), items: new Set(all.map(([, i]) => i)), pairs };
}

export const overlap = (pairs: readonly Pair[], held: readonly Pair[]): number => {
  const keys = new Set(held.map(key));
  return unique(pairs).filter((pair) => keys.has(key(pair))).length;
};
