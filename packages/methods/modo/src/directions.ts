import type { CrossGram } from "@gradpool/core";

/** Xλ over the tasks in `index`, X relative to meanᵢ nᵢmᵢ or as it is, kept finite. */
export function directions(
  { tasks, norms, others, cosines }: CrossGram,
  index: readonly number[],
  lambda: Float64Array,
  relative: boolean,
): Float64Array {
  const top = (values: Float64Array): number => index.reduce((most, i) => Math.max(most, values[i] as number), 0);
  const [n, m] = [top(norms), top(others)];
  const mean =
    index.reduce((sum, i) => sum + ((norms[i] as number) / n) * ((others[i] as number) / m), 0) / index.length;
  return Float64Array.from(index, (i) =>
    index.reduce((sum, j, b) => {
      const [left, right] = [(norms[i] as number) / n, (others[j] as number) / m];
      const size = relative ? (mean > 0 ? (left / mean) * right : 0) : left * n * (right * m);
      return sum + Math.min(size, 1e300) * (cosines[i * tasks + j] as number) * (lambda[b] as number);
    }, 0),
  );
}
