import { choleskyPivoted, choleskySolve, rankTolerance } from "./cholesky.js";

export interface NonNegative {
  /** The minimiser; or, where there is none, the ray. */
  readonly x: Float64Array;
  /**
   * `optimal`; `unbounded`: x is a ray along which the objective falls for ever: x ≥ 0, C x = 0, rᵀx > 0, so the rows
   * behind C have zero in their convex hull; `limit`: the active set changed more often than it ever should.
   */
  readonly status: "optimal" | "unbounded" | "limit";
  readonly iterations: number;
}

export interface NonNegativeOptions {
  /** The caller knows that r lies in the range of C: a ray can only be rounding, and is passed over. */
  readonly bounded?: boolean;
  /** fᵢ ≥ 1: entries of C are only known to ε fᵢ fⱼ. Default 1. */
  readonly noise?: ArrayLike<number>;
}

/** How far (C x)ᵢ may lie above rᵢ, against the terms that it is a sum of. */
const tolerance = 1e-13;

/** Entries of a ray below this are rounding. */
const dust = 1e-12;

/**
 * min ½ xᵀCx − rᵀx over x ≥ 0, for a semi-definite C with unit diagonal: Lawson & Hanson's active set (Solving Least
 * Squares Problems, ch. 23) on the Gram, with dependent rows treated exactly: a row that adds nothing to the span of
 * the free ones is entered along the direction of zero curvature until another leaves.
 */
export function nonNegativeQuadratic(
  c: ArrayLike<number>,
  r: ArrayLike<number>,
  n: number,
  { bounded = false, noise }: NonNegativeOptions = {},
): NonNegative {
  let x = new Float64Array(n);
  const free: number[] = [];
  const barred = new Set<number>();
  const limit = 50 * n + 50;
  for (let iterations = 0; iterations < limit; iterations++) {
    const enter = mostViolated(c, r, x, n, free, barred, noise);
    if (enter < 0) return { x, status: "optimal", iterations };
    const ray = zeroCurvature(c, n, free, enter, noise);
    if (ray !== null) {
      const step = firstToLeave(x, ray, free);
      if (step.at < 0 && bounded) {
        barred.add(enter);
        continue;
      }
      if (step.at < 0) return { x: ray.map((value) => (value > dust ? value : 0)), status: "unbounded", iterations };
      x = x.map((value, i) => value + step.length * (ray[i] as number));
      x[step.at] = 0;
      free.splice(free.indexOf(step.at), 1);
    }
    free.push(enter);
    let first = true;
    for (;;) {
      const solution = solveOn(c, (i) => r[i] as number, n, free);
      if (first && !((solution[enter] as number) > 0) && (x[enter] as number) === 0) {
        free.pop();
        barred.add(enter);
        break;
      }
      first = false;
      const towards = solution.map((value, i) => value - (x[i] as number));
      const step = firstToLeave(x, towards, free, solution);
      if (step.at < 0) {
        x = solution;
        barred.clear();
        break;
      }
      const length = Math.min(1, step.length);
      x = x.map((value, i) => value + length * (towards[i] as number));
      x[step.at] = 0;
      for (let k = free.length - 1; k >= 0; k--) {
        const i = free[k] as number;
        if ((x[i] as number) <= 0) {
          x[i] = 0;
          free.splice(k, 1);
        }
      }
    }
  }
  return { x, status: "limit", iterations: limit };
}

function mostViolated(
  c: ArrayLike<number>,
  r: ArrayLike<number>,
  x: Float64Array,
  n: number,
  free: readonly number[],
  barred: ReadonlySet<number>,
  noise: ArrayLike<number> | undefined,
): number {
  let best = 0;
  let enter = -1;
  for (let i = 0; i < n; i++) {
    if (free.includes(i) || barred.has(i)) continue;
    let slack = r[i] as number;
    let size = Math.abs(slack);
    for (const j of free) {
      const term = (c[i * n + j] as number) * (x[j] as number);
      slack -= term;
      size += noise === undefined ? Math.abs(term) : (noise[i] as number) * (noise[j] as number) * (x[j] as number);
    }
    if (slack > tolerance * size && slack > best) {
      best = slack;
      enter = i;
    }
  }
  return enter;
}

/**
 * The change of the free entries that leaves C x as it is when `enter` grows by one; null if `enter` is independent.
 * What remains of `enter` beside Σ aⱼ uⱼ is only known to ε(1 + Σ|aⱼ|)², since that is what errors of ε in C do to it.
 */
function zeroCurvature(
  c: ArrayLike<number>,
  n: number,
  free: readonly number[],
  enter: number,
  noise: ArrayLike<number> | undefined,
): Float64Array | null {
  const along = free.map((i) => c[i * n + enter] as number);
  const a = solveOn(c, (i) => c[i * n + enter] as number, n, free);
  let remainder = 1;
  const own = noise?.[enter] ?? 1;
  let size = own;
  free.forEach((i, k) => {
    const value = a[i] as number;
    let row = -2 * (along[k] as number);
    for (const j of free) row += (c[i * n + j] as number) * (a[j] as number);
    remainder += value * row;
    size += Math.abs(value) * (noise?.[i] ?? 1);
  });
  if (remainder > rankTolerance(n) * own * own + 4 * Number.EPSILON * size * size) return null;
  const ray = a.map((value) => -value);
  ray[enter] = 1;
  return ray;
}

function submatrix(c: ArrayLike<number>, n: number, places: readonly number[]): Float64Array {
  const m = places.length;
  const sub = new Float64Array(m * m);
  places.forEach((i, a) => places.forEach((j, b) => (sub[a * m + b] = c[i * n + j] as number)));
  return sub;
}

function solveOn(
  c: ArrayLike<number>,
  r: (i: number) => number,
  n: number,
  free: readonly number[],
): Float64Array<ArrayBuffer> {
  const m = free.length;
  const sub = submatrix(c, n, free);
  const right = free.map(r);
  const factors = choleskyPivoted(sub, m);
  const local = choleskySolve(factors, right);
  const rest = right.map((value, a) => {
    let sum = value;
    for (let b = 0; b < m; b++) sum -= (sub[a * m + b] as number) * (local[b] as number);
    return sum;
  });
  const mend = choleskySolve(factors, rest);
  const x = new Float64Array(n);
  free.forEach((i, k) => (x[i] = (local[k] as number) + (mend[k] as number)));
  return x;
}

/** Which free entry reaches zero first on the way along `direction`, and how far that is. */
function firstToLeave(
  x: Float64Array,
  direction: Float64Array,
  free: readonly number[],
  goal?: Float64Array,
): { at: number; length: number } {
  let at = -1;
  let length = Infinity;
  for (const i of free) {
    const speed = direction[i] as number;
    if (goal === undefined ? speed >= -dust : (goal[i] as number) > 0) continue;
    const reach = speed < 0 ? (x[i] as number) / -speed : 0;
    if (reach < length) {
      length = reach;
      at = i;
    }
  }
  return { at, length };
}
