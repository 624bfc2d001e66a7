import { GradpoolError } from "@gradpool/core";

export type RankingMetricName = "ndcg" | "recall" | "precision" | "hr" | "mrr" | "map";
export type ClassificationMetricName = "auc" | "gauc" | "logloss" | "ne";
export type RatingMetricName = "rmse" | "mae";
export type CatalogueMetricName = "coverage" | "gini" | "popularity";
/** How per-user AUCs are averaged. */
export type GaucWeighting = "impressions" | "positives" | "mean";

export interface RankingMetric {
  readonly family: "ranking";
  /** The name in results, for example `ndcg@10`. */
  readonly name: string;
  readonly metric: RankingMetricName;
  readonly k: number;
  /** n of `ndcg@10/sampled99`: each relevant item is ranked among n sampled negatives. Absent: among all items. */
  readonly sampled?: number;
  readonly higherIsBetter: true;
}

export interface ClassificationMetric {
  readonly family: "classification";
  /** The name in results, for example `gauc:pos`. */
  readonly name: string;
  readonly metric: ClassificationMetricName;
  /** Of `gauc` only. */
  readonly weighting?: GaucWeighting;
  readonly higherIsBetter: boolean;
}

export interface RatingMetric {
  readonly family: "rating";
  readonly name: string;
  readonly metric: RatingMetricName;
  readonly higherIsBetter: false;
}

/** Of the lists of all users together: which items they show. */
export interface CatalogueMetric {
  readonly family: "catalogue";
  /** The name in results, for example `coverage@10`. */
  readonly name: string;
  readonly metric: CatalogueMetricName;
  readonly k: number;
  /** As RecBole has it: wide and even is better, popular is worse. */
  readonly higherIsBetter: boolean;
}

/** A metric and its variant, as named in options and results. */
export type Metric = RankingMetric | ClassificationMetric | RatingMetric | CatalogueMetric;

const plain: Readonly<Record<string, ClassificationMetric | RatingMetric>> = {
  auc: { family: "classification", name: "auc", metric: "auc", higherIsBetter: true },
  gauc: { family: "classification", name: "gauc", metric: "gauc", weighting: "impressions", higherIsBetter: true },
  "gauc:pos": {
    family: "classification",
    name: "gauc:pos",
    metric: "gauc",
    weighting: "positives",
    higherIsBetter: true,
  },
  "gauc:mean": { family: "classification", name: "gauc:mean", metric: "gauc", weighting: "mean", higherIsBetter: true },
  logloss: { family: "classification", name: "logloss", metric: "logloss", higherIsBetter: false },
  ne: { family: "classification", name: "ne", metric: "ne", higherIsBetter: false },
  rmse: { family: "rating", name: "rmse", metric: "rmse", higherIsBetter: false },
  mae: { family: "rating", name: "mae", metric: "mae", higherIsBetter: false },
};

/** Every name that {@link parseMetric} knows; `K` stands for a whole number. */
export const metricNames: readonly string[] = [
  "ndcg@K",
  "recall@K",
  "precision@K",
  "hr@K",
  "mrr@K",
  "map@K",
  "coverage@K",
  "gini@K",
  "popularity@K",
  ...Object.keys(plain),
];

/** How a sampled ranking is written behind the name of a ranking metric. */
const sampledNames = "/sampledN";

const ranked = /^(ndcg|recall|precision|hr|mrr|map)@([1-9]\d{0,8})(?:\/sampled([1-9]\d{0,5}))?$/;
const shown = /^(coverage|gini|popularity)@([1-9]\d{0,8})$/;

/**
 * Reads a metric's name, upper or lower case: `ndcg@10`, `recall@20`, `precision@5`, `hr@10` (also `hit@10`), `mrr@10`,
 * `map@10`, each also as `ndcg@10/sampled99`; `coverage@10`, `gini@10`, `popularity@10`; `auc`, `gauc`, `gauc:pos`,
 * `gauc:mean`, `logloss`, `ne`; `rmse`, `mae`. Errors: `unknown-option` with the known names.
 */
export function parseMetric(text: string): Metric {
  const name = text.trim().toLowerCase().replace(/^hit@/, "hr@");
  const known = Object.hasOwn(plain, name) ? plain[name] : undefined;
  if (known) return known;
  const [, metric, k, sampled] = ranked.exec(name) ?? [];
  if (metric !== undefined) {
    return {
      family: "ranking",
      name,
      metric: metric as RankingMetricName,
      k: Number(k),
      ...(sampled !== undefined && { sampled: Number(sampled) }),
      higherIsBetter: true,
    };
  }
  const [, catalogue, depth] = shown.exec(name) ?? [];
  if (catalogue !== undefined) {
    return {
      family: "catalogue",
      name,
      metric: catalogue as CatalogueMetricName,
      k: Number(depth),
      higherIsBetter: catalogue === "coverage",
    };
  }
  throw new GradpoolError({
    code: "unknown-option",
    what: `unknown metric "${text}"`,
    where: "metrics",
    remedy: `use one of ${metricNames.join(", ")}; ${sampledNames} behind a ranking metric ranks among N sampled items`,
  });
}

/**
 * A name in results as the metric and the task that it is of: `auc/like` is `auc` of `like`, `ndcg@10/sampled99` is a metric
 * alone. A task's name may hold slashes itself.
 */
export function metricParts(name: string): readonly [metric: string, task?: string] {
  const [metric = name] = /^[^/@]+@[^/]+\/sampled\d+(?=\/|$)/i.exec(name) ?? /^[^/]*/.exec(name) ?? [];
  return metric.length === name.length ? [name] : [metric, name.slice(metric.length + 1)];
}
