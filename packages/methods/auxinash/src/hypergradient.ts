import type { Gram, Validation } from "@gradpool/core";
import { choleskyPivoted, choleskySolve } from "@gradpool/linalg";

interface Learning {
  readonly hypergradient: "cosine" | "reference";
  readonly curvature: number;
}

/** How the validation loss changes with each preference: diag(1/b)(C + diag(p/b²))⁻¹ q, of norm 1 at most. */
export function hypergradient(
  { size, index, norms, cosines }: Gram,
  { norm, dots }: Validation,
  b: Float64Array,
  p: Float64Array,
  learning: Learning,
): Float64Array {
  const kappa = [0, 1, 2, 3].reduce((sum, k) => sum + (1 - 1e-4 * learning.curvature) ** k, 0);
  const q = index.map((i, k) => {
    const along = (dots[i] as number) / (norms[k] as number);
    return learning.hypergradient === "reference" ? -kappa * along : norm > 0 ? -along / norm : 0;
  });
  // Brought to unit diagonal for the factor: D = 1 + p/b².
  const root = b.map((value, i) => Math.sqrt(1 + (p[i] as number) / value ** 2));
  const unit = Float64Array.from({ length: size * size }, (_, k) => {
    const [i, j] = [Math.floor(k / size), k % size];
    return i === j ? 1 : (cosines[k] as number) / ((root[i] as number) * (root[j] as number));
  });
  const solved = choleskySolve(
    choleskyPivoted(unit, size),
    Float64Array.from(q, (value, i) => value / (root[i] as number)),
  );
  const h = solved.map((value, i) => value / ((root[i] as number) * (b[i] as number)));
  const length = Math.hypot(...h);
  return length > 1 ? h.map((value) => value / length) : h;
}
