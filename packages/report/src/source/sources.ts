import {
  type Contender,
  type ContenderSummary,
  type MetricSummary,
  sameTasks,
  type SweepFiles,
  type TrialRecord,
} from "@gradpool/bench";
import { relabelled } from "./labels.js";
import { mean, median } from "./statistics.js";

/** What figures and tables are made from: a sweep's files, with the records of each contender's chosen point at hand. */
export interface Source extends SweepFiles {
  readonly rows: readonly Row[];
  /** The metric that everything else is judged by first: the one that chose epochs and grid points. */
  readonly primary: string;
}

export type MetricSummaries = Readonly<Record<string, MetricSummary>>;

/** A contender as the report shows it. */
export interface Row extends ContenderSummary {
  /** Records of the chosen point, in the order of the seeds; a failed one is there, with its error. */
  readonly records: readonly TrialRecord[];
  readonly tasks: readonly string[];
  readonly cost: Cost | null;
  /** Of the metrics, those of the same tasks as the baseline's: no others are drawn beside each other. */
  readonly shared: { readonly test: MetricSummaries; readonly valid: MetricSummaries };
}

/** Medians over the finished trials; peak memory is their maximum. */
export interface Cost {
  readonly samplesPerSecond: number;
  readonly secondsPerEpoch: number;
  readonly peakRssMb: number;
}

export function readSource(given: SweepFiles): Source {
  const files = relabelled(given);
  const { plan, summary, records } = files;
  const base = summary.contenders.find(({ label }) => label === plan.baseline);
  const shared = (row: ContenderSummary, part: "test" | "valid"): MetricSummaries =>
    Object.fromEntries(
      Object.entries(row[part]).filter(([metric, { tasks }]) => {
        const model = base?.[part][metric] ?? summary.contenders.find((one) => metric in one[part])?.[part][metric];
        return model === undefined || sameTasks(tasks, model.tasks);
      }),
    );
  const rows = summary.contenders.map((row): Row => {
    const mine = plan.seeds.flatMap(
      (seed) =>
        records.find(
          ({ label, point, config }) => label === row.label && config.seed === seed && samePoint(point, row.point),
        ) ?? [],
    );
    return {
      ...row,
      records: mine,
      tasks: tasksOf(files, row.label),
      cost: costOf(mine),
      shared: { test: shared(row, "test"), valid: shared(row, "valid") },
    };
  });
  const found = summary.metrics.find((metric) => metric === plan.base.metrics[0]) ?? summary.metrics[0];
  return { ...files, rows, primary: found ?? plan.base.metrics[0] ?? "" };
}

const samePoint = (a: TrialRecord["point"], b: TrialRecord["point"]): boolean =>
  Object.keys({ ...a, ...b }).every((name) => a[name] === b[name]);

const tasksOf = ({ plan }: SweepFiles, label: string): readonly string[] =>
  plan.contenders.find((contender: Contender) => contender.label === label)?.overrides?.tasks ?? plan.base.tasks;

function costOf(records: readonly TrialRecord[]): Cost | null {
  const costs = records.flatMap(({ cost }) => cost ?? []);
  if (costs.length === 0) return null;
  return {
    samplesPerSecond: median(costs.map((cost) => cost.samplesPerSecond)) as number,
    secondsPerEpoch: median(costs.map((cost) => cost.secondsPerEpoch)) as number,
    peakRssMb: Math.max(...costs.map((cost) => cost.peakRssMb)),
  };
}

export const baselineOf = ({ rows, plan }: Source): Row | undefined =>
  rows.find(({ label }) => label === plan.baseline);

/** Seeds that finished, over those planned. */
export const finished = (row: Row): number => row.records.filter(({ status }) => status === "ok").length;

/** Mean of a metric on test that can stand beside the baseline's, or null. */
export const testMean = (row: Row, metric: string): number | null => mean([row.shared.test[metric]?.mean]);
