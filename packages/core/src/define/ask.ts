import type { PoolContext } from "../context.js";
import { GradpoolError } from "../errors.js";
import type { TaskGradients } from "../gradients.js";
import type { GradientPool, PoolResult } from "../pool.js";
import type { TaskSet } from "../tasks.js";
import { checkWeights, withOrigin } from "./origin.js";
import { ownCode } from "./own-code.js";

/**
 * A pool's first state. Whoever trains with a pool that may be anybody's calls it by these two: what its own code throws becomes an error
 * that names pool and step, and file and line of its author's.
 */
export function startPool<S>(pool: GradientPool<S>, tasks: TaskSet): S {
  return fromPool(pool, null, () => pool.init(tasks));
}

/** One step of a pool. Error `shape` for an answer that is none. */
export function askPool<S>(
  pool: GradientPool<S>,
  gradients: TaskGradients,
  context: PoolContext,
  state: S,
): PoolResult<S> {
  return fromPool(pool, context, () => {
    const answer: unknown = pool.pool(gradients, context, state);
    if (isAnswer(answer)) {
      const result = answer as PoolResult<S>;
      checkWeights(result.combined, pool, context.tasks.names);
      return result;
    }
    throw new GradpoolError({
      code: "shape",
      what: `the answer is ${said(answer)}`,
      where: `${pool.name}, step ${context.step}`,
      remedy: "return { combined, state }, with combined = gradients.combine({ granularity, weights })",
    });
  });
}

/** What the pool's code does, its errors with where the pool came from. */
function fromPool<R>(pool: Pick<GradientPool, "name">, context: PoolContext | null, run: () => R): R {
  try {
    return ownCode(pool.name, context, run);
  } catch (thrown) {
    throw withOrigin(thrown as GradpoolError, pool, context?.step);
  }
}

function isAnswer(answer: unknown): boolean {
  if (typeof answer !== "object" || answer === null || !("state" in answer)) return false;
  const { combined } = answer as { readonly combined?: { readonly value?: unknown } | null };
  return typeof combined?.value === "function";
}

/** What it is, without what it holds. */
function said(answer: unknown): string {
  if (typeof answer !== "object" || answer === null) return String(answer);
  const of = (value: unknown): string => (typeof value === "object" && value !== null ? "an object" : String(value));
  return `{ ${Object.entries(answer)
    .map(([key, value]) => `${key}: ${of(value)}`)
    .join(", ")} }`;
}
