import { projectSimplex } from "@gradpool/linalg";

export interface Descent {
  readonly rho: number;
  readonly iterations: number;
  readonly lr: number;
  readonly momentum: number;
}

/** The problem of one group: inner products, relative to the largest norms, and what a step is divided by. */
export interface Problem {
  /** size × size; not symmetric for two batches. */
  readonly products: Float64Array;
  readonly scale: number;
  readonly size: number;
}

/** λ after `iterations` projected steps on ½‖(λ + ρλ₀)ᵀJ‖², λ₀ = 1/size. */
export function descend(start: Float64Array, { products, scale, size }: Problem, options: Descent): Float64Array {
  const { rho, iterations, lr, momentum } = options;
  const step = scale > 0 ? lr / scale : 0;
  let lambda = start;
  const speed = new Float64Array(size);
  for (let k = 0; k < iterations; k++) {
    for (let i = 0; i < size; i++) {
      let slope = 0;
      for (let j = 0; j < size; j++) slope += (products[i * size + j] as number) * ((lambda[j] as number) + rho / size);
      speed[i] = momentum * (speed[i] as number) + slope;
    }
    lambda = Float64Array.from(
      projectSimplex(lambda.map((x, i) => Math.max(-1e300, Math.min(1e300, x - step * (speed[i] as number))))),
    );
  }
  return lambda;
}

export interface Scaling {
  readonly scale: "rows" | "norms" | "diag";
  readonly scaleEps: number;
  readonly diagShift: number;
}

/** Inner products from norms n, m of one batch or two, and cosines. */
export function problemOf(
  n: Float64Array,
  m: Float64Array,
  cosines: Float64Array,
  { scale: kind, scaleEps, diagShift }: Scaling,
): Problem {
  const size = n.length;
  const top = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b), 0);
  const [most, other] = [top(n), top(m)];
  const products = new Float64Array(size * size);
  let rows = 0;
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) {
      const value = ((n[i] as number) / most) * ((m[j] as number) / other) * (cosines[i * size + j] as number);
      products[i * size + j] = value;
      sum += Math.abs(value);
    }
    rows = Math.max(rows, sum);
  }
  if (kind === "rows") return { products, scale: rows, size };
  let sum = 0;
  for (let i = 0; i < size; i++) {
    if (kind === "norms") sum += Math.sqrt(((n[i] as number) / most) * ((m[i] as number) / other));
    else sum += Math.sqrt(Math.max(0, (products[i * size + i] as number) + diagShift / (most * other)));
  }
  const eps = kind === "diag" ? scaleEps / (most * other) : 0;
  return { products, scale: (sum / size) ** 2 + eps, size };
}
