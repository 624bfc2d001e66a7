import type { GradientPool } from "@gradpool/core";
import { type Request, runRequest, type StepOutput } from "@gradpool/registry";
import { messageOf } from "./trajectory.js";

/** Norms and pairwise cosines of T gradients; a zero row has no angles. */
export interface Geometry {
  readonly norms: readonly number[];
  readonly cosines: readonly (readonly (number | null)[])[];
  /** Pairs with a negative inner product. */
  readonly conflicts: number;
  readonly pairs: number;
}

/** Sums of products over rows scaled by their largest entry, so that neither 1e-200 nor 1e200 is lost. */
function unit(row: readonly number[]): { norm: number; unit: readonly number[] } {
  const most = row.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
  if (most === 0) return { norm: 0, unit: row };
  const scaled = row.map((x) => x / most);
  const norm = Math.sqrt(scaled.reduce((sum, x) => sum + x * x, 0));
  return { norm: norm * most, unit: scaled.map((x) => x / norm) };
}

const inner = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, k) => sum + x * (b[k] as number), 0);

function cosine(a: readonly number[], b: readonly number[]): number | null {
  const [first, second] = [unit(a), unit(b)];
  if (first.norm === 0 || second.norm === 0) return null;
  return Math.min(1, Math.max(-1, inner(first.unit, second.unit)));
}

export function geometryOf(rows: readonly (readonly number[])[]): Geometry {
  const cosines = rows.map((a) => rows.map((b) => cosine(a, b)));
  let conflicts = 0;
  cosines.forEach((row, i) => row.forEach((c, j) => (conflicts += j > i && c !== null && c < 0 ? 1 : 0)));
  const pairs = (rows.length * (rows.length - 1)) / 2;
  return { norms: rows.map((row) => unit(row).norm), cosines, conflicts, pairs };
}

/** What a pool makes of the last step of a request. */
export interface Verdict {
  readonly weights: StepOutput["weights"];
  readonly norm: number;
  /** Of the combined gradient with each task's; null where either is zero. */
  readonly cosines: readonly (number | null)[];
  /** Tasks that the combined gradient points against, beyond rounding. */
  readonly conflicts: number;
  readonly combined: readonly number[];
}

/** Asks a pool; an error becomes its message. */
export function judge(pool: GradientPool, request: Request): Verdict | { readonly error: string } {
  try {
    const output = runRequest(pool, request).at(-1) as StepOutput;
    const combined = (output.combined as readonly (number | readonly number[])[]).flat();
    const rows = flatGradients(request);
    const cosines = rows.map((row) => cosine(combined, row));
    const conflicts = cosines.filter((c) => c !== null && c < -1e-9).length;
    return { weights: output.weights, norm: unit(combined).norm, cosines, conflicts, combined };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

/** The tasks' gradients of a request's last step; an absent task's is empty. */
export function flatGradients({ steps, layout }: Request): number[][] {
  const last = steps.at(-1) as Request["steps"][number];
  return last.gradients.map((gradient) =>
    gradient === null ? Array.from({ length: layout.size }, () => 0) : [...gradient],
  );
}

/**
 * T vectors with the given norms and cosines: rows of the Cholesky factor of the Gram matrix. Norms and angles are all that most pools
 * look at, so what they decide for these is what they decided for the gradients themselves.
 */
export function vectorsFrom(norms: readonly number[], cosines: readonly number[]): number[][] {
  const size = norms.length;
  const factor = norms.map(() => Array.from({ length: size }, () => 0));
  for (let i = 0; i < size; i++) {
    const row = factor[i] as number[];
    for (let j = 0; j <= i; j++) {
      const other = factor[j] as number[];
      let rest = i === j ? 1 : (cosines[i * size + j] as number);
      for (let k = 0; k < j; k++) rest -= (row[k] as number) * (other[k] as number);
      if (i === j) row[j] = Math.sqrt(Math.max(0, rest));
      else row[j] = (other[j] as number) > 1e-9 ? rest / (other[j] as number) : 0;
    }
  }
  return factor.map((row, i) => row.map((x) => x * (norms[i] as number)));
}
