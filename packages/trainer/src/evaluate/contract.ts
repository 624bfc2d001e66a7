/** Metric name → value, e.g. `{ "ndcg@10": 0.031 }`. */
export type Metrics = Readonly<Record<string, number>>;

/** Measures the engine's present weights. Any function of the part will do. */
export interface Evaluate {
  (part: "valid" | "test"): Metrics | Promise<Metrics>;
  /** The metrics that it answers with, if it knows: then `monitor` is checked before the first step. */
  readonly metrics?: readonly string[];
}
