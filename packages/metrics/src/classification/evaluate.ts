import { GradpoolError } from "@gradpool/core";
import { type ClassificationMetric, parseMetric } from "../names.js";
import { auc, aucPerUser, gauc, type UserAuc } from "./auc.js";
import { logLoss, normalizedEntropy } from "./entropy.js";

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

/** Classification metrics by name. Values are NaN where a metric is undefined, for instance AUC of one class. */
export function evaluateClassification(options: ClassificationOptions): Record<string, number> {
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
  const results: Record<string, number> = {};
  for (const name of options.metrics) {
    const metric = parseMetric(name);
    if (metric.family !== "classification") {
      throw refuse(`${metric.name} is computed from ranked lists`, "pass it to evaluateRanking");
    }
    results[metric.name] = compute(metric);
  }
  return results;
}

function refuse(what: string, remedy: string): GradpoolError {
  return new GradpoolError({ code: "invalid-option", what, where: "evaluateClassification", remedy });
}
