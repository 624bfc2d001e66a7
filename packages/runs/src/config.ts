import type { JsonObject } from "@gradpool/core";

/** Everything that decides what a training run computes. Plain data: it is hashed, stored and compared. */
export interface TrainConfig {
  /** A prepared set's folder, or `shop(…)`: the embedded generator with its options. */
  readonly data: string;
  /** A model specifier: `mf(dim=32)`, `shared-bottom`, `click(interaction=dcn)`. */
  readonly model: string;
  /** A pool specifier. */
  readonly pool: string;
  /** The tasks, the target first. */
  readonly tasks: readonly string[];
  readonly epochs: number;
  readonly batch: number;
  readonly optimizer: "sgd" | "adam" | "adamw" | "adagrad";
  readonly lr: number;
  readonly weightDecay: number;
  /**
   * What becomes of an embedding row in steps that do not touch it: nothing (`lazy`, as torch.optim.SparseAdam), or what a
   * dense optimiser would do (`dense-equivalent`).
   */
  readonly rows: "lazy" | "dense-equivalent";
  /** Negatives per positive. */
  readonly negatives: number;
  readonly negativeSampling: "uniform" | "popularity";
  /** shared-bottom: what another task's pair is to a task that has it not. See `JointSamplerOptions.missing`. */
  readonly missing: "unlabelled" | "negative";
  /** Evaluations without gain before training stops; null: never. */
  readonly patience: number | null;
  /** Evaluate after every so many epochs. */
  readonly evalEvery: number;
  /** Rank only so many users, a seeded sample, when validating; null: all. */
  readonly evalUsers: number | null;
  /** The same for testing: one sample for every seed, so that trials stay paired. For models whose scores are slow. */
  readonly testUsers: number | null;
  /** Metrics to compute; the first one decides which epoch is best. */
  readonly metrics: readonly string[];
  readonly backend: "auto" | "node-gpu" | "node" | "wasm" | "cpu";
  /** Shared tables or modules that the pool balances; null: all. */
  readonly balance: readonly string[] | null;
  readonly onNonFinite: "stop" | "skip";
  readonly diagnosticsEvery: number;
  readonly seed: number;
}

/** What holds where neither a recipe nor a flag says otherwise. */
export const defaultConfig: TrainConfig = {
  data: "shop",
  model: "mf",
  pool: "ew",
  tasks: [],
  epochs: 20,
  batch: 2048,
  optimizer: "adam",
  lr: 0.001,
  weightDecay: 0,
  rows: "lazy",
  negatives: 1,
  negativeSampling: "uniform",
  missing: "unlabelled",
  patience: null,
  evalEvery: 1,
  evalUsers: null,
  testUsers: null,
  metrics: [],
  backend: "auto",
  balance: null,
  onNonFinite: "stop",
  diagnosticsEvery: 20,
  seed: 1,
};

/** Fills in the metrics that suit the model: rankings, or labelled rows for click models. */
export const withMetrics = (config: TrainConfig): TrainConfig =>
  config.metrics.length > 0
    ? { ...config, metrics: config.metrics.map((metric) => metric.trim().toLowerCase()) }
    : {
        ...config,
        metrics: config.model.startsWith("click")
          ? ["auc", "gauc", "ne", "logloss"]
          : ["ndcg@10", "recall@10", "precision@10", "ndcg@20", "recall@20", "precision@20"],
      };

export const asJson = (config: TrainConfig): JsonObject => ({ ...config });

/**
 * What tells one run from another. Runs from before a field could be chosen do not have it: left out here where it says the
 * same or nothing at all, they are gone on with and not repeated.
 */
export function identityOf(config: TrainConfig): JsonObject {
  const { rows, missing, ...rest } = config;
  return {
    ...rest,
    ...(rows === "lazy" ? {} : { rows }),
    ...(missing === "negative" || !config.model.startsWith("shared-bottom") ? {} : { missing }),
  };
}
