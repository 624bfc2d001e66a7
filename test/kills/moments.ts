export interface Moment {
  readonly call: string;
  readonly nth: number;
}

/** So many moments, spread over the calls and evenly over each one's occurrences: rare calls are taken whole, the rest shared. */
export function momentsOf(counts: ReadonlyMap<string, number>, wanted: number): readonly Moment[] {
  const rarest = [...counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => a - b);
  let left = wanted;
  return rarest.flatMap(([call, count], k) => {
    const taken = Math.min(count, Math.ceil(left / (rarest.length - k)));
    left -= taken;
    return Array.from({ length: taken }, (_, at) => ({ call, nth: 1 + Math.floor(((at + 0.5) * count) / taken) }));
  });
}
