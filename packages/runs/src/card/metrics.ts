import { given } from "@gradpool/core";
import { summarize, type UndefinedMetric } from "@gradpool/metrics";
import type { UserValues } from "@gradpool/trainer";
import type { CardMetric, CardMetrics } from "./schema.js";

/** The task of a mean over all of them. */
const meanOfTasks = "mean of tasks";

export interface Measured {
  readonly value: number | null;
  readonly perUser?: ArrayLike<number> | undefined;
  readonly why?: string | undefined;
}

/** A metric with its interval over users, where it has values of two. */
export function cardMetric({ value, perUser, why }: Measured): CardMetric {
  if (value === null || !Number.isFinite(value)) return { value: null, ...given({ why }) };
  if (perUser === undefined || perUser.length < 2) return { value };
  const { lower, upper, n } = summarize(perUser);
  return { value, lower, upper, users: n };
}

/**
 * What training measured on the test part: `test` by names such as `ndcg@10` or `auc/click`, `looked` the values of users beside.
 * A name without a task is of `target`; null: it is a mean over tasks.
 */
export function trainedMetrics(
  test: Readonly<Record<string, number | null>>,
  looked: readonly UserValues[],
  missing: readonly UndefinedMetric[],
  target: string | null,
): CardMetrics {
  const tasks: Record<string, Record<string, CardMetric>> = {};
  for (const [name, value] of Object.entries(test)) {
    const slash = name.indexOf("/");
    const metric = slash < 0 ? name : name.slice(0, slash);
    const task = slash < 0 ? target : name.slice(slash + 1);
    const perUser = task === null ? undefined : looked.find((one) => one.task === task)?.values[metric];
    const why = missing.find((one) => one.metric === metric && (one.task ?? target) === task)?.reason;
    (tasks[task ?? meanOfTasks] ??= {})[metric] = cardMetric({ value, perUser, why });
  }
  return tasks;
}

/** Both: of a metric that both have the one of more users, then the newer one. */
export function mergedMetrics(held: CardMetrics, found: CardMetrics): CardMetrics {
  const tasks = [...new Set([...Object.keys(held), ...Object.keys(found)])];
  return Object.fromEntries(
    tasks.map((task) => {
      const [old = {}, own = {}] = [held[task], found[task]];
      const kept = Object.entries(own).filter(([metric, { users = 0 }]) => users >= (old[metric]?.users ?? 0));
      return [task, { ...old, ...Object.fromEntries(kept) }] as const;
    }),
  );
}
