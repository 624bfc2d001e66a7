import type { PoolContext } from "../context.js";
import { GradpoolError } from "../errors.js";

/** Refuses gradients of fewer or more tasks than the context names: their places would stand for other tasks. Error `shape`. */
export function requireSameTasks(pool: string, tasks: number, { tasks: { names } }: PoolContext): void {
  if (tasks === names.length) return;
  throw new GradpoolError({
    code: "shape",
    what: `gradients of ${tasks} tasks`,
    where: pool,
    remedy: `give ${names.length}, for ${names.join(", ")}; null for a task that is absent`,
  });
}
