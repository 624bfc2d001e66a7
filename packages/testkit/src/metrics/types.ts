/** Scored rows: what every metric is computed from, by user (rankings) or all together. */
export interface MetricRows {
  readonly users: Int32Array;
  /** No item twice for one user. */
  readonly items: Int32Array;
  /** In [0, 1], so that they can be read as probabilities. */
  readonly scores: Float64Array;
  /** 0 or 1. */
  readonly labels: Float64Array;
}

/** A metric as the suite sees it. Wrap a function of your own in one, ranking within each user where it ranks. */
export interface MetricLike {
  readonly name: string;
  readonly higherIsBetter: boolean;
  /** The least and the largest value. */
  readonly range: readonly [number, number];
  /** NaN where it is undefined. */
  evaluate(rows: MetricRows): number | Promise<number>;
  /** `order`: only the order of the scores counts. `value`: the scores are probabilities. */
  readonly reads: "order" | "value";
  /** `true`: ties do not make it depend on how rows, users and items are numbered. A string: they do, and why. */
  readonly ties: true | string;
  /** Where it is undefined, beside no rows: where all labels are alike; where no label is 1; nowhere else. */
  readonly undefinedFor: "one class" | "no positive" | "no rows";
}

export interface MetricOptions {
  /** Random rows per check. Default 200. */
  readonly runs?: number;
}
