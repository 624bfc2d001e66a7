import { choleskyPivoted, choleskySolve } from "./cholesky.js";
import { projection, stationaryFace } from "./stationary.js";

export interface Bargain {
  /** a, per gradient. */
  readonly weights: Float64Array;
  /** Places of the tasks that no direction can serve; empty where an interior solution exists. */
  readonly stationary: readonly number[];
  readonly iterations: number;
  /**
   * max over the open rows of |n aᵢ (C x)ᵢ − kᵢ xᵢᵖ| against the terms that it is a sum of: rounding is all that is left
   * at a few ε.
   */
  readonly residual: number;
}

/**
 * G a = a^{−1/α}, a > 0, G = (nᵢ nⱼ cᵢⱼ): the point that maximises Σ u_α(⟨d, gᵢ⟩) over a ball, u_α the α-fair utility
 * (Ban & Ji 2024, FairGrad; α = 1: Nash bargaining, Navon et al. 2022). With x = n∘a it is the minimum of
 * ½ xᵀCx − Σ kᵢ xᵢᵖ/p, p = 1 − 1/α, kᵢ = nᵢ^{1/α − 1} (a logarithm at p = 0): a damped Newton method in the relative step
 * dx/x, whose matrix X C X + (1−p) diag(k xᵖ) is positive definite.
 *
 * Where zero is in the convex hull of some gradients, no a exists, and the limit is taken: d is orthogonal to those
 * (their weights only make it so), and the others bargain in the space that is left.
 */
export function bargain(norms: ArrayLike<number>, cosines: ArrayLike<number>, n: number, alpha = 1): Bargain {
  const face = stationaryFace(cosines, n);
  const { open, stationary, lengths } = face;
  const weights = new Float64Array(n);
  if (open.length === 0) return { weights, stationary, iterations: 0, residual: 0 };
  const reach = open.map((i, a) => (norms[i] as number) * (lengths[a] as number));
  const k = reach.map((value) => value ** (1 / alpha - 1));
  const { x, iterations, residual } = newton(face.cosines, k, alpha);
  const unit = new Float64Array(n);
  open.forEach((i, a) => (unit[i] = (x[a] as number) / (lengths[a] as number)));
  if (stationary.length > 0) {
    const back = projection(cosines, n, stationary, (s) =>
      open.reduce((sum, i) => sum + (cosines[s * n + i] as number) * (unit[i] as number), 0),
    );
    stationary.forEach((s, k) => (unit[s] = -(back[k] as number)));
  }
  for (let i = 0; i < n; i++) weights[i] = (unit[i] as number) / (norms[i] as number);
  return { weights, stationary, iterations, residual };
}

/** The minimum of ½ xᵀCx − Σ kᵢ xᵢᵖ/p, p = 1 − 1/α, over x > 0, where it exists. */
export function newton(
  c: ArrayLike<number>,
  k: ArrayLike<number>,
  alpha: number,
): { x: Float64Array; iterations: number; residual: number } {
  const n = k.length;
  const p = 1 - 1 / alpha;
  let x: Float64Array<ArrayBuffer> = Float64Array.from(k, (value) => value ** (1 / (2 - p)));
  let residual = Infinity;
  let stalled = 0;
  for (let iterations = 0; ; iterations++) {
    const pull = x.map((value, i) => (k[i] as number) * value ** p);
    const slope = x.map((value, i) => value * row(c, x, n, i) - (pull[i] as number));
    const size = x.map((value, i) => value * spread(c, x, n, i) + (pull[i] as number));
    const now = slope.reduce((most, value, i) => Math.max(most, Math.abs(value) / (size[i] as number)), 0);
    // At the floor of rounding Newton's steps wander: stop at the first that no longer helps.
    stalled = now < residual ? 0 : stalled + 1;
    if (iterations === 200 || now <= 4 * Number.EPSILON || (now < 1e-9 && stalled > 1)) {
      return { x, iterations, residual: now };
    }
    residual = Math.min(now, residual);
    const z = step(c, x, pull, slope, 1 - p);
    x = move(c, x, z, pull, slope, p);
  }
}

function row(c: ArrayLike<number>, x: ArrayLike<number>, n: number, i: number): number {
  let sum = 0;
  for (let j = 0; j < n; j++) sum += (c[i * n + j] as number) * (x[j] as number);
  return sum;
}

function spread(c: ArrayLike<number>, x: ArrayLike<number>, n: number, i: number): number {
  let sum = 0;
  for (let j = 0; j < n; j++) sum += Math.abs((c[i * n + j] as number) * (x[j] as number));
  return sum;
}

/** −(X C X + (1−p) diag(pull))⁻¹ slope, brought to unit diagonal. */
function step(c: ArrayLike<number>, x: Float64Array, pull: Float64Array, slope: Float64Array, q: number): Float64Array {
  const n = x.length;
  const d = x.map((value, i) => Math.sqrt(value * value + q * (pull[i] as number)));
  const unit = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const scale = ((x[i] as number) / (d[i] as number)) * ((x[j] as number) / (d[j] as number));
      unit[i * n + j] = i === j ? 1 : (c[i * n + j] as number) * scale;
    }
  }
  const solved = choleskySolve(
    choleskyPivoted(unit, n),
    slope.map((value, i) => -value / (d[i] as number)),
  );
  return solved.map((value, i) => value / (d[i] as number));
}

/** x (1 + t z) with t from Armijo's rule; the decrease is summed term by term, so that it keeps its digits. */
function move(
  c: ArrayLike<number>,
  x: Float64Array,
  z: Float64Array,
  pull: Float64Array,
  slope: Float64Array,
  p: number,
): Float64Array<ArrayBuffer> {
  const n = x.length;
  const dx = x.map((value, i) => value * (z[i] as number));
  const descent = z.reduce((sum, value, i) => sum + value * (slope[i] as number), 0);
  const curvature = dx.reduce((sum, value, i) => sum + value * row(c, dx, n, i), 0);
  const lowest = z.reduce((a, b) => Math.min(a, b), 0);
  let t = lowest < -0.99 ? -0.99 / lowest : 1;
  for (let halvings = 0; halvings < 60 && z.some((value) => Math.abs(value) > 1e-6); halvings++) {
    let change = t * descent + 0.5 * t * t * curvature;
    for (let i = 0; i < n; i++) {
      const relative = t * (z[i] as number);
      const grown = p === 0 ? Math.log1p(relative) : Math.expm1(p * Math.log1p(relative)) / p;
      change -= (pull[i] as number) * (grown - relative);
    }
    if (change <= 1e-4 * t * descent) break;
    t /= 2;
  }
  return x.map((value, i) => value * (1 + t * (z[i] as number)));
}
