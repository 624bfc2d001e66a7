import { type Bargain, type DualCone, type MinNormPoint, symmetricEigen } from "@gradpool/linalg";
import { type Problem, unitRows } from "./problems.js";

/**
 * Residuals of optimality conditions, computed from the gradients themselves and not from their Gram. Each condition
 * is a sum of terms; its residual is measured against the sum of their absolute values, so that 1e-16 is rounding and
 * nothing else, at every scale of the rows.
 */
interface Along {
  /** ⟨Σ xⱼuⱼ, uᵢ⟩. */
  readonly value: number;
  /** Σ |xⱼ⟨uⱼ, uᵢ⟩|. */
  readonly terms: number;
}

function products(problem: Problem, x: ArrayLike<number>): Along[] {
  const rows = unitRows(problem);
  const most = Math.max(...Array.from(x).map(Math.abs), Number.MIN_VALUE);
  const sum = (rows[0] as Float64Array).map((_, p) =>
    rows.reduce((total, row, j) => total + ((x[j] as number) / most) * (row[p] as number), 0),
  );
  return rows.map((row, i) => ({
    value: most * row.reduce((total, u, p) => total + u * (sum[p] as number), 0),
    terms: rows.reduce(
      (total, _, j) => total + Math.abs((x[j] as number) * (problem.gram.cosines[i * rows.length + j] as number)),
      0,
    ),
  }));
}

const worst = (residuals: readonly number[]): number => residuals.reduce((a, b) => Math.max(a, b), 0);

/** z = Σ yᵢuᵢ, yᵢ ∝ wᵢnᵢ: ⟨z, uᵢ⟩ ≥ 1/nᵢ, with equality where wᵢ > 0; or z = 0 where the hull holds zero. */
export function mgdaResidual(problem: Problem, { weights, stationary }: MinNormPoint): number {
  const { norms } = problem.gram;
  const x = weights.map((w, i) => w * (norms[i] as number));
  const along = products(problem, x);
  const most = worst(Array.from(x));
  const total = Math.abs(weights.reduce((sum, w) => sum + w, 0) - 1);
  const negative = worst(Array.from(weights, (w) => -w));
  if (stationary) return Math.max(total, negative, worst(along.map(({ value }) => Math.abs(value) / most)));
  const square = x.reduce((sum, value, i) => sum + value * (along[i] as Along).value, 0);
  const terms = x.reduce((sum, value, i) => sum + value * (along[i] as Along).terms, 0);
  const conditions = along.map((a, i) => {
    const slack = a.value - square / (norms[i] as number);
    const size = a.terms + (square + terms * 1e-3) / (norms[i] as number);
    return ((weights[i] as number) > 0 ? Math.abs(slack) : -slack) / size;
  });
  return Math.max(total, negative, worst(conditions));
}

/** d = Σ vⱼgⱼ: ⟨d, uᵢ⟩ ≥ 0, with equality where vᵢ > uᵢ; v ≥ u. */
export function dualConeResidual(problem: Problem, start: readonly number[], { weights }: DualCone): number {
  const { norms } = problem.gram;
  const along = products(
    problem,
    weights.map((v, i) => v * (norms[i] as number)),
  );
  return worst(
    along.map(({ value, terms }, i) => {
      const lifted = (weights[i] as number) - (start[i] as number);
      if (terms === 0) return 0;
      return Math.max(-lifted, (lifted > 0 ? Math.abs(value) : -value) / terms);
    }),
  );
}

/** aᵢ⟨d, gᵢ⟩ = 1 for the open tasks, ⟨d, gᵢ⟩ = 0 for the stationary ones. */
export function nashResidual(problem: Problem, { weights, stationary }: Bargain): number {
  const { norms } = problem.gram;
  const x = weights.map((a, i) => a * (norms[i] as number));
  return worst(
    products(problem, x).map(({ value, terms }, i) => {
      if (terms === 0) return 0;
      if (stationary.includes(i)) return Math.abs(value) / terms;
      return Math.abs((x[i] as number) * value - 1) / (Math.abs(x[i] as number) * terms + 1);
    }),
  );
}

/** ⟨d, uᵢ⟩ is the same for all i. */
export function imtlResidual(problem: Problem, weights: ArrayLike<number>): number {
  const along = products(
    problem,
    Array.from(weights, (a, i) => a * (problem.gram.norms[i] as number)),
  );
  const values = along.map(({ value }) => value);
  const terms = worst(along.map((a) => a.terms));
  return terms === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / terms;
}

/** d = g₀ + Σ yᵢuᵢ: y ≥ 0, ⟨uᵢ, d⟩ ≥ ν/nᵢ with equality where yᵢ > 0, ‖Σ yᵢuᵢ‖ = ρ (or less, where the ball does not bind). */
export function cagradResidual(
  problem: Problem,
  norms: Float64Array,
  radius: number,
  { y, value: level, bound }: { y: Float64Array; value: number; bound: boolean },
): { readonly conditions: number; readonly length: number } {
  const mean = products(
    problem,
    norms.map((norm) => norm / norms.length),
  );
  const move = products(problem, y);
  const square = y.reduce((sum, value, i) => sum + value * (move[i] as Along).value, 0);
  const conditions = move.map((a, i) => {
    const lift = level / (norms[i] as number);
    const slack = a.value + (mean[i] as Along).value - lift;
    const size = a.terms + (mean[i] as Along).terms + Math.abs(lift);
    return ((y[i] as number) > 0 ? Math.abs(slack) : -slack) / size;
  });
  const length = Math.sqrt(Math.max(0, square)) / radius - 1;
  return { conditions: worst(conditions), length: bound ? Math.abs(length) : Math.max(0, length) };
}

/** Largest over smallest singular value of the aligned gradients, less one, on their numerical rank. */
export function alignedResidual(problem: Problem, transforms: readonly Float64Array[], rank: number): number {
  const { norms } = problem.gram;
  const rows = unitRows(problem);
  const aligned = transforms.map((b) =>
    (rows[0] as Float64Array).map((_, p) =>
      rows.reduce((sum, row, j) => sum + (b[j] as number) * (norms[j] as number) * (row[p] as number), 0),
    ),
  );
  const most = Math.max(...aligned.map((row) => Math.max(...row.map(Math.abs))));
  const gram = aligned.flatMap((a) =>
    aligned.map((b) => a.reduce((sum, x, p) => sum + (x / most) * ((b[p] as number) / most), 0)),
  );
  const { values } = symmetricEigen(gram, rows.length);
  return Math.sqrt((values[0] as number) / (values[rank - 1] as number)) - 1;
}
