import { metricParts } from "@gradpool/metrics";
import type { TrialRecord } from "../results/types.js";

/**
 * The tasks that a trial's metric is of. `auc/like` is of `like`; `auc` beside it is the mean over the trial's tasks that have a
 * value; a metric that stands for no task, as ranking's do, is of the first one.
 */
export function tasksOf({ config, result }: TrialRecord, part: "test" | "best", metric: string): readonly string[] {
  const [head, task] = metricParts(metric);
  if (task !== undefined) return [task];
  const values = result?.[part] ?? {};
  const own = config.tasks.filter((name) => Object.hasOwn(values, `${head}/${name}`));
  if (own.length === 0) return config.tasks.slice(0, 1);
  return own.filter((name) => values[`${head}/${name}`] !== null);
}

/** Whether two values are of the same tasks, in whatever order. */
export const sameTasks = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((task) => b.includes(task));
