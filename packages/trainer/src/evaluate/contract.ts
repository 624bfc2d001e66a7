import type { UndefinedMetric } from "@gradpool/metrics";

/** Metric name → value, e.g. `{ "ndcg@10": 0.031 }`. */
export type Metrics = Readonly<Record<string, number>>;

/**
 * Measures the engine's present weights. Any function of the part will do. A metric without a value (AUC of one class, no
 * user with a relevant item) is NaN, and `tell` hears why; a mean over tasks leaves such a task out.
 */
export interface Evaluate {
  (part: "valid" | "test", tell?: (missing: UndefinedMetric) => void): Metrics | Promise<Metrics>;
  /** The metrics that it answers with, if it knows: then `monitor` is checked before the first step. */
  readonly metrics?: readonly string[];
}
