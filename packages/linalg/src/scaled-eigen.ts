import { choleskyPivoted } from "./cholesky.js";
import { type Eigen, rotate, sorted, tangent } from "./rotations.js";

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
