import { leastNormSolve } from "./least-norm.js";
import { nonNegativeQuadratic } from "./nonnegative.js";
import { rankTolerance } from "./cholesky.js";

/** The rows that some direction can serve, seen across the span of those that none can. */
export interface Face {
  /** Places of the rows with ⟨d, uᵢ⟩ > 0 for some d that harms none. */
  readonly open: readonly number[];
  /** Places of the others: a positive combination of them is zero, so ⟨d, uᵢ⟩ = 0 is the best that they can get. */
  readonly stationary: readonly number[];
  /** Per open row: its length across the span of the stationary ones (1 if there are none). */
  readonly lengths: Float64Array;
  /** Cosines of those remainders, open × open. */
  readonly cosines: Float64Array;
}

/**
 * Splits unit rows with cosines C (n × n) into those which a common non-conflicting direction can serve, and those which
 * are at a Pareto-stationary point among themselves.
 */
export function stationaryFace(c: ArrayLike<number>, n: number): Face {
  let open = Array.from({ length: n }, (_, i) => i);
  let stationary: number[] = [];
  for (;;) {
    const face = across(c, n, open, stationary);
    const gone = face.lengths.findIndex((length) => length === 0);
    if (gone >= 0) {
      stationary = [...stationary, ...open.filter((_, a) => face.lengths[a] === 0)];
      open = open.filter((_, a) => face.lengths[a] !== 0);
      continue;
    }
    const noise = face.lengths.map((length) => 1 / length);
    const ones = new Float64Array(open.length).fill(1);
    const { x, status } = nonNegativeQuadratic(face.cosines, ones, open.length, { noise });
    if (status !== "unbounded") return face;
    stationary = [...stationary, ...open.filter((_, a) => (x[a] as number) > 0)];
    open = open.filter((_, a) => !((x[a] as number) > 0));
  }
}

function across(c: ArrayLike<number>, n: number, open: readonly number[], stationary: readonly number[]): Face {
  const m = open.length;
  const coefficients = open.map((i) => projection(c, n, stationary, (j) => c[j * n + i] as number));
  const raw = new Float64Array(m * m);
  open.forEach((i, a) => {
    open.forEach((j, b) => {
      let sum = c[i * n + j] as number;
      stationary.forEach((s, k) => (sum -= (coefficients[b] as Float64Array)[k]! * (c[s * n + i] as number)));
      raw[a * m + b] = sum;
    });
  });
  const floor = stationary.length === 0 ? 0 : rankTolerance(n);
  const lengths = Float64Array.from(open, (_, a) => {
    const square = raw[a * m + a] as number;
    return square > floor ? Math.sqrt(square) : 0;
  });
  const cosines = raw.map((value, at) => {
    const a = Math.floor(at / m);
    const b = at % m;
    const scale = (lengths[a] as number) * (lengths[b] as number);
    return a === b ? 1 : scale > 0 ? Math.max(-1, Math.min(1, value / scale)) : 0;
  });
  return { open, stationary, lengths, cosines };
}

/** Coefficients, on the rows `on`, of the projection of a vector with inner products `along` on their span. */
export function projection(
  c: ArrayLike<number>,
  n: number,
  on: readonly number[],
  along: (row: number) => number,
): Float64Array {
  const m = on.length;
  const sub = new Float64Array(m * m);
  on.forEach((i, a) => on.forEach((j, b) => (sub[a * m + b] = c[i * n + j] as number)));
  return leastNormSolve(sub, on.map(along), m);
}
