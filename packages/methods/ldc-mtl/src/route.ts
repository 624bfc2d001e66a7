import type { LdcMtlOptions } from "./options.js";

export interface Routed {
  readonly weights: number[];
  /** d(total)/dz. */
  readonly slopes: number[];
  /** f. */
  readonly router: number[];
  readonly total: number;
}

/** A difference below this part of the largest is rounding, and has no sign. */
const rounding = 1e-12;

/** Weights and the router's slopes for the tasks in `index`, their losses, everyone's first losses and logits. */
export function route(
  index: readonly number[],
  losses: readonly number[],
  first: Float64Array,
  logits: Float64Array,
  { lambda, router, normalize, discrepancy, sumGradient }: LdcMtlOptions,
): Routed {
  const least = first.reduce((min, value) => (value < min ? value : min), Infinity);
  const rate = index.map((i, a) =>
    normalize === "none" ? 1 : normalize === "first" ? least / (first[i] as number) : 1 / (losses[a] as number),
  );
  const y = losses.map((loss, a) =>
    normalize === "log" ? Math.log(loss / (first[index[a] as number] as number)) : loss * (rate[a] as number),
  );
  const z = index.map((i) => logits[i] as number);
  const f = router === "sigmoid" ? z.map((value) => 1 / (1 + Math.exp(-value))) : softmax(z);
  const sum = f.reduce((a, b) => a + b, 0);
  const weighted = discrepancy === "weighted";
  const terms = y.map((value, a) => (weighted ? (f[a] as number) * value : value));
  const { pulls, distance } = chainOf(terms);
  const mean = y.reduce((total, value, a) => total + ((f[a] as number) / sum) * value, 0);
  const weights = rate.map((dy, a) => {
    const share = (f[a] as number) / sum;
    return (share + lambda * (weighted ? (f[a] as number) : 1) * (pulls[a] as number)) * dy;
  });
  // Slopes for f, then through the router.
  const byF = y.map((value, a) => {
    const own = (value - (sumGradient === "attached" ? mean : 0)) / sum;
    return own + (weighted ? lambda * value * (pulls[a] as number) : 0);
  });
  const inner = byF.reduce((total, slope, a) => total + slope * (f[a] as number), 0);
  const slopes = byF.map((slope, a) => {
    const value = f[a] as number;
    return router === "sigmoid" ? slope * value * (1 - value) : value * (slope - inner);
  });
  return { weights, slopes, router: f, total: mean + lambda * distance };
}

/** eᵢ − eᵢ₋₁ per term, and the sum of the distances between neighbours. */
function chainOf(terms: readonly number[]): { pulls: number[]; distance: number } {
  const steps = terms.slice(1).map((next, a) => (terms[a] as number) - next);
  const most = Math.max(0, ...terms.map(Math.abs));
  const signs = steps.map((step) => (Math.abs(step) <= rounding * most ? 0 : Math.sign(step)));
  const pulls = terms.map((_, a) => (signs[a] ?? 0) - (signs[a - 1] ?? 0));
  return { pulls, distance: steps.reduce((sum, step) => sum + Math.abs(step), 0) };
}

function softmax(z: readonly number[]): number[] {
  const top = Math.max(...z);
  const shares = z.map((value) => Math.exp(value - top));
  const total = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / total);
}
