import { nonNegativeQuadratic } from "./nonnegative.js";

export interface MinNormPoint {
  /** On the simplex. */
  readonly weights: Float64Array;
  /** Zero lies in the convex hull: the point is zero. */
  readonly stationary: boolean;
  readonly iterations: number;
  readonly status: "optimal" | "limit";
}

/**
 * The point of least norm in the convex hull of the gradients gᵢ = nᵢ uᵢ, exactly (active set), from norms n > 0 and
 * cosines C (n × n). In unit rows: the shortest z with ⟨z, uᵢ⟩ ≥ 1/nᵢ is z = Σ yᵢuᵢ, y the solution of
 * min ½ yᵀCy − Σ yᵢ/nᵢ over y ≥ 0; the point is z/‖z‖², so wᵢ ∝ yᵢ/nᵢ. No z exists when zero is in the hull, and the
 * ray that shows it holds the weights.
 */
export function minNormPoint(norms: ArrayLike<number>, cosines: ArrayLike<number>, n: number): MinNormPoint {
  const least = Array.from(norms).reduce((a, b) => Math.min(a, b), Infinity);
  const r = Float64Array.from(norms, (norm) => least / norm);
  const { x, status, iterations } = nonNegativeQuadratic(cosines, r, n);
  const weights = x.map((y, i) => y * (r[i] as number));
  const total = weights.reduce((a, b) => a + b, 0);
  for (let i = 0; i < n; i++) weights[i] = (weights[i] as number) / total;
  return {
    weights,
    stationary: status === "unbounded",
    iterations,
    status: status === "limit" ? "limit" : "optimal",
  };
}
