import { createRandom } from "@gradpool/core";
import type { BprBatch } from "@gradpool/data";

/** Random numbers around 0, the same for the same seed. */
export function noise(length: number, seed: number, scale = 1): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => scale * random.normal());
}

export function ids(length: number, below: number, seed: number): Int32Array {
  const random = createRandom(seed);
  return Int32Array.from({ length }, () => random.int(below));
}

export function bprBatch(size: number, users: number, items: number, seed: number, k = 1): BprBatch {
  return {
    kind: "bpr",
    size,
    users: ids(size, users, seed),
    positives: ids(size, items, seed + 1000),
    negatives: ids(size * k, items, seed + 2000),
    negativesPerPositive: k,
  };
}

export const worst = (ours: ArrayLike<number>, theirs: ArrayLike<number>): number => {
  let most = ours.length === theirs.length ? 0 : Infinity;
  for (let k = 0; k < theirs.length; k++) most = Math.max(most, Math.abs((ours[k] as number) - (theirs[k] as number)));
  return most;
};
