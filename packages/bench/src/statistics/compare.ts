import { averageRanks, holm, pairedT, relativeImprovement } from "@gradpool/metrics";
import { higherIsBetter } from "../results/lookup.js";
import type { Comparison, ContenderSummary, MetricSummary, Plan } from "../results/types.js";
import { finite } from "./finite.js";

/** A contender's summary before it is compared with the others. */
export type Row = Omit<ContenderSummary, "versusBaseline" | "rank" | "relativeImprovement">;

/** Paired by seed, two-sided, Holm-corrected over the contenders of each metric. */
export function compareAll(
  rows: readonly Row[],
  baseline: Row | undefined,
  metrics: readonly string[],
): Record<string, Comparison>[] {
  const out = rows.map((): Record<string, Comparison> => ({}));
  for (const metric of metrics) {
    const base = baseline?.test[metric];
    const tests = rows.map((row) => (row === baseline ? null : pairedTest(row.test[metric], base)));
    const corrected = holm(tests.map((test) => test?.p ?? NaN));
    rows.forEach((row, k) => {
      const mine = row.test[metric];
      if (mine === undefined) return;
      const test = tests[k] ?? null;
      const p = finite(test?.p ?? NaN);
      const pHolm = finite(corrected[k] as number);
      const difference = base === undefined ? NaN : (test?.difference ?? mine.mean - base.mean);
      const gain = higherIsBetter(metric) ? difference : -difference;
      (out[k] as Record<string, Comparison>)[metric] = {
        difference: finite(difference) ?? 0,
        relative: base === undefined || base.mean === 0 ? null : finite(difference / Math.abs(base.mean)),
        p,
        pHolm,
        verdict:
          row === baseline
            ? "baseline"
            : pHolm === null
              ? "not testable"
              : pHolm >= 0.05
                ? "no difference shown"
                : gain > 0
                  ? "better"
                  : "worse",
      };
    });
  }
  return out;
}

function pairedTest(
  mine: MetricSummary | undefined,
  base: MetricSummary | undefined,
): { p: number; difference: number } | null {
  if (mine === undefined || base === undefined) return null;
  const pairs = mine.values.flatMap((value, k) => {
    const other = base.values[k];
    return value === null || other === null || other === undefined ? [] : [[value, other] as const];
  });
  if (pairs.length === 0) return null;
  return pairedT(
    pairs.map(([value]) => value),
    pairs.map(([, other]) => other),
  );
}

/** Mean rank over the metrics, among contenders that have them all. */
export function rankAll(rows: readonly Row[], metrics: readonly string[]): (number | undefined)[] {
  const ranked = rows.filter((row) => metrics.length > 0 && metrics.every((metric) => row.test[metric] !== undefined));
  if (ranked.length === 0) return rows.map(() => undefined);
  const signed = metrics.flatMap((metric) =>
    ranked.map((row) => (higherIsBetter(metric) ? 1 : -1) * (row.test[metric] as MetricSummary).mean),
  );
  const ranks = averageRanks(signed, ranked.length);
  return rows.map((row) => (ranked.includes(row) ? ranks[ranked.indexOf(row)] : undefined));
}

/** Over the tasks that were also learnt alone; metrics are named `auc/task`. */
export function improvements(plan: Plan, row: Row, rows: readonly Row[]): Record<string, number> {
  const tasks = Object.keys(plan.single);
  if (tasks.length === 0 || Object.values(plan.single).includes(row.label)) return {};
  return Object.fromEntries(
    plan.base.metrics.flatMap((metric) => {
      const pairs = tasks.flatMap((task) => {
        const mine = row.test[`${metric}/${task}`];
        const alone = rows.find(({ label }) => label === plan.single[task])?.test[`${metric}/${task}`];
        return mine === undefined || alone === undefined ? [] : [[mine.mean, alone.mean] as const];
      });
      if (pairs.length < tasks.length) return [];
      return [
        [
          metric,
          relativeImprovement(
            pairs.map(([mine]) => mine),
            pairs.map(([, alone]) => alone),
          ),
        ],
      ];
    }),
  );
}
