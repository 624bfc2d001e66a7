import { GradpoolError } from "@gradpool/core";
import { type ClassificationMetric, type Metric, parseMetric, type RatingMetric } from "../names.js";
import type { MetricReport, UndefinedMetric } from "../report.js";
import { auc, aucPerUser, gauc, type UserAuc } from "./auc.js";
import { logLoss, normalizedEntropy } from "./entropy.js";
import { countPositives } from "./labels.js";

export interface ClassificationOptions {
  /** Predicted probabilities, one per row. */
  readonly probabilities: ArrayLike<number>;
  /** 0 or 1. */
  readonly labels: ArrayLike<number>;
  /** The user of each row; only GAUC needs it. */
  readonly users?: ArrayLike<number>;
  /** Names such as `auc` or `gauc:pos`; see {@link parseMetric}. */
  readonly metrics: readonly string[];
}

/**
 * Classification metrics by name; where one is undefined, for instance AUC of one class, NaN and a reason.
 *
 * Errors: `unknown-option` for a name, `invalid-option` for a ranking metric or GAUC without users, `invalid-input` for
 * labels other than 0 and 1, NaN scores and probabilities outside [0, 1], each with its row.
 */
export function evaluateClassification(options: ClassificationOptions): MetricReport {
  const { probabilities, labels } = options;
  let perUser: UserAuc | undefined;
  let loss: number | undefined;
  const compute = (metric: ClassificationMetric): number => {
    if (metric.metric === "auc") return auc(probabilities, labels);
    if (metric.metric === "gauc") {
      if (!options.users) throw refuse(`${metric.name} needs the user of each row`, "pass users");
      perUser ??= aucPerUser(probabilities, labels, options.users);
      return gauc(perUser, metric.weighting);
    }
    loss ??= logLoss(probabilities, labels);
    return metric.metric === "logloss" ? loss : normalizedEntropy(loss, labels);
  };
  const values: Record<string, number> = {};
  const missing: UndefinedMetric[] = [];
  for (const name of options.metrics) {
    const metric = parseMetric(name);
    if (metric.family !== "classification") throw notLabelled(metric);
    const value = compute(metric);
    values[metric.name] = value;
    if (Number.isNaN(value)) missing.push({ metric: metric.name, reason: whyUndefined(metric, countsOf(labels)) });
  }
  return { values, undefined: missing };
}

const countsOf = (labels: ArrayLike<number>): { readonly rows: number; readonly positives: number } => ({
  rows: labels.length,
  positives: countPositives(labels, "evaluateClassification"),
});

const evaluatorOf = { ranking: "evaluateRanking", rating: "evaluateRatings", catalogue: "evaluateCatalogue" } as const;

/** Why a metric of so many rows, so many of them positive, has no value. */
export function whyUndefined(
  { metric }: ClassificationMetric | RatingMetric,
  { rows, positives }: { readonly rows: number; readonly positives: number },
): string {
  if (rows === 0) return "there are no labelled rows";
  if (positives > 0 && positives < rows) return metric === "gauc" ? "no user has both classes" : "it is not a number";
  const label = positives === 0 ? 0 : 1;
  return rows === 1 ? `the only label is ${label}` : `all ${rows} labels are ${label}`;
}

/** A metric of something else than labelled rows. */
export const notLabelled = ({ name, family }: Exclude<Metric, ClassificationMetric>): GradpoolError =>
  refuse(`${name} is not computed from labelled rows`, `pass it to ${evaluatorOf[family]}`);

function refuse(what: string, remedy: string): GradpoolError {
  return new GradpoolError({ code: "invalid-option", what, where: "evaluateClassification", remedy });
}
