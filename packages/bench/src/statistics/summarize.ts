import { summarize } from "@gradpool/metrics";
import { findRecord } from "../results/lookup.js";
import type { Comparison, Contender, MetricSummary, Plan, Summary, TrialRecord } from "../results/types.js";
import { chooseOnValidation } from "../search/choose.js";
import type { Point } from "../search/trials.js";
import { compareAll, improvements, rankAll, type Row } from "./compare.js";
import { finite } from "./finite.js";

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
): Row {
  const trials = plan.seeds.map((seed) =>
    point === undefined ? undefined : findRecord(records, contender.label, point, seed),
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
