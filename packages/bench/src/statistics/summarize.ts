import { summarize } from "@gradpool/metrics";
import { findRecord } from "../results/lookup.js";
import type {
  Comparison,
  Contender,
  MetricSummary,
  Plan,
  Summary,
  TrialRecord,
  UndefinedValue,
} from "../results/types.js";
import { namesOf } from "../plan/label.js";
import { unequalChances } from "../search/chances.js";
import { chooseOnValidation } from "../search/choose.js";
import { searchedPoints } from "../search/searched.js";
import type { Point } from "../search/trials.js";
import { compareAll, improvements, rankAll, type Row } from "./compare.js";
import { finite } from "./finite.js";
import { premisesOf } from "./premises.js";
import { undefinedInWords } from "./in-words.js";
import { tasksOf } from "./measured.js";
import { undefinedValues } from "./undefined.js";

function summaryOf(tasks: readonly string[], values: readonly (number | null)[]): MetricSummary | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const { mean, sd, lower, upper } = summarize(known);
  return { tasks, mean, sd: finite(sd) ?? 0, low: finite(lower), high: finite(upper), values };
}

/** Everything that a comparison says, from its records alone. */
export function summarizeSweep(plan: Plan, records: readonly TrialRecord[]): Summary {
  const { chosen, grid } = chooseOnValidation(plan, records);
  const metrics = metricNames(records);
  const found = plan.contenders.map((contender) =>
    summarizeContender(plan, contender, chosen.get(contender.label), records, metrics),
  );
  const names = namesOf(found);
  const rows = found.map((row, k): Row => ({ ...row, name: names[k] as string }));
  const searches = searchedPoints(plan, grid, records, rows);
  const baseline = rows.find((row) => row.label === plan.baseline);
  const roles = new Map(plan.contenders.map(({ label, role }) => [label, role]));
  const own = new Map(plan.contenders.map((one) => [one.label, one.baseline]));
  const baseOf = ({ label }: Row): Row | undefined => {
    const named = own.get(label);
    return named === undefined ? baseline : rows.find((row) => row.label === named);
  };
  const isPool = ({ label }: Row): boolean => roles.get(label) === undefined;
  const compared = compareAll(rows, baseOf, metrics, isPool);
  const pools = rows.filter(isPool);
  const ranks = new Map(rankAll(pools, baseline, metrics).map((rank, k) => [pools[k], rank]));
  const missing = undefinedValues(rows, records);
  return {
    version: 1,
    plan,
    metrics,
    contenders: rows.map((row, k) => ({
      ...row,
      versusBaseline: compared[k] as Record<string, Comparison>,
      rank: ranks.get(row) ?? null,
      relativeImprovement: improvements(plan, row, rows, missing),
    })),
    grid,
    ...(searches.length > 0 && { search: searches }),
    undefined: missing,
    failures: records
      .filter((record) => record.status === "failed")
      .map(({ label, point, config, error }) => ({ label, point, seed: config.seed, error: error ?? "unknown" }))
      .sort((a, b) => (a.label === b.label ? a.seed - b.seed : a.label < b.label ? -1 : 1)),
    notes: notesOf(plan, rows, missing),
    premises: premisesOf(plan, rows),
  };
}

function notesOf(plan: Plan, rows: readonly Row[], missing: readonly UndefinedValue[]): readonly string[] {
  const chances = unequalChances(plan);
  return [...undefinedInWords(plan, rows, missing), ...(chances === undefined ? [] : [chances])];
}

/** Of all trials, those of whoever measures most first: a single-task run has no more than its own. Before any is tested, of validation. */
function metricNames(records: readonly TrialRecord[]): readonly string[] {
  const namesOf = (part: "test" | "best"): readonly string[] => {
    const names = records.map((record) => Object.keys(record.result?.[part] ?? {}));
    return [...new Set(names.sort((a, b) => b.length - a.length).flat())];
  };
  const tested = namesOf("test");
  return tested.length > 0 ? tested : namesOf("best");
}

function summarizeContender(
  plan: Plan,
  contender: Contender,
  point: Point | undefined,
  records: readonly TrialRecord[],
  metrics: readonly string[],
): Omit<Row, "name"> {
  const trials = plan.seeds.map((seed) =>
    point === undefined ? undefined : findRecord(records, contender.label, point, seed),
  );
  const gather = (part: "test" | "best"): Record<string, MetricSummary> =>
    Object.fromEntries(
      metrics.flatMap((metric) => {
        const values = trials.map((trial) => finite(trial?.result?.[part]?.[metric] ?? NaN));
        const first = trials[values.findIndex((value) => value !== null)];
        const summary = first === undefined ? null : summaryOf(tasksOf(first, part, metric), values);
        return summary === null ? [] : [[metric, summary]];
      }),
    );
  const pool = trials.find((trial) => trial !== undefined)?.config.pool ?? contender.pool;
  return {
    label: contender.label,
    pool,
    group: contender.group ?? null,
    point: point ?? {},
    seeds: plan.seeds.length,
    failed: trials.filter((trial) => trial?.status !== "ok").length,
    test: gather("test"),
    valid: gather("best"),
    bestEpochs: trials.map((trial) => trial?.result?.bestEpoch ?? null),
  };
}
