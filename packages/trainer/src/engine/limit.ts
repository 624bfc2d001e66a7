import { GradpoolError } from "@gradpool/core";

/** A limit on the combined gradient, all of what the step moves taken together: by its norm, or coordinate by coordinate. */
export type Clip = { readonly norm: number } | { readonly value: number };

/** What a combined gradient goes through before the optimiser: `scale` times it, each coordinate then within ± `bound`. */
export interface Limit {
  readonly scale: number;
  readonly bound: number;
}

/** The optimiser's step on some of the parameters, with the combined gradient that it is to have. */
export interface Update {
  /** ‖combined gradient‖² of these parameters. Asked for only where norms are limited. */
  squaredNorm(): number;
  apply(limit: Limit): void;
}

/** Nothing is limited: every gradient as it is, to the bit. */
export const unlimited: Limit = { scale: 1, bound: Infinity };

/**
 * Applies updates within a limit. By norm: all of them times min(1, c / ‖g‖), with the norm over all of them together. Answers
 * with that norm; NaN where nobody asked for it. `atOnce`: where updates may wait for each other.
 */
export function applyWithin(
  clip: Clip | undefined,
  updates: readonly Update[],
  atOnce: (work: () => void) => void = (work) => work(),
): number {
  let norm = Number.NaN;
  let limit = unlimited;
  if (clip !== undefined && "norm" in clip) {
    norm = Math.sqrt(updates.reduce((sum, update) => sum + update.squaredNorm(), 0));
    // A norm within the limit leaves every bit as it is.
    if (norm > clip.norm) limit = { scale: clip.norm / norm, bound: Infinity };
  } else if (clip !== undefined) limit = { scale: 1, bound: clip.value };
  atOnce(() => {
    for (const update of updates) update.apply(limit);
  });
  return norm;
}

/** Error `invalid-option` for a limit that is none. */
export function checkClip(clip: Clip | undefined, where: string): void {
  if (clip === undefined) return;
  const [[name, value]] = Object.entries(clip) as [[string, number]];
  if (value > 0 && value < Infinity) return;
  throw new GradpoolError({
    code: "invalid-option",
    what: `clip.${name} is ${value}`,
    where,
    remedy: "give a positive number, or leave it out",
  });
}

/** Σ xₖ², in float64. */
export function squaredNormOf(values: ArrayLike<number>, count: number = values.length): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += (values[k] as number) ** 2;
  return sum;
}

/** Σ wᵀ G w over groups, from lower triangles: what Σ wᵢ gᵢ has for a squared norm. Not below zero, where rounding would be. */
export function quadratic(gram: Float64Array, weights: Float32Array, tasks: number, groups: number): number {
  let sum = 0;
  for (let group = 0; group < groups; group++) {
    const [at, w] = [group * tasks ** 2, group * tasks];
    for (let i = 0; i < tasks; i++) {
      const own = weights[w + i] as number;
      for (let j = 0; j < i; j++) sum += 2 * own * (weights[w + j] as number) * (gram[at + i * tasks + j] as number);
      sum += own * own * (gram[at + i * tasks + i] as number);
    }
  }
  return Math.max(0, sum);
}
