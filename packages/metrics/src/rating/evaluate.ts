import { GradpoolError } from "@gradpool/core";
import { parseMetric } from "../names.js";
import type { MetricReport, UndefinedMetric } from "../report.js";
import { mae, rmse } from "./errors.js";

export interface RatingOptions {
  /** Predicted ratings, one per row, in the ratings' own units. */
  readonly predictions: ArrayLike<number>;
  readonly ratings: ArrayLike<number>;
  /** `rmse`, `mae`. */
  readonly metrics: readonly string[];
}

/**
 * Rating metrics by name; without rows, NaN and a reason.
 *
 * Errors: `unknown-option` for a name, `invalid-option` for another family's, `invalid-input` for predictions and ratings
 * that are not finite, with their row.
 */
export function evaluateRatings({ predictions, ratings, metrics }: RatingOptions): MetricReport {
  const values: Record<string, number> = {};
  const missing: UndefinedMetric[] = [];
  for (const name of metrics) {
    const metric = parseMetric(name);
    if (metric.family !== "rating") {
      throw new GradpoolError({
        code: "invalid-option",
        what: `${metric.name} is not computed from ratings`,
        where: "evaluateRatings",
        remedy: "use rmse or mae",
      });
    }
    const value = metric.metric === "rmse" ? rmse(predictions, ratings) : mae(predictions, ratings);
    values[metric.name] = value;
    if (ratings.length === 0) missing.push({ metric: metric.name, reason: "there are no rated rows" });
  }
  return { values, undefined: missing };
}
