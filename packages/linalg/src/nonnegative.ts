import { type ActiveFactor, activeFactor } from "./active-factor.js";
import { rankTolerance } from "./cholesky.js";

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
 * The factor of the free rows grows with them: to enter a row costs O(n·k) for k free ones, not k³; when one leaves, the
 * rows of the factor behind it are computed again.
 */
export function nonNegativeQuadratic(
  c: ArrayLike<number>,
  r: ArrayLike<number>,
  n: number,
  { bounded = false, noise }: NonNegativeOptions = {},
): NonNegative {
  let x = new Float64Array(n);
  let solution = new Float64Array(n);
  const ray = new Float64Array(n);
  const free = activeFactor(c, n);
  const state = new Uint8Array(n);
  const right = (i: number) => r[i] as number;
  const limit = 50 * n + 50;
  for (let iterations = 0; iterations < limit; iterations++) {
    const enter = mostViolated(c, r, x, n, free, state, noise);
    if (enter < 0) return { x, status: "optimal", iterations };
    if (zeroCurvature(c, n, free, enter, noise, ray)) {
      const step = firstToLeave(x, ray, free);
      if (step.at < 0 && bounded) {
        state[enter] = barred;
        continue;
      }
      if (step.at < 0) return { x: ray.map((value) => (value > dust ? value : 0)), status: "unbounded", iterations };
      for (let i = 0; i < n; i++) x[i] = (x[i] as number) + step.length * (ray[i] as number);
      x[step.at] = 0;
      state[step.at] = bound;
      free.remove((i) => i === step.at);
    }
    free.push(enter);
    state[enter] = isFree;
    for (let first = true; ; first = false) {
      free.solve(right, solution);
      if (first && !((solution[enter] as number) > 0) && (x[enter] as number) === 0) {
        free.remove((i) => i === enter);
        state[enter] = barred;
        break;
      }
      const step = firstToBlock(x, solution, free);
      if (step.at < 0) {
        [x, solution] = [solution, x];
        for (let i = 0; i < n; i++) if (state[i] === barred) state[i] = bound;
        break;
      }
      const length = Math.min(1, step.length);
      for (let i = 0; i < n; i++) {
        x[i] = (x[i] as number) + length * ((solution[i] as number) - (x[i] as number));
      }
      x[step.at] = 0;
      free.remove((i) => {
        if ((x[i] as number) > 0) return false;
        x[i] = 0;
        state[i] = bound;
        return true;
      });
    }
  }
  return { x, status: "limit", iterations: limit };
}

/** States of a place. Barred: bound, and not to be tried again before x moves. */
const bound = 0;
const isFree = 1;
const barred = 2;

function mostViolated(
  c: ArrayLike<number>,
  r: ArrayLike<number>,
  x: Float64Array,
  n: number,
  free: ActiveFactor,
  state: Uint8Array,
  noise: ArrayLike<number> | undefined,
): number {
  const { places } = free;
  const size = free.size();
  let best = 0;
  let enter = -1;
  for (let i = 0; i < n; i++) {
    if (state[i] !== bound) continue;
    let slack = r[i] as number;
    let terms = Math.abs(slack);
    for (let k = 0; k < size; k++) {
      const j = places[k] as number;
      const term = (c[i * n + j] as number) * (x[j] as number);
      slack -= term;
      terms += noise === undefined ? Math.abs(term) : (noise[i] as number) * (noise[j] as number) * (x[j] as number);
    }
    if (slack > tolerance * terms && slack > best) {
      best = slack;
      enter = i;
    }
  }
  return enter;
}

/**
 * False if `enter` is independent of the free rows. If not, `ray` is the change of the free entries that leaves C x as it
 * is when `enter` grows by one. What remains of `enter` beside Σ aⱼ uⱼ is only known to ε(1 + Σ|aⱼ|)², since that is what
 * errors of ε in C do to it.
 */
function zeroCurvature(
  c: ArrayLike<number>,
  n: number,
  free: ActiveFactor,
  enter: number,
  noise: ArrayLike<number> | undefined,
  ray: Float64Array,
): boolean {
  const { places } = free;
  const size = free.size();
  free.solve((i) => c[i * n + enter] as number, ray);
  let remainder = 1;
  const own = noise?.[enter] ?? 1;
  let spread = own;
  for (let k = 0; k < size; k++) {
    const i = places[k] as number;
    const value = ray[i] as number;
    let row = -2 * (c[i * n + enter] as number);
    for (let m = 0; m < size; m++) {
      const j = places[m] as number;
      row += (c[i * n + j] as number) * (ray[j] as number);
    }
    remainder += value * row;
    spread += Math.abs(value) * (noise?.[i] ?? 1);
  }
  if (remainder > rankTolerance(n) * own * own + 4 * Number.EPSILON * spread * spread) return false;
  for (let i = 0; i < n; i++) ray[i] = -(ray[i] as number);
  ray[enter] = 1;
  return true;
}

/** Which free entry reaches zero first on the way along `ray`, and how far that is. */
function firstToLeave(x: Float64Array, ray: Float64Array, free: ActiveFactor): { at: number; length: number } {
  let at = -1;
  let length = Infinity;
  for (let k = 0; k < free.size(); k++) {
    const i = free.places[k] as number;
    const speed = ray[i] as number;
    if (speed >= -dust) continue;
    const reach = (x[i] as number) / -speed;
    if (reach < length) {
      length = reach;
      at = i;
    }
  }
  return { at, length };
}

/** Which free entry reaches zero first on the way to `goal`, and which part of the way that is. */
function firstToBlock(x: Float64Array, goal: Float64Array, free: ActiveFactor): { at: number; length: number } {
  let at = -1;
  let length = Infinity;
  for (let k = 0; k < free.size(); k++) {
    const i = free.places[k] as number;
    const end = goal[i] as number;
    if (end > 0) continue;
    const start = x[i] as number;
    const reach = end < start ? start / (start - end) : 0;
    if (reach < length) {
      length = reach;
      at = i;
    }
  }
  return { at, length };
}
