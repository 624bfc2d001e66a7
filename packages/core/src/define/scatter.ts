import { GradpoolError } from "../errors.js";
import type { Gram } from "../gram/problem.js";

function wrongSize(pool: string, what: string, remedy: string): GradpoolError {
  return new GradpoolError({ code: "shape", what, where: pool, remedy });
}

/** Writes the weights of the tasks that took part to their places among all T, refusing wrong sizes and values. */
export function scatterVector(
  weights: ArrayLike<number>,
  gram: Gram,
  out: Float64Array,
  at: number,
  pool: string,
): void {
  const { size, index } = gram;
  if (weights.length !== size)
    throw wrongSize(pool, `${weights.length} weights`, `answer with ${size}, one per task of the Gram`);
  for (let a = 0; a < size; a++) out[at + (index[a] as number)] = finiteWeight(weights[a] as number, pool);
}

/** The same for a mixing matrix: T × T from `at`. */
export function scatterMatrix(
  mixing: ArrayLike<number>,
  gram: Gram,
  out: Float64Array,
  at: number,
  tasks: number,
  pool: string,
): void {
  const { size, index } = gram;
  if (mixing.length !== size * size)
    throw wrongSize(pool, `${mixing.length} mixing entries`, `answer with ${size * size}: size × size`);
  for (let a = 0; a < size; a++) {
    const row = at + (index[a] as number) * tasks;
    for (let b = 0; b < size; b++) out[row + (index[b] as number)] = finiteWeight(mixing[a * size + b] as number, pool);
  }
}

/** A weight, or an error that blames the method: its input was finite. */
export function finiteWeight(value: number, pool: string): number {
  if (Number.isFinite(value)) return value;
  throw new GradpoolError({
    code: "non-finite",
    what: `a weight is ${value}`,
    where: pool,
    remedy: "this is a defect of the method: mend it, or report it with the gradients that caused it",
  });
}
