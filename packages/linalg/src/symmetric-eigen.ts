import { type Eigen, rotate, sorted, tangent } from "./rotations.js";

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
