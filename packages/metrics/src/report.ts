import { fail } from "./errors.js";

/** A metric that has no value, where, and why. */
export interface UndefinedMetric {
  /** The name in results, for example `auc`. */
  readonly metric: string;
  /** The task whose value is missing; absent where the whole evaluation has none. */
  readonly task?: string;
  /** The part of the data, for example `test`, where who reports it knows. */
  readonly part?: string;
  /** Why, as a clause: `all 40 labels are 1`. */
  readonly reason: string;
}

/** What an evaluation answers with. */
export interface MetricReport {
  /** Value by name; NaN exactly for the names that `undefined` gives a reason for. */
  readonly values: Readonly<Record<string, number>>;
  /** What has no value. Empty as a rule. */
  readonly undefined: readonly UndefinedMetric[];
}

/** One sentence: `auc of buy on test is undefined: all 40 labels are 1`. */
export function describeUndefined({ metric, task, part, reason }: UndefinedMetric): string {
  const of = task === undefined ? "" : ` of ${task}`;
  const on = part === undefined ? "" : ` on ${part}`;
  return `${metric}${of}${on} is undefined: ${reason}`;
}

/**
 * The evaluations of several tasks as one: each value under `metric/task` and its mean over tasks under `metric` (AV-A
 * and AV-G of GradCraft). A task whose value is undefined is left out of the mean and stands in `undefined`, so that who
 * shows the mean can say so; where no task has a value, neither has the mean.
 *
 * Errors: `invalid-input` where tasks and reports do not match or two reports hold different metrics.
 */
export function meanOverTasks(tasks: readonly string[], reports: readonly MetricReport[]): MetricReport {
  const where = "meanOverTasks";
  if (tasks.length !== reports.length || tasks.length === 0) {
    fail(where, `${tasks.length} tasks, ${reports.length} reports`, "pass one report per task, and at least one");
  }
  const metrics = Object.keys(reports[0]!.values);
  const values: Record<string, number> = {};
  const missing: UndefinedMetric[] = [];
  for (const metric of metrics) {
    const known = reports.flatMap((report, t) => {
      const value = report.values[metric];
      if (value === undefined) fail(where, `${tasks[t]} has no ${metric}`, "evaluate the same metrics for every task");
      return Number.isNaN(value) ? [] : [value];
    });
    values[metric] = known.reduce((sum, value) => sum + value, 0) / known.length;
    if (known.length === 0) missing.push({ metric, reason: "it is undefined for every task" });
  }
  reports.forEach((report, t) => {
    const task = tasks[t]!;
    for (const metric of metrics) values[`${metric}/${task}`] = report.values[metric]!;
    missing.push(...report.undefined.map((one) => ({ ...one, task })));
  });
  return { values, undefined: missing };
}
