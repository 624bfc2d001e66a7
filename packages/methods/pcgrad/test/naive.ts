/** PCGrad on the vectors themselves, with the reference codes' peculiarities as switches. */
import type { Matrix } from "@gradpool/testkit/golden";

export interface NaivePcgrad {
  readonly orders: readonly (readonly number[])[];
  readonly reduction: "sum" | "mean";
  /** Projects a row against its own original too: wrong, and done by several ports. */
  readonly self?: boolean;
  /** Added to the squared norm: wrong at small scales, and done by LibMTL. */
  readonly eps?: number;
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, k) => sum + x * (b[k] as number), 0);

export function naivePcgrad(gradients: Matrix, { orders, reduction, self = false, eps = 0 }: NaivePcgrad): number[] {
  const rows = gradients.map((gradient, i) => {
    let v = [...gradient];
    for (const j of orders[i] as readonly number[]) {
      if (j === i && !self) continue;
      const other = gradients[j] as readonly number[];
      const along = dot(v, other);
      if (along < 0) v = v.map((x, k) => x - (along / (dot(other, other) + eps)) * (other[k] as number));
    }
    return v;
  });
  const factor = reduction === "mean" ? 1 / gradients.length : 1;
  return (gradients[0] as readonly number[]).map((_, k) => factor * rows.reduce((sum, v) => sum + (v[k] as number), 0));
}
