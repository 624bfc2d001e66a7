/**
 * Σ aᵢbᵢ with compensation (Neumaier 1974), so that the order of the terms does not show where they cancel; and exactly 0
 * where nothing is left but the rounding of the terms themselves, 4 n ε Σ|aᵢbᵢ|.
 */
export function dot(n: number, a: (i: number) => number, b: (i: number) => number): number {
  let sum = 0;
  let rest = 0;
  let terms = 0;
  for (let i = 0; i < n; i++) {
    const term = a(i) * b(i);
    const next = sum + term;
    rest += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
    terms += Math.abs(term);
  }
  const total = sum + rest;
  return Math.abs(total) <= 4 * n * Number.EPSILON * terms ? 0 : total;
}
