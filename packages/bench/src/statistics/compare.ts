import { averageRanks, holm, pairedT, relativeImprovement } from "@gradpool/metrics";
import { higherIsBetter } from "../results/lookup.js";
import type { Comparison, ContenderSummary, MetricSummary, Plan, UndefinedValue } from "../results/types.js";
import { finite } from "./finite.js";
import { sameTasks } from "./measured.js";

/** A contender's summary before it is compared with the others. */
export type Row = Omit<ContenderSummary, "versusBaseline" | "rank" | "relativeImprovement">;

/**
 * Paired by seed, two-sided, Holm-corrected over the contenders of each metric: pools among themselves, and what is no pool (a task
 * alone, a reference) among itself. Two means over different tasks are no pair: the
 * mean AUC of a single task says nothing of a mean over five.
 */
export function compareAll(
  rows: readonly Row[],
  baseOf: (row: Row) => Row | undefined,
  metrics: readonly string[],
  isPool: (row: Row) => boolean,
): Record<string, Comparison>[] {
  const out = rows.map((): Record<string, Comparison> => ({}));
  const families = rows.map((row) => JSON.stringify([isPool(row), baseOf(row)?.label]));
  for (const metric of metrics) {
    const bases = rows.map((row) => baseOf(row)?.test[metric]);
    const comparable = rows.map((row, k) => isComparable(row.test[metric], bases[k]));
    const tests = rows.map((row, k) =>
      row === baseOf(row) || comparable[k] !== true ? null : pairedTest(row.test[metric], bases[k]),
    );
    const corrected = holmWithin(
      families,
      tests.map((test) => test?.p ?? NaN),
    );
    rows.forEach((row, k) => {
      const mine = row.test[metric];
      if (mine === undefined) return;
      const found =
        comparable[k] === true
          ? comparisonOf(metric, mine, bases[k], tests[k] ?? null, corrected[k] as number)
          : { ...nothing, verdict: "not comparable" as const };
      (out[k] as Record<string, Comparison>)[metric] = row === baseOf(row) ? { ...found, verdict: "baseline" } : found;
    });
  }
  return out;
}

/** Holm's correction over each family by itself. */
function holmWithin(families: readonly string[], ps: readonly number[]): readonly number[] {
  const out = ps.map(() => NaN);
  for (const family of new Set(families)) {
    const corrected = holm(ps.map((p, k) => (families[k] === family ? p : NaN)));
    families.forEach((own, k) => {
      if (own === family) out[k] = corrected[k] as number;
    });
  }
  return out;
}

const nothing = { difference: null, relative: null, p: null, pHolm: null };

/** Values of other tasks than the baseline's are not; where it has none, there is nothing that they could differ from. */
const isComparable = (mine: MetricSummary | undefined, base: MetricSummary | undefined): boolean =>
  mine === undefined || base === undefined || sameTasks(mine.tasks, base.tasks);

function comparisonOf(
  metric: string,
  mine: MetricSummary,
  base: MetricSummary | undefined,
  test: { readonly p: number; readonly difference: number } | null,
  corrected: number,
): Comparison {
  if (base === undefined) return { ...nothing, verdict: "not testable" };
  const pHolm = finite(corrected);
  const difference = test?.difference ?? mine.mean - base.mean;
  const gain = higherIsBetter(metric) ? difference : -difference;
  const shown = gain > 0 ? "better" : "worse";
  return {
    difference: finite(difference),
    relative: base.mean === 0 ? null : finite(difference / Math.abs(base.mean)),
    p: finite(test?.p ?? NaN),
    pHolm,
    verdict: pHolm === null ? "not testable" : pHolm >= 0.05 ? "no difference shown" : shown,
  };
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

/**
 * Mean rank over the metrics that have a value, among the contenders that have them all and measure what the first of them does:
 * the baseline, where it has a result.
 */
export function rankAll(
  rows: readonly Row[],
  baseline: Row | undefined,
  metrics: readonly string[],
): (number | undefined)[] {
  const known = metrics.filter((metric) => rows.some((row) => row.test[metric] !== undefined));
  const complete = rows.filter((row) => known.length > 0 && known.every((metric) => row.test[metric] !== undefined));
  const model = baseline !== undefined && complete.includes(baseline) ? baseline : complete[0];
  const tasksOf = (row: Row | undefined, metric: string): readonly string[] => row?.test[metric]?.tasks ?? [];
  const alike = (row: Row, metric: string): boolean => sameTasks(tasksOf(row, metric), tasksOf(model, metric));
  const ranked = complete.filter((row) => known.every((metric) => alike(row, metric)));
  if (ranked.length === 0) return rows.map(() => undefined);
  const signed = known.flatMap((metric) =>
    ranked.map((row) => (higherIsBetter(metric) ? 1 : -1) * (row.test[metric] as MetricSummary).mean),
  );
  const ranks = averageRanks(signed, ranked.length);
  return rows.map((row) => (ranked.includes(row) ? ranks[ranked.indexOf(row)] : undefined));
}

/**
 * Over the row's tasks that were also learnt alone; metrics are named `auc/task`. A task whose metric is undefined (`missing`) is left
 * out; one whose run failed, or whose metric is 0 alone, leaves no improvement to be given.
 */
export function improvements(
  plan: Plan,
  row: Row,
  rows: readonly Row[],
  missing: readonly UndefinedValue[],
): Record<string, number> {
  if (Object.values(plan.single).includes(row.label)) return {};
  const mine = plan.contenders.find(({ label }) => label === row.label)?.overrides?.tasks ?? plan.base.tasks;
  const alone = (task: string, metric: string): MetricSummary | undefined =>
    rows.find(({ label }) => label === plan.single[task])?.test[`${metric}/${task}`];
  return Object.fromEntries(
    plan.base.metrics.flatMap((metric) => {
      const isMissing = (task: string): boolean =>
        missing.some((one) => one.part === "test" && one.metric === metric && one.task === task);
      const tasks = Object.keys(plan.single).filter((task) => mine.includes(task) && !isMissing(task));
      const pairs = tasks.flatMap((task) => {
        const [own, other] = [row.test[`${metric}/${task}`], alone(task, metric)];
        return own === undefined || other === undefined || other.mean === 0 ? [] : [[own.mean, other.mean] as const];
      });
      if (pairs.length === 0 || pairs.length < tasks.length) return [];
      const [ours, theirs] = [pairs.map(([value]) => value), pairs.map(([, value]) => value)];
      return [[metric, relativeImprovement(ours, theirs)]];
    }),
  );
}
