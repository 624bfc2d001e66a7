import { nonNegativeQuadratic } from "./nonnegative.js";

export interface DualCone {
  /** v ≥ u. */
  readonly weights: Float64Array;
  readonly iterations: number;
  readonly status: "optimal" | "limit";
}

/**
 * The projection of Σ uᵢgᵢ on the dual cone {d : ⟨d, gᵢ⟩ ≥ 0}: d = Σ vᵢgᵢ with v the minimiser of vᵀGv over v ≥ u
 * (Quinton & Rey 2024, Jacobian descent, prop. 1). In unit rows, with v = u + y/n: min ½ yᵀCy + (C n∘u)ᵀy over y ≥ 0.
 */
export function projectDualCone(
  norms: ArrayLike<number>,
  cosines: ArrayLike<number>,
  u: ArrayLike<number>,
  n: number,
): DualCone {
  const most = Array.from(norms).reduce((a, b, i) => Math.max(a, b * Math.abs(u[i] as number)), 0);
  const start = Float64Array.from(norms, (norm, i) => (most > 0 ? (norm / most) * (u[i] as number) : 0));
  const r = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    let size = 0;
    for (let j = 0; j < n; j++) {
      const term = (cosines[i * n + j] as number) * (start[j] as number);
      sum += term;
      size += Math.abs(term);
    }
    // What cancels to rounding is no conflict.
    r[i] = Math.abs(sum) <= 4 * n * Number.EPSILON * size ? 0 : -sum;
  }
  const { x, status, iterations } = nonNegativeQuadratic(cosines, r, n, { bounded: true });
  const weights = Float64Array.from(x, (y, i) => (u[i] as number) + (y / (norms[i] as number)) * most);
  return { weights, iterations, status: status === "optimal" ? "optimal" : "limit" };
}
