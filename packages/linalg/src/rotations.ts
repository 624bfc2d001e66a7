export interface Eigen {
  /** Descending. */
  readonly values: Float64Array;
  /** n × values.length, row-major: column k belongs to values[k]. */
  readonly vectors: Float64Array;
}

/** Values in descending order, with their columns. */
export function sorted(values: Float64Array, vectors: Float64Array, n: number): Eigen {
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
export function tangent(p: number, q: number, off: number): number {
  const zeta = (q - p) / (2 * off);
  return Math.sign(zeta || 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
}

/** Turns columns p and q by the angle of cosine c and sine s. */
export function rotate(m: Float64Array, n: number, stride: number, p: number, q: number, c: number, s: number): void {
  for (let i = 0; i < n; i++) {
    const x = m[i * stride + p] as number;
    const y = m[i * stride + q] as number;
    m[i * stride + p] = c * x - s * y;
    m[i * stride + q] = s * x + c * y;
  }
}
