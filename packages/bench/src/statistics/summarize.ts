import { averageRanks, holm, pairedT, parseMetric, relativeImprovement, summarize } from "@gradpool/metrics";
import { gridOf, type Point } from "../search/trials.js";
import type {
  Comparison,
  Contender,
  ContenderSummary,
  GridCell,
  MetricSummary,
  Plan,
  Summary,
  TrialRecord,
} from "../results/types.js";

const samePoint = (a: Point, b: Point): boolean => Object.keys({ ...a, ...b }).every((name) => a[name] === b[name]);

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** `ndcg@10/buy` is judged as `ndcg@10` is. */
const higherIsBetter = (metric: string): boolean => parseMetric(metric.split("/")[0] as string).higherIsBetter;

function find(records: readonly TrialRecord[], label: string, point: Point, seed: number): TrialRecord | undefined {
  return records.find(
    (record) => record.label === label && record.config.seed === seed && samePoint(record.point, point),
  );
}

/** The mean of the monitored validation metric at every grid point, and which point each contender is given. */
export function chooseOnValidation(
  plan: Plan,
  records: readonly TrialRecord[],
): { readonly chosen: ReadonlyMap<string, Point>; readonly grid: readonly GridCell[] } {
  const metric = plan.base.metrics[0] as string;
  const sign = higherIsBetter(metric) ? 1 : -1;
  const chosen = new Map<string, Point>();
  const grid: GridCell[] = [];
  for (const contender of plan.contenders) {
    const swept = gridOf(plan, contender);
    if (swept.length < 2) {
      chosen.set(contender.label, swept[0] as Point);
      continue;
    }
    const cells = swept.map((point): GridCell => {
      const values = plan.tuningSeeds.map(
        (seed) => find(records, contender.label, point, seed)?.result?.best?.[metric] ?? null,
      );
      const known = values.filter((value) => value !== null);
      // A point that failed with any seed is no choice: its mean would be over easier seeds.
      const mean = known.length === values.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
      return { label: contender.label, point, metric, mean, values, chosen: false };
    });
    const best = cells.reduce<GridCell | null>(
      (held, cell) =>
        cell.mean !== null && (held === null || sign * cell.mean > sign * (held.mean as number)) ? cell : held,
      null,
    );
    if (best !== null) chosen.set(contender.label, best.point);
    grid.push(...cells.map((cell) => ({ ...cell, chosen: cell === best })));
  }
  return { chosen, grid };
}

function summaryOf(values: readonly (number | null)[]): MetricSummary | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const { mean, sd, lower, upper } = summarize(known);
  return { mean, sd: finite(sd) ?? 0, low: finite(lower), high: finite(upper), values };
}

/** Everything that a comparison says, from its records alone. */
export function summarizeSweep(plan: Plan, records: readonly TrialRecord[]): Summary {
  const { chosen, grid } = chooseOnValidation(plan, records);
  const metrics = metricNames(records);
  const rows = plan.contenders.map((contender) =>
    summarizeContender(plan, contender, chosen.get(contender.label), records, metrics),
  );
  const baseline = rows.find((row) => row.label === plan.baseline);
  const compared = compareAll(rows, baseline, metrics);
  const ranks = rankAll(rows, metrics);
  return {
    version: 1,
    plan,
    metrics,
    contenders: rows.map((row, k) => ({
      ...row,
      versusBaseline: compared[k] as Record<string, Comparison>,
      rank: ranks[k] ?? null,
      relativeImprovement: improvements(plan, row, rows),
    })),
    grid,
    failures: records
      .filter((record) => record.status === "failed")
      .map(({ label, config, error }) => ({ label, seed: config.seed, error: error ?? "unknown" }))
      .sort((a, b) => (a.label === b.label ? a.seed - b.seed : a.label < b.label ? -1 : 1)),
  };
}

function metricNames(records: readonly TrialRecord[]): readonly string[] {
  const first = records.find((record) => record.result?.test != null);
  return Object.keys(first?.result?.test ?? {});
}

function summarizeContender(
  plan: Plan,
  contender: Contender,
  point: Point | undefined,
  records: readonly TrialRecord[],
  metrics: readonly string[],
): Omit<ContenderSummary, "versusBaseline" | "rank" | "relativeImprovement"> {
  const trials = plan.seeds.map((seed) =>
    point === undefined ? undefined : find(records, contender.label, point, seed),
  );
  const gather = (part: "test" | "best"): Record<string, MetricSummary> =>
    Object.fromEntries(
      metrics.flatMap((metric) => {
        const summary = summaryOf(trials.map((trial) => finite(trial?.result?.[part]?.[metric] ?? NaN)));
        return summary === null ? [] : [[metric, summary]];
      }),
    );
  return {
    label: contender.label,
    pool: trials.find((trial) => trial !== undefined)?.config.pool ?? contender.pool,
    group: contender.group ?? null,
    point: point ?? {},
    seeds: plan.seeds.length,
    failed: trials.filter((trial) => trial?.status !== "ok").length,
    test: gather("test"),
    valid: gather("best"),
    bestEpochs: trials.map((trial) => trial?.result?.bestEpoch ?? null),
  };
}

type Row = Omit<ContenderSummary, "versusBaseline" | "rank" | "relativeImprovement">;

/** Paired by seed, two-sided, Holm-corrected over the contenders of each metric. */
function compareAll(
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
function rankAll(rows: readonly Row[], metrics: readonly string[]): (number | undefined)[] {
  const ranked = rows.filter((row) => metrics.length > 0 && metrics.every((metric) => row.test[metric] !== undefined));
  if (ranked.length === 0) return rows.map(() => undefined);
  const signed = metrics.flatMap((metric) =>
    ranked.map((row) => (higherIsBetter(metric) ? 1 : -1) * (row.test[metric] as MetricSummary).mean),
  );
  const ranks = averageRanks(signed, ranked.length);
  return rows.map((row) => (ranked.includes(row) ? ranks[ranked.indexOf(row)] : undefined));
}

/** Over the tasks that were also learnt alone; metrics are named `auc/task`. */
function improvements(plan: Plan, row: Row, rows: readonly Row[]): Record<string, number> {
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
