import { leastNormSolve } from "./least-norm.js";

/** Rows count as dependent within 1e-7 rad (`rankTolerance`); equal projections are met as closely. */
const close = 1e-6;

export interface EqualProjections {
  /** Σ aᵢ = 1 (−1 where turned round); all 0 where `degenerate`. */
  readonly weights: Float64Array;
  /** ⟨Σ aᵢgᵢ, gⱼ/nⱼ⟩, the same for every j. */
  readonly projection: number;
  /** Why there are none: no vector but zero has equal projections, or no multiple of the weights has the sum 1. */
  readonly degenerate: "no equal projections" | "weights cancel" | null;
  /** With the sum 1, Σ aᵢgᵢ points against every row. */
  readonly uphill: boolean;
}

/**
 * a ∝ yᵢ/nᵢ, Σ aᵢ = 1, where C y = 1 (of least norm where rows are dependent): Σ aᵢgᵢ has equal projections on all rows (IMTL-G, Liu et al.
 * 2021). Every ⟨Σ yᵢgᵢ/nᵢ, gⱼ⟩ is positive; so where Σ yᵢ/nᵢ is negative, the sum of 1 turns it against every row.
 *
 * @param descend take −a there instead
 */
export function equalProjections(
  norms: ArrayLike<number>,
  cosines: ArrayLike<number>,
  n: number,
  descend = false,
): EqualProjections {
  const y = leastNormSolve(cosines, new Float64Array(n).fill(1), n);
  let worst = 0;
  for (let i = 0; i < n; i++) {
    let sum = -1;
    let terms = 1;
    for (let j = 0; j < n; j++) {
      const term = (cosines[i * n + j] as number) * (y[j] as number);
      sum += term;
      terms += Math.abs(term);
    }
    worst = Math.max(worst, Math.abs(sum) / terms);
  }
  let least = Infinity;
  for (let i = 0; i < n; i++) least = Math.min(least, norms[i] as number);
  const shares = Float64Array.from(y, (value, i) => value * (least / (norms[i] as number)));
  const sum = shares.reduce((a, b) => a + b, 0);
  const terms = shares.reduce((a, b) => a + Math.abs(b), 0);
  const degenerate =
    worst > close ? "no equal projections" : Math.abs(sum) <= 8 * n * Number.EPSILON * terms ? "weights cancel" : null;
  const uphill = degenerate === null && sum < 0;
  const by = uphill && descend ? -sum : sum;
  const weights = shares.map((share) => (degenerate === null ? share / by : 0));
  return { weights, projection: degenerate === null ? least / by : 0, degenerate, uphill };
}
