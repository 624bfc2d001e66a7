const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

export function median(values: readonly number[]): number {
  const all = sorted(values);
  const half = all.length >> 1;
  return all.length % 2 === 1 ? (all[half] as number) : ((all[half - 1] as number) + (all[half] as number)) / 2;
}

/**
 * A 95 % confidence interval of the median that assumes no distribution: the order statistics at n/2 ∓ 0.98 √n (the normal
 * approximation of the sign test). With fewer than six values, their range.
 */
export function medianInterval(values: readonly number[]): [low: number, high: number] {
  const all = sorted(values);
  const n = all.length;
  const reach = 0.98 * Math.sqrt(n);
  const low = Math.max(0, Math.floor(n / 2 - reach));
  return [all[low] as number, all[n - 1 - low] as number];
}
