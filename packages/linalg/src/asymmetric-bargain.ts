import { newton } from "./bargain.js";
import { nonNegativeQuadratic } from "./nonnegative.js";

export interface AsymmetricBargain {
  /** x > 0 with xᵢ (C x)ᵢ = pᵢ; all 0 where there is none. */
  readonly x: Float64Array;
  /** Places of rows that have zero in their convex hull, so that no x exists; empty where one does. */
  readonly stationary: readonly number[];
  readonly iterations: number;
}

/**
 * xᵢ (C x)ᵢ = pᵢ on unit rows with cosines C: the Nash bargain of players of unequal power pᵢ > 0 (Shamsian et al. 2023). The same damped
 * Newton method as `bargain`, without its limit where no solution exists.
 */
export function asymmetricBargain(cosines: ArrayLike<number>, powers: ArrayLike<number>, n: number): AsymmetricBargain {
  const { x: ray, status } = nonNegativeQuadratic(cosines, new Float64Array(n).fill(1), n);
  if (status === "unbounded") {
    const stationary = Array.from({ length: n }, (_, i) => i).filter((i) => (ray[i] as number) > 0);
    return { x: new Float64Array(n), stationary, iterations: 0 };
  }
  const { x, iterations } = newton(cosines, powers, 1);
  return { x, stationary: [], iterations };
}
