export const isNumber = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value);

/** Mean of the numbers among the values; null if there is none. */
export function mean(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter(isNumber);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

export function median(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter(isNumber).sort((a, b) => a - b);
  const half = known.length >> 1;
  if (known.length === 0) return null;
  return known.length % 2 === 1 ? (known[half] as number) : ((known[half - 1] as number) + (known[half] as number)) / 2;
}

export function extent(values: readonly (number | null | undefined)[]): readonly [number, number] | null {
  const known = values.filter(isNumber);
  return known.length === 0 ? null : [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
}
