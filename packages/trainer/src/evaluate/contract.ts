import type { UndefinedMetric } from "@gradpool/metrics";

/** Metric name → value, e.g. `{ "ndcg@10": 0.031 }`. */
export type Metrics = Readonly<Record<string, number>>;

/** What metrics are means of, or are drawn from: a value for each user. */
export interface UserValues {
  readonly task: string;
  readonly users: Int32Array;
  /** By metric, beside `users`; their mean is the metric's value. */
  readonly values: Readonly<Record<string, Float64Array>>;
}

/**
 * Measures the engine's present weights. Any function of the part will do. A metric without a value (AUC of one class, no
 * user with a relevant item) is NaN, and `tell` hears why; a mean over tasks leaves such a task out. `look` is shown the values of users, where there are any, task by task.
 * A `signal` that is given while it measures may end it with the error `interrupted`: what takes long hears of it.
 */
export interface Evaluate {
  (
    part: "valid" | "test",
    tell?: (missing: UndefinedMetric) => void,
    look?: (judged: UserValues) => void,
    signal?: AbortSignal,
  ): Metrics | Promise<Metrics>;
  /** The metrics that it answers with, if it knows: then `monitor` is checked before the first step. */
  readonly metrics?: readonly string[];
}
