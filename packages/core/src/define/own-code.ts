import type { PoolContext } from "../context.js";
import { GradpoolError, isGradpoolError } from "../errors.js";
import type { GroupContext } from "./definition.js";
import { framesOf, isOurs } from "./frames.js";

/**
 * What a rule threw, as an error that says where in its author's file: in a training run nobody sees the stack, which
 * stays at hand as the `cause`. Errors of ours say where already, and are passed on.
 */
export function ownCodeError(
  thrown: unknown,
  pool: string,
  context: (Pick<PoolContext, "step"> & Partial<Pick<GroupContext, "parameter" | "row">>) | null,
): GradpoolError {
  if (isGradpoolError(thrown)) return thrown;
  const { parameter, row } = context ?? {};
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `thrown: ${String(thrown)}`;
  const place = thrown instanceof Error ? placeOf(thrown.stack) : undefined;
  return new GradpoolError({
    code: "failed",
    what,
    where: [
      pool,
      ...(context === null ? [] : [`step ${context.step}`]),
      ...(typeof parameter === "string" ? [`parameter ${parameter}`] : []),
      ...(row === undefined ? [] : [`row ${row}`]),
      ...(place === undefined ? [] : [place]),
    ].join(", "),
    remedy: "the pool's own code threw this: mend it there",
    cause: thrown,
  });
}

/** What a rule answered, or an error that says what to answer with: a forgotten `return` is the commonest mistake. */
export function requireAnswer<A extends object>(answer: A, pool: string, field: "weights" | "mixing"): A {
  if (typeof answer === "object" && answer !== null && field in answer) return answer;
  throw new GradpoolError({
    code: "shape",
    what: `the answer is ${JSON.stringify(answer)}`,
    where: pool,
    remedy: `return { ${field} }`,
  });
}

/** Runs a rule's own code under {@link ownCodeError}. */
export function ownCode<R>(pool: string, context: PoolContext | null, run: () => R): R {
  try {
    return run();
  } catch (thrown) {
    throw ownCodeError(thrown, pool, context);
  }
}

/** `file:line:column` of the first frame in a file that is neither Node's nor an installed package's, nor of the arithmetic here. */
function placeOf(stack: string | undefined): string | undefined {
  const places = framesOf(stack);
  return places.find((place) => !/[/\\]node_modules[/\\]/.test(place) && !isOurs(place)) ?? places[0];
}
