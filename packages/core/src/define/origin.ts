import { GradpoolError } from "../errors.js";
import type { Combined } from "../gradients.js";

const origins = new WeakMap<object, string>();

/** Says where a pool was loaded from, such as `./my-pool.js`: whoever reads that its answer is wrong looks there. */
export function noteOrigin(pool: object, source: string): void {
  origins.set(pool, source);
}

interface Named {
  readonly name: string;
}

/** The error with pool, step and the pool's origin, unless it names a file and a line, which lead further. */
export function withOrigin(error: GradpoolError, pool: Named, step: number | undefined): GradpoolError {
  const source = origins.get(pool);
  if (source === undefined || /:\d+:\d+$/.test(error.where)) return error;
  const { code, what, where, remedy, cause } = error;
  const more = [pool.name, ...(step === undefined ? [] : [`step ${step}`])].filter((part) => !where.includes(part));
  return new GradpoolError({ code, what, where: [where, ...more, source].join(", "), remedy, cause: cause ?? error });
}

/** Refuses weights that are no numbers of a pool that was loaded from somewhere; those of ours are checked where they are made. */
export function checkWeights({ weights }: Combined, pool: Named, tasks: readonly string[]): void {
  if (weights === undefined || !origins.has(pool)) return;
  const at = weights.weights.findIndex((weight) => !Number.isFinite(weight));
  if (at < 0) return;
  throw new GradpoolError({
    code: "non-finite",
    what: `the weight of task ${tasks[at % tasks.length]} is ${weights.weights[at]}`,
    where: pool.name,
    remedy: "answer with finite weights",
  });
}
