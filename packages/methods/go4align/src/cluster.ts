/**
 * The mean of each number's group, for the partition into `groups` groups of least squared distances to their means. In one dimension groups
 * are runs of the sorted numbers, so that the best cuts are found exactly, in O(K n²); of equal ones the leftmost.
 */
export function cluster(x: readonly number[], groups: number): number[] {
  const order = x.map((_, i) => i).sort((a, b) => (x[a] as number) - (x[b] as number) || a - b);
  const sorted = order.map((i) => x[i] as number);
  const n = sorted.length;
  // best[i]: the least cost of the first i numbers; cut[k][i]: where the last of k groups begins.
  let best = sorted.map((_, i) => cost(sorted, 0, i + 1));
  best.unshift(0);
  const cuts: number[][] = [];
  for (let k = 2; k <= groups; k++) {
    const next = Array.from({ length: n + 1 }, () => Infinity);
    const cut = Array.from({ length: n + 1 }, () => 0);
    for (let i = k; i <= n; i++) {
      for (let j = k - 1; j < i; j++) {
        const value = (best[j] as number) + cost(sorted, j, i);
        if (value < (next[i] as number)) [next[i], cut[i]] = [value, j];
      }
    }
    best = next;
    cuts.push(cut);
  }
  const means = Array.from({ length: n }, () => 0);
  let end = n;
  for (let k = groups; k >= 1; k--) {
    const begin = k === 1 ? 0 : (cuts[k - 2]?.[end] as number);
    const mean = meanOf(sorted, begin, end);
    for (let at = begin; at < end; at++) means[order[at] as number] = mean;
    end = begin;
  }
  return means;
}

function meanOf(sorted: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += (sorted[i] as number) / (to - from);
  return sum;
}

/** Relative to the largest number, as squares of 1e200 are not finite. */
function cost(sorted: readonly number[], from: number, to: number): number {
  const mean = meanOf(sorted, from, to);
  const most = Math.max(Math.abs(sorted[0] as number), Math.abs(sorted.at(-1) as number)) || 1;
  let sum = 0;
  for (let i = from; i < to; i++) sum += (((sorted[i] as number) - mean) / most) ** 2;
  return sum;
}
