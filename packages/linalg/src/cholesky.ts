/** C ≈ L Lᵀ on its numerical rank. */
export interface Cholesky {
  readonly n: number;
  readonly rank: number;
  /** Places in the order of elimination: the first `rank` are independent. */
  readonly order: readonly number[];
  /** n × rank, row-major, rows in the original order. */
  readonly l: Float64Array;
}

/**
 * What is left of a unit row below this, squared, counts as zero: 8 n ε. Cosines carry errors of a few ε, so gradients
 * that lie within about 1e-7 rad of the others' span cannot be told from dependent ones.
 */
export function rankTolerance(n: number): number {
  return 8 * n * Number.EPSILON;
}

/**
 * Cholesky factors of a semi-definite matrix C with unit diagonal (or zero rows), with diagonal pivoting. `priority`
 * multiplies the squared pivots: with the squared norms it is the pivoted factorisation of D C D, in unit rows.
 * A row whose remainder is ≤ {@link rankTolerance}, or less than what errors of ε in C do to it, counts as dependent,
 * whatever its priority.
 */
export function choleskyPivoted(c: ArrayLike<number>, n: number, priority?: ArrayLike<number>): Cholesky {
  const left = new Float64Array(n);
  for (let i = 0; i < n; i++) left[i] = c[i * n + i] as number;
  const full = new Float64Array(n * n);
  const order: number[] = [];
  const open = new Set<number>(left.keys());
  const tolerance = rankTolerance(n);
  const dependent: number[] = [];
  for (;;) {
    let pivot = -1;
    let best = -1;
    for (const i of open) {
      const rest = left[i] as number;
      if (rest <= tolerance || (rest < doubtful && rest <= 4 * Number.EPSILON * spread(full, n, order, i) ** 2)) {
        // Its remainder is rounding: in later columns, whose rows may be far smaller, it would be noise.
        open.delete(i);
        dependent.push(i);
        continue;
      }
      const score = rest * ((priority?.[i] as number | undefined) ?? 1);
      if (score > best) {
        best = score;
        pivot = i;
      }
    }
    if (pivot < 0) break;
    const k = order.length;
    const root = Math.sqrt(left[pivot] as number);
    order.push(pivot);
    open.delete(pivot);
    full[pivot * n + k] = root;
    for (const i of open) {
      let sum = c[i * n + pivot] as number;
      for (let m = 0; m < k; m++) sum -= (full[i * n + m] as number) * (full[pivot * n + m] as number);
      const value = sum / root;
      full[i * n + k] = value;
      left[i] = (left[i] as number) - value * value;
    }
  }
  const rank = order.length;
  const l = new Float64Array(n * rank);
  for (let i = 0; i < n; i++) for (let k = 0; k < rank; k++) l[i * rank + k] = full[i * n + k] as number;
  return { n, rank, order: [...order, ...dependent], l };
}

/** Remainders below this are checked against what errors in C do to them. */
export const doubtful: number = 1e-3;

/** 1 + Σ|aₖ| for row i as a combination Σ aₖuₖ of the pivots so far: errors of ε in C change its remainder by ε times its square. */
function spread(full: Float64Array, n: number, order: readonly number[], i: number): number {
  const a = new Float64Array(order.length);
  let size = 1;
  for (let k = order.length - 1; k >= 0; k--) {
    let sum = full[i * n + k] as number;
    for (let m = k + 1; m < order.length; m++) sum -= (full[(order[m] as number) * n + k] as number) * (a[m] as number);
    a[k] = sum / (full[(order[k] as number) * n + k] as number);
    size += Math.abs(a[k] as number);
  }
  return size;
}

/** x with L Lᵀ x = b on the independent places; 0 on the others. */
export function choleskySolve(factors: Cholesky, b: ArrayLike<number>): Float64Array {
  const { n, rank, order, l } = factors;
  const y = new Float64Array(rank);
  for (let k = 0; k < rank; k++) {
    const i = order[k] as number;
    let sum = b[i] as number;
    for (let m = 0; m < k; m++) sum -= (l[i * rank + m] as number) * (y[m] as number);
    y[k] = sum / (l[i * rank + k] as number);
  }
  const x = new Float64Array(n);
  for (let k = rank - 1; k >= 0; k--) {
    let sum = y[k] as number;
    for (let m = k + 1; m < rank; m++) {
      const j = order[m] as number;
      sum -= (l[j * rank + k] as number) * (x[j] as number);
    }
    const i = order[k] as number;
    x[i] = sum / (l[i * rank + k] as number);
  }
  return x;
}
