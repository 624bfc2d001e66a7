import { choleskyPivoted } from "./cholesky.js";

export interface Eigen {
  /** Descending. */
  readonly values: Float64Array;
  /** n × values.length, row-major: column k belongs to values[k]. */
  readonly vectors: Float64Array;
}

function sorted(values: Float64Array, vectors: Float64Array, n: number): Eigen {
  const count = values.length;
  const order = Array.from(values.keys()).sort((a, b) => (values[b] as number) - (values[a] as number));
  const out = { values: new Float64Array(count), vectors: new Float64Array(n * count) };
  order.forEach((from, k) => {
    out.values[k] = values[from] as number;
    for (let i = 0; i < n; i++) out.vectors[i * count + k] = vectors[i * count + from] as number;
  });
  return out;
}

/** Tangent of the angle that annihilates `off` in [[p, off], [off, q]]. */
function tangent(p: number, q: number, off: number): number {
  const zeta = (q - p) / (2 * off);
  return Math.sign(zeta || 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
}

function rotate(m: Float64Array, n: number, stride: number, p: number, q: number, c: number, s: number): void {
  for (let i = 0; i < n; i++) {
    const x = m[i * stride + p] as number;
    const y = m[i * stride + q] as number;
    m[i * stride + p] = c * x - s * y;
    m[i * stride + q] = s * x + c * y;
  }
}

/** Eigenvalues and vectors of a symmetric matrix (n × n, row-major) by cyclic Jacobi rotations (Golub & Van Loan §8.5). */
export function symmetricEigen(a: ArrayLike<number>, n: number): Eigen {
  const m = Float64Array.from(a);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const size = Math.sqrt(m.reduce((sum, x) => sum + x * x, 0));
  for (let sweep = 0; sweep < 60; sweep++) {
    let moved = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = m[p * n + q] as number;
        const mpp = m[p * n + p] as number;
        const mqq = m[q * n + q] as number;
        const graded = Math.sqrt(Math.abs(mpp * mqq));
        if (Math.abs(off) <= Number.EPSILON * Math.max(graded, 1e-3 * Number.EPSILON * size)) continue;
        moved = true;
        const t = tangent(mpp, mqq, off);
        const c = 1 / Math.hypot(1, t);
        const s = t * c;
        rotate(m, n, n, p, q, c, s);
        for (let j = 0; j < n; j++) {
          const x = m[p * n + j] as number;
          const y = m[q * n + j] as number;
          m[p * n + j] = c * x - s * y;
          m[q * n + j] = s * x + c * y;
        }
        m[p * n + p] = mpp - t * off;
        m[q * n + q] = mqq + t * off;
        m[p * n + q] = 0;
        m[q * n + p] = 0;
        rotate(v, n, n, p, q, c, s);
      }
    }
    if (!moved) break;
  }
  const values = new Float64Array(n);
  for (let i = 0; i < n; i++) values[i] = m[i * n + i] as number;
  return sorted(values, v, n);
}

/**
 * The non-zero eigenvalues of D C D and their vectors, for norms D = diag(n) and cosines C. Pivoted Cholesky in unit
 * rows, then one-sided Jacobi on the columns of D L (Veselić & Hari 1989; Demmel & Veselić 1992): the relative error of
 * every eigenvalue grows with the condition of C, not with that of D C D, so row scales of 1e±12 cost nothing.
 * Rank: see {@link rankTolerance}; eigenvalues beyond it are left out.
 */
export function scaledEigen(norms: ArrayLike<number>, cosines: ArrayLike<number>, n: number): Eigen {
  const most = Array.from(norms).reduce((a, b) => Math.max(a, b), 0);
  const d = Array.from(norms, (x) => (most > 0 ? x / most : 0));
  // Duplicate and opposite rows, exactly: their cosine misses ±1 by the rounding of the norms.
  const snapped = Float64Array.from({ length: n * n }, (_, k) => {
    const cosine = cosines[k] as number;
    return 1 - Math.abs(cosine) <= 4 * Number.EPSILON ? Math.sign(cosine) : cosine;
  });
  const { rank, l } = choleskyPivoted(
    snapped,
    n,
    d.map((x) => x * x),
  );
  const a = l.slice();
  for (let i = 0; i < n; i++)
    for (let k = 0; k < rank; k++) a[i * rank + k] = (a[i * rank + k] as number) * (d[i] as number);
  for (let sweep = 0; sweep < 60; sweep++) {
    let moved = false;
    for (let p = 0; p < rank - 1; p++) {
      for (let q = p + 1; q < rank; q++) {
        let pp = 0;
        let qq = 0;
        let pq = 0;
        let spread = 0;
        for (let i = 0; i < n; i++) {
          const x = a[i * rank + p] as number;
          const y = a[i * rank + q] as number;
          pp += x * x;
          qq += y * y;
          pq += x * y;
          spread += Math.abs(x * y);
        }
        // Against its own terms and not against the columns' lengths: components far below ε of a column count, since
        // they belong to the large rows.
        if (Math.abs(pq) <= 4 * Number.EPSILON * spread) continue;
        moved = true;
        const t = tangent(pp, qq, pq);
        const c = 1 / Math.hypot(1, t);
        rotate(a, n, rank, p, q, c, t * c);
      }
    }
    if (!moved) break;
  }
  const values = new Float64Array(rank);
  for (let k = 0; k < rank; k++) {
    let square = 0;
    for (let i = 0; i < n; i++) square += (a[i * rank + k] as number) ** 2;
    const length = Math.sqrt(square);
    for (let i = 0; i < n; i++) a[i * rank + k] = (a[i * rank + k] as number) / length;
    values[k] = square * most * most;
  }
  return sorted(values, a, n);
}
