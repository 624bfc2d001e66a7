import type { Gram } from "@gradpool/core";
import { nonNegativeQuadratic } from "@gradpool/linalg";

export interface Constrained {
  /** On the gradients as they are. */
  readonly weights: Float64Array;
  /** No direction obeys every auxiliary: the target's own gradient is the answer. */
  readonly infeasible: boolean;
  /** The published answer climbs for the target. */
  readonly climbs: boolean;
}

/** argmin ½‖d − g̃_t‖² over ⟨g̃ⱼ, d⟩ ≥ τⱼ‖g̃ⱼ‖², g̃ᵢ = gᵢ/rootᵢ, brought to the length of g_t. */
export function constrain(
  { size, target, norms, cosines }: Gram,
  roots: Float64Array,
  taus: readonly number[],
  guard: "none" | "target",
): Constrained {
  const weights = new Float64Array(size);
  const own = { weights, infeasible: false, climbs: false };
  if (target < 0 || norms[target] === 0) return own;
  const lengths = norms.map((norm, i) => (norm > 0 ? norm / (roots[i] as number) : 0));
  const t = lengths[target] as number;
  const others = Array.from(norms.keys()).filter((i) => i !== target && (lengths[i] as number) > 0);
  const c = others.flatMap((i) => others.map((j) => cosines[i * size + j] as number));
  // In unit rows: (C x)ⱼ ≥ τⱼ ñⱼ − ñ_t cosⱼ, x = ñμ.
  const r = others.map(
    (i) => (taus[i] as number) * (lengths[i] as number) - t * (cosines[i * size + target] as number),
  );
  const { x, status } = nonNegativeQuadratic(c, r, others.length);
  if (status === "unbounded") return { ...own, weights: alone(weights, target), infeasible: true };
  // d in unit rows, relative to the largest entry.
  const y = new Float64Array(size);
  y[target] = t;
  others.forEach((i, a) => (y[i] = x[a] as number));
  const most = y.reduce((a, b) => Math.max(a, b), 0);
  let square = 0;
  let along = 0;
  let terms = 0;
  for (let i = 0; i < size; i++) {
    const yi = (y[i] as number) / most;
    along += yi * (cosines[i * size + target] as number);
    for (let j = 0; j < size; j++) {
      const term = yi * (cosines[i * size + j] as number) * ((y[j] as number) / most);
      square += term;
      terms += Math.abs(term);
    }
  }
  if (square <= size * size * Number.EPSILON * terms) return own;
  const climbs = along < 0;
  if (climbs && guard === "target") return { ...own, weights: alone(weights, target), climbs };
  const length = Math.sqrt(square);
  for (let i = 0; i < size; i++) {
    if (y[i] !== 0)
      weights[i] = ((y[i] as number) / most / length) * ((norms[target] as number) / (norms[i] as number));
  }
  return { ...own, weights, climbs };
}

function alone(weights: Float64Array, target: number): Float64Array {
  weights[target] = 1;
  return weights;
}
