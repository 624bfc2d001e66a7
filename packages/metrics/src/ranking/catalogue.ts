import { GradpoolError } from "@gradpool/core";
import { fail } from "../errors.js";
import { type CatalogueMetricName, parseMetric } from "../names.js";
import type { MetricReport, UndefinedMetric } from "../report.js";
import type { ItemExposure } from "../topk/types.js";

export interface CatalogueOptions {
  /** What `rankTopK` gives for `exposure`, at every K among the metrics. */
  readonly exposure: readonly ItemExposure[];
  /** Of each item, its number of interactions in training; only `popularity@K` needs it. */
  readonly popularity?: ArrayLike<number>;
  /** Names such as `coverage@10`; see {@link parseMetric}. */
  readonly metrics: readonly string[];
}

const WHERE = "evaluateCatalogue";

/**
 * What the lists of all users together show of the catalogue. With e the expected number of lists that show an item,
 * ascending over all M items: coverage@K = the expected share of items in any list; gini@K = Σ (2i − M − 1)·e_i / (M·Σ e),
 * 0 where all items are shown alike; popularity@K = Σ e·popularity / Σ e, the mean over what is shown. As RecBole defines
 * them (recbole/evaluator/metrics.py), but over the catalogue's own items: it counts a padding item too. Items that score
 * the same share their places, so that renumbering the items changes nothing.
 *
 * Errors: `unknown-option` for a name; `invalid-option` for other metrics and for popularity without counts;
 * `invalid-input` for a K without exposure and for counts that do not fit.
 */
export function evaluateCatalogue({ exposure, popularity, metrics }: CatalogueOptions): MetricReport {
  const values: Record<string, number> = {};
  const missing: UndefinedMetric[] = [];
  for (const name of metrics) {
    const metric = parseMetric(name);
    if (metric.family !== "catalogue") throw refuse(`${metric.name} says nothing of the catalogue`, "leave it out");
    const shown = exposure.find(({ k }) => k === metric.k);
    if (!shown) fail(WHERE, `no exposure at ${metric.k}`, `rank with exposure: [${metric.k}]`);
    const value = measures[metric.metric](shown, popularity);
    values[metric.name] = value;
    if (Number.isNaN(value)) missing.push({ metric: metric.name, reason: "no list shows an item" });
  }
  return { values, undefined: missing };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

const measures: Readonly<
  Record<CatalogueMetricName, (shown: ItemExposure, popularity: ArrayLike<number> | undefined) => number>
> = {
  coverage: ({ absent, expected }) => (sum(expected) > 0 ? 1 - sum(absent) / absent.length : Number.NaN),
  gini: ({ expected }) => {
    const count = expected.length;
    const weighted = expected.toSorted().map((e, i) => (2 * (i + 1) - count - 1) * e);
    return sum(weighted) / (count * sum(expected));
  },
  popularity: ({ expected }, popularity) => {
    if (!popularity) throw refuse("popularity@K needs the popularity of each item", "pass popularity");
    if (popularity.length !== expected.length) {
      fail(WHERE, `${popularity.length} popularities for ${expected.length} items`, "pass one per item");
    }
    const weighted = expected.map((e, item) => {
      if (!Number.isFinite(popularity[item])) {
        fail(WHERE, `the popularity of item ${item} is ${popularity[item]}`, "pass the item's number of interactions");
      }
      return e * popularity[item]!;
    });
    return sum(weighted) / sum(expected);
  },
};

const refuse = (what: string, remedy: string): GradpoolError =>
  new GradpoolError({ code: "invalid-option", what, where: WHERE, remedy });
