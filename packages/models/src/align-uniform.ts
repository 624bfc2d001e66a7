/** Unit rows in float64 and their lengths. A zero row stays zero. */
function normalise(x: Float32Array, size: number, dim: number): { unit: Float64Array; length: Float64Array } {
  const unit = new Float64Array(size * dim);
  const length = new Float64Array(size);
  for (let r = 0; r < size; r++) {
    let square = 0;
    for (let c = r * dim; c < (r + 1) * dim; c++) square += (x[c] as number) ** 2;
    const norm = Math.sqrt(square);
    length[r] = norm;
    if (norm > 0) for (let c = r * dim; c < (r + 1) * dim; c++) unit[c] = (x[c] as number) / norm;
  }
  return { unit, length };
}

/**
 * log mean over i < j of exp(−2 ‖xᵢ − xⱼ‖²) for unit rows (‖xᵢ − xⱼ‖² = 2 − 2⟨xᵢ, xⱼ⟩); adds `scale` times its derivative
 * to `out`. One row has no pairs: 0.
 */
function uniformity(unit: Float64Array, size: number, dim: number, scale: number, out: Float64Array): number {
  if (size < 2) return 0;
  const pull = new Float64Array(size * dim);
  let sum = 0;
  for (let i = 1; i < size; i++) {
    const a = i * dim;
    for (let b = 0; b < a; b += dim) {
      let dot = 0;
      for (let c = 0; c < dim; c++) dot += (unit[a + c] as number) * (unit[b + c] as number);
      const kernel = Math.exp(4 * dot - 4);
      sum += kernel;
      for (let c = 0; c < dim; c++) {
        pull[a + c] = (pull[a + c] as number) + kernel * (unit[b + c] as number);
        pull[b + c] = (pull[b + c] as number) + kernel * (unit[a + c] as number);
      }
    }
  }
  const factor = (4 * scale) / sum;
  for (let k = 0; k < pull.length; k++) out[k] = (out[k] as number) + factor * (pull[k] as number);
  return Math.log(sum / ((size * (size - 1)) / 2));
}

/** Back through x / ‖x‖: (g − ⟨g, x̂⟩ x̂) / ‖x‖. */
function through(
  g: Float64Array,
  unit: Float64Array,
  length: Float64Array,
  size: number,
  dim: number,
  out: Float32Array,
): void {
  for (let r = 0; r < size; r++) {
    const norm = length[r] as number;
    let along = 0;
    for (let c = r * dim; c < (r + 1) * dim; c++) along += (g[c] as number) * (unit[c] as number);
    for (let c = r * dim; c < (r + 1) * dim; c++) {
      out[c] = norm > 0 ? ((g[c] as number) - along * (unit[c] as number)) / norm : 0;
    }
  }
}

/** See `EmbeddingOps.alignUniform`. Costs size² · dim. */
export function alignUniform(
  left: Float32Array,
  right: Float32Array,
  gamma: number,
  size: number,
  dim: number,
  dLeft: Float32Array,
  dRight: Float32Array,
): number {
  const a = normalise(left, size, dim);
  const b = normalise(right, size, dim);
  const ga = new Float64Array(size * dim);
  const gb = new Float64Array(size * dim);
  let distance = 0;
  for (let k = 0; k < size * dim; k++) {
    const difference = (a.unit[k] as number) - (b.unit[k] as number);
    distance += difference * difference;
    ga[k] = (2 * difference) / size;
    gb[k] = -(2 * difference) / size;
  }
  let loss = distance / size;
  if (gamma !== 0) {
    const half = gamma / 2;
    loss += half * (uniformity(a.unit, size, dim, half, ga) + uniformity(b.unit, size, dim, half, gb));
  }
  through(ga, a.unit, a.length, size, dim, dLeft);
  through(gb, b.unit, b.length, size, dim, dRight);
  return loss;
}
