import type { PoolContext } from "../context.js";
import { GradpoolError } from "../errors.js";

/** A vector option, one number per task of the model; `fallback` for each where it is null. Refuses a wrong length. */
export function taskVector(
  pool: string,
  option: string,
  given: readonly number[] | null,
  { tasks }: PoolContext,
  fallback: number,
): readonly number[] {
  const count = tasks.names.length;
  if (given === null) return tasks.names.map(() => fallback);
  if (given.length === count) return given;
  throw new GradpoolError({
    code: "shape",
    what: `${option} has ${given.length} numbers for ${count} tasks`,
    where: pool,
    remedy: `give ${count}, one per task`,
  });
}
