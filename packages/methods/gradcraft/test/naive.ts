/** GradCraft on the vectors themselves. */
import type { Matrix } from "@gradpool/testkit/golden";

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, k) => sum + x * (b[k] as number), 0);

/** Normal equations by elimination: no singular systems, zero rows left out. */
export function naiveGradcraft(gradients: Matrix, tau: number, epsilon: number): number[] {
  const norms = gradients.map((g) => Math.sqrt(dot(g, g)));
  const most = Math.max(...norms);
  const kept = gradients.flatMap((g, i) => {
    const n = norms[i] as number;
    return n === 0 ? [] : [g.map((x) => (tau * (most / n) + 1 - tau) * x)];
  });
  const width = (gradients[0] as readonly number[]).length;
  const total = Array.from({ length: width }, () => 0);
  for (const row of kept) {
    const conflicts = kept.filter((other) => other !== row && dot(row, other) < 0);
    const matrix = conflicts.map((a) => conflicts.map((b) => dot(a, b)));
    const right = conflicts.map((a) => epsilon * Math.sqrt(dot(row, row) * dot(a, a)) - dot(row, a));
    const c = eliminate(matrix, right);
    for (let k = 0; k < width; k++) {
      total[k] =
        (total[k] as number) +
        ((row[k] as number) + conflicts.reduce((sum, a, j) => sum + (c[j] as number) * (a[k] as number), 0)) /
          gradients.length;
    }
  }
  return total;
}

function eliminate(matrix: Matrix, right: readonly number[]): number[] {
  const n = right.length;
  const a = matrix.map((row, i) => [...row, right[i] as number]);
  for (let p = 0; p < n; p++) {
    for (let r = p + 1; r < n; r++) {
      const top = a[p] as number[];
      const row = a[r] as number[];
      const factor = (row[p] as number) / (top[p] as number);
      for (let k = p; k <= n; k++) row[k] = (row[k] as number) - factor * (top[k] as number);
    }
  }
  const x = Array.from({ length: n }, () => 0);
  for (let p = n - 1; p >= 0; p--) {
    const row = a[p] as number[];
    let sum = row[n] as number;
    for (let k = p + 1; k < n; k++) sum -= (row[k] as number) * (x[k] as number);
    x[p] = sum / (row[p] as number);
  }
  return x;
}
