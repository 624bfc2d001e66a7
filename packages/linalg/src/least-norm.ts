import { choleskyPivoted, choleskySolve, doubtful } from "./cholesky.js";
import { dot } from "./dot.js";
import { scaledEigen } from "./scaled-eigen.js";

/**
 * The minimum-norm least-squares solution x of A x = b, for a symmetric positive semi-definite A (n × n, row-major):
 * x = A⁺ b. A is brought to unit diagonal first, A = D C D, so that rows of very different scales lose nothing. With C
 * of full numerical rank: Cholesky and one step of refinement. Otherwise the eigenvectors of {@link scaledEigen}, over
 * the numerical rank. A zero on the diagonal stands for a zero row: x is 0 there.
 */
export function leastNormSolve(a: ArrayLike<number>, b: ArrayLike<number>, n: number = b.length): Float64Array {
  const pair = n === 2 ? solvePair(a, b) : null;
  if (pair !== null) return pair;
  const d = new Float64Array(n);
  for (let i = 0; i < n; i++) d[i] = Math.sqrt(Math.max(0, a[i * n + i] as number));
  const c = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const di = d[i] as number;
      const dj = d[j] as number;
      c[i * n + j] = di > 0 && dj > 0 ? (i === j ? 1 : (a[i * n + j] as number) / di / dj) : 0;
    }
  }
  const factors = choleskyPivoted(c, n);
  if (factors.rank < n) {
    const { values, vectors } = scaledEigen(d, c, n);
    return applyPseudoInverse(values, vectors, b, n);
  }
  const right = Float64Array.from(d, (di, i) => (b[i] as number) / di);
  const y = choleskySolve(factors, right);
  const rest = right.map((value, i) => {
    let sum = value;
    for (let j = 0; j < n; j++) sum -= (c[i * n + j] as number) * (y[j] as number);
    return sum;
  });
  const mend = choleskySolve(factors, rest);
  return y.map((value, i) => (value + (mend[i] as number)) / (d[i] as number));
}

/**
 * Two clearly independent rows: what the general way comes to, operation by operation, so that the bits are the same.
 * Methods per embedding row solve thousands of these a step. Null where the rank is in doubt.
 */
function solvePair(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array | null {
  const d0 = Math.sqrt(Math.max(0, a[0] as number));
  const d1 = Math.sqrt(Math.max(0, a[3] as number));
  if (!(d0 > 0 && d1 > 0)) return null;
  const upper = (a[1] as number) / d0 / d1;
  const lower = (a[2] as number) / d1 / d0;
  const remainder = 1 - lower * lower;
  if (!(remainder >= doubtful)) return null;
  const root = Math.sqrt(remainder);
  const r0 = (b[0] as number) / d0;
  const r1 = (b[1] as number) / d1;
  const y1 = (r1 - lower * r0) / root / root;
  const y0 = r0 - lower * y1;
  const rest0 = r0 - y0 - upper * y1;
  const rest1 = r1 - lower * y0 - y1;
  const mend1 = (rest1 - lower * rest0) / root / root;
  const mend0 = rest0 - lower * mend1;
  const x = new Float64Array(2);
  x[0] = (y0 + mend0) / d0;
  x[1] = (y1 + mend1) / d1;
  return x;
}

function applyPseudoInverse(
  values: Float64Array,
  vectors: Float64Array,
  b: ArrayLike<number>,
  n: number,
): Float64Array {
  const rank = values.length;
  const x = new Float64Array(n);
  for (let k = 0; k < rank; k++) {
    const along = dot(
      n,
      (i) => vectors[i * rank + k] as number,
      (i) => b[i] as number,
    );
    const factor = along / (values[k] as number);
    for (let i = 0; i < n; i++) x[i] = (x[i] as number) + factor * (vectors[i * rank + k] as number);
  }
  return x;
}
