import type { Gram } from "@gradpool/core";
import { choleskyPivoted, choleskySolve, nonNegativeQuadratic } from "@gradpool/linalg";

export interface Solution {
  /** y ≥ 0 over unit rows: d = g₀ + Σ yᵢ uᵢ, of length ‖Σ yᵢ uᵢ‖ = radius where the ball binds. */
  readonly y: Float64Array;
  /** min ⟨gᵢ, d⟩, which d maximises. */
  readonly value: number;
  /** False: zero is in the convex hull, so that no direction does better than 0, and d attains it inside the ball. */
  readonly bound: boolean;
  readonly iterations: number;
}

/**
 * max over ‖d − g₀‖ ≤ ρ of min ⟨gᵢ, d⟩: the dual form of CAGrad's problem. d = g₀ + Uᵀy, where for a level ν, y(ν) is the
 * solution of min ½ yᵀCy − Σ (ν/nᵢ − ⟨uᵢ, g₀⟩) yᵢ over y ≥ 0, the shortest move that lifts every ⟨gᵢ, d⟩ to ν. Its length
 * grows with ν; on a fixed active set it is the root of a quadratic, so ν is found by solving for the length exactly on
 * the set that is active now, inside a bracket. Norms and g₀ are scaled by the caller.
 *
 * @param along ⟨uᵢ, g₀⟩. @param radius ρ = c‖g₀‖ > 0.
 */
export function highestLevel(gram: Gram, norms: Float64Array, along: Float64Array, radius: number): Solution {
  const { size, cosines } = gram;
  const solve = (level: number) =>
    nonNegativeQuadratic(
      cosines,
      along.map((a, i) => level / (norms[i] as number) - a),
      size,
      { bounded: level === 0 },
    );
  // Without a move the level is the least ⟨gᵢ, g₀⟩; a move of ρ lifts no row by more than nᵢρ.
  let low = along.reduce((least, a, i) => Math.min(least, a * (norms[i] as number)), Infinity);
  let high = along.reduce((least, a, i) => Math.min(least, (a + radius) * (norms[i] as number)), Infinity);
  let level = high;
  let best = new Float64Array(size);
  let stationary = false;
  for (let iterations = 1; ; iterations++) {
    const { x, status } = solve(level);
    const reach = status === "unbounded" ? Infinity : length(cosines, x);
    if (Math.abs(reach - radius) <= 4 * Number.EPSILON * radius) return { y: x, value: level, bound: true, iterations };
    if (reach <= radius) {
      low = level;
      best = Float64Array.from(x);
    } else high = level;
    if (stationary && level === 0 && reach <= radius) return { y: x, value: 0, bound: false, iterations };
    if (status === "unbounded" && !stationary && low < 0) {
      // Some rows cancel: every positive level is out of reach, and zero may not be.
      stationary = true;
      high = 0;
      level = 0;
      continue;
    }
    const guess = reach === Infinity ? NaN : onSupport(gram, norms, along, radius, x);
    const least = along.reduce((min, a, i) => Math.min(min, (Math.abs(a) + radius) * (norms[i] as number)), Infinity);
    const grain = 8 * Number.EPSILON * (Math.abs(level) + least);
    // The root of the active set is the level itself: what the length misses is rounding.
    if (Math.abs(guess - level) <= grain) return { y: x, value: level, bound: true, iterations };
    const inside = guess > low && guess < high;
    const next = inside ? guess : (low + high) / 2;
    if (iterations === 200 || high - low <= grain || next <= low || next >= high) {
      return { y: best, value: low, bound: true, iterations };
    }
    level = next;
  }
}

function length(c: ArrayLike<number>, y: Float64Array): number {
  const n = y.length;
  const most = y.reduce((a, b) => Math.max(a, b), 0);
  if (most === 0) return 0;
  let square = 0;
  for (let i = 0; i < n; i++) {
    let row = 0;
    for (let j = 0; j < n; j++) row += (c[i * n + j] as number) * ((y[j] as number) / most);
    square += ((y[i] as number) / most) * row;
  }
  return most * Math.sqrt(Math.max(0, square));
}

/** The level at which y = C⁻¹(ν/n − a) on the support of x has length ρ: pᵀCp ν² − 2 pᵀCq ν + qᵀCq = ρ². */
function onSupport(gram: Gram, norms: Float64Array, along: Float64Array, radius: number, x: Float64Array): number {
  const support = Array.from(x.keys()).filter((i) => (x[i] as number) > 0);
  const m = support.length;
  if (m === 0) return NaN;
  const c = new Float64Array(m * m);
  support.forEach((i, a) => support.forEach((j, b) => (c[a * m + b] = gram.cosines[i * gram.size + j] as number)));
  const factors = choleskyPivoted(c, m);
  const inverse = support.map((i) => 1 / (norms[i] as number));
  const a = support.map((i) => along[i] as number);
  const p = choleskySolve(factors, inverse);
  const q = choleskySolve(factors, a);
  let pp = 0;
  let pq = 0;
  let qq = 0;
  for (let k = 0; k < m; k++) {
    pp += (p[k] as number) * (inverse[k] as number);
    pq += (p[k] as number) * (a[k] as number);
    qq += (q[k] as number) * (a[k] as number);
  }
  const root = pq * pq - pp * (qq - radius * radius);
  if (!(root >= 0)) return NaN;
  // The larger root: the length grows with ν there. Written so that nothing cancels.
  return pq >= 0 ? (pq + Math.sqrt(root)) / pp : (radius * radius - qq) / (Math.sqrt(root) - pq);
}
