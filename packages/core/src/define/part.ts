/** What the tasks of one step hold of a state whose sum is fixed. */
export interface Part {
  /** Brought to the sum that a problem of their number would have. */
  readonly values: Float64Array;
  /** What they held of all. */
  readonly mass: number;
}

/**
 * The part of `held` (weights, λ, shares: T numbers of a fixed sum) that the tasks in `index` hold, scaled to the sum `total`, so that the
 * step is computed as if the others did not exist. Where they hold nothing: equal parts.
 */
export function takePart(held: ArrayLike<number>, index: readonly number[], total: number): Part {
  const values = Float64Array.from(index, (i) => held[i] as number);
  const mass = values.reduce((sum, value) => sum + value, 0);
  if (index.length === held.length) return { values, mass };
  if (!(mass > 0)) return { values: values.fill(total / index.length), mass: 0 };
  return { values: values.map((value) => value * (total / mass)), mass };
}

/** A copy of `held` with the part put back, scaled to the mass that it had; the others untouched. */
export function putPart(
  held: ArrayLike<number>,
  index: readonly number[],
  values: ArrayLike<number>,
  { mass, total }: { readonly mass: number; readonly total: number },
): Float64Array {
  const out = Float64Array.from(held);
  const factor = index.length === held.length ? 1 : mass / total;
  index.forEach((i, a) => (out[i] = factor * (values[a] as number)));
  return out;
}
