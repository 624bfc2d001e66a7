/**
 * Euclidean projection on the probability simplex {x ≥ 0, Σx = 1}: x = max(v − θ, 0), with θ from the sorted entries
 * (Held, Wolfe & Crowder 1974; Duchi et al. 2008). O(T log T). The mean is taken out first, so that entries of 1e12
 * which differ by little keep their differences.
 */
export function projectSimplex(v: ArrayLike<number>): Float64Array {
  const n = v.length;
  const x = Float64Array.from(v);
  if (n === 0) return x;
  const top = x.reduce((most, value) => Math.max(most, value), -Infinity);
  for (let i = 0; i < n; i++) x[i] = (x[i] as number) - top;
  const sorted = x.slice().sort().reverse();
  let sum = 0;
  let theta = 0;
  for (let k = 0; k < n; k++) {
    sum += sorted[k] as number;
    const next = (sum - 1) / (k + 1);
    if (k > 0 && (sorted[k] as number) <= next) break;
    theta = next;
  }
  for (let i = 0; i < n; i++) x[i] = Math.max(0, (x[i] as number) - theta);
  const total = x.reduce((a, b) => a + b, 0);
  for (let i = 0; i < n; i++) x[i] = (x[i] as number) / total;
  return x;
}
