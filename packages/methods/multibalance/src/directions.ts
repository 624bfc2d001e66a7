import type { Gram } from "@gradpool/core";

/**
 * cos(v_m, r) or ⟨v_m, r⟩ for r = Vλ + ρVλ₀; 0 where v_m or r is zero to rounding. Large opposite gradients cancel in r,
 * so the sums are compensated.
 */
export function directions(
  { size, cosines }: Gram,
  scales: Float64Array,
  lambda: Float64Array,
  rho: number,
  cosine: boolean,
): Float64Array {
  const parts = scales.map((scale, a) => scale * ((lambda[a] as number) + rho / size));
  const most = parts.reduce((max, value) => Math.max(max, value), 0);
  if (most === 0) return parts;
  const unit = parts.map((value) => value / most);
  const products = unit.map((_, a) => total(unit.map((value, b) => (cosines[a * size + b] as number) * value)));
  const square = total(unit.map((value, a) => value * (products[a] as number)));
  const terms = total(unit);
  if (square <= size * Number.EPSILON * terms * terms) return new Float64Array(size);
  const length = Math.sqrt(square);
  return products.map((sum, a) =>
    cosine
      ? Math.max(-1, Math.min(1, sum / length))
      : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, (scales[a] as number) * most * sum)),
  );
}

/** Neumaier's compensated sum. */
function total(terms: Float64Array): number {
  let sum = 0;
  let lost = 0;
  for (const term of terms) {
    const next = sum + term;
    lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  }
  return sum + lost;
}
