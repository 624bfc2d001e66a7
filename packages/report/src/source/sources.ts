import type { Contender, ContenderSummary, MetricSummary, Plan, SweepFiles, TrialRecord } from "@gradpool/bench";
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
  /** What it is there for, if not to be compared as a pool. */
  readonly role: Contender["role"];
  /** The label of what it is compared with. */
  readonly base: string;
  /** null where nothing was trained. */
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

/**
 * Reads a sweep's files for drawing, with labels as people read them: a contender whose pool is swept is `metabalance(relax=0.7)`
 * once that is chosen.
 */
export function readSource(files: SweepFiles): Source {
  const { plan, summary, records } = files;
  const nameOf = (label: string): string => summary.contenders.find((row) => row.label === label)?.name ?? label;
  const rows = summary.contenders.map((row): Row => {
    const mine = plan.seeds.flatMap(
      (seed) =>
        records.find(
          ({ label, point, config }) => label === row.label && config.seed === seed && samePoint(point, row.point),
        ) ?? [],
    );
    const contender = plan.contenders.find(({ label }) => label === row.label);
    return {
      ...row,
      label: row.name,
      records: mine,
      tasks: tasksOf(files, row.label),
      role: contender?.role,
      base: nameOf(contender?.baseline ?? plan.baseline),
      cost: costOf(mine),
      shared: { test: sharedOf(files, row, "test"), valid: sharedOf(files, row, "valid") },
    };
  });
  const found = summary.metrics.find((metric) => metric === plan.base.metrics[0]) ?? summary.metrics[0];
  return { ...renamed(files), rows, primary: found ?? plan.base.metrics[0] ?? "" };
}

function sharedOf({ plan, summary }: SweepFiles, row: ContenderSummary, part: "test" | "valid"): MetricSummaries {
  const base = summary.contenders.find(({ label }) => label === plan.baseline);
  const model = (metric: string): MetricSummary | undefined =>
    base?.[part][metric] ?? summary.contenders.find((one) => metric in one[part])?.[part][metric];
  return Object.fromEntries(
    Object.entries(row[part]).filter(([metric, { tasks }]) => {
      const others = model(metric)?.tasks ?? tasks;
      return others.length === tasks.length && others.every((task) => tasks.includes(task));
    }),
  );
}

/** What stands for values in a label, as before they are chosen. */
const elided = (label: string): string => label.replaceAll(/\{[^{}]+\}/g, "…");

/** The plan and the trials of chosen points under the names that rows have; of others, the grid point says the value. */
function renamed({ plan, summary, records }: SweepFiles): SweepFiles {
  const rows = new Map(summary.contenders.map((row) => [row.label, row]));
  const name = (label: string): string => rows.get(label)?.name ?? label;
  const labels = [...rows.keys()];
  const open = (label: string): string =>
    labels.some((other) => other !== label && elided(other) === elided(label)) ? name(label) : elided(label);
  const labelOf = ({ label, point }: Pick<TrialRecord, "label" | "point">): string =>
    samePoint(point, rows.get(label)?.point ?? {}) ? name(label) : open(label);
  const made: Plan = {
    ...plan,
    contenders: plan.contenders.map((one) => ({ ...one, label: open(one.label) })),
    baseline: name(plan.baseline),
    single: Object.fromEntries(Object.entries(plan.single).map(([task, label]) => [task, name(label)])),
  };
  return {
    plan: made,
    summary: {
      ...summary,
      plan: made,
      undefined: summary.undefined.map((one) => ({ ...one, label: name(one.label) })),
      contenders: summary.contenders.map((one) => ({ ...one, label: open(one.label) })),
      grid: summary.grid.map((cell) => ({ ...cell, label: open(cell.label) })),
      failures: summary.failures.map((one) => ({ ...one, label: labelOf(one) })),
    },
    records: records.map((one) => ({ ...one, label: labelOf(one) })),
  };
}

const samePoint = (a: TrialRecord["point"], b: TrialRecord["point"]): boolean =>
  Object.keys({ ...a, ...b }).every((name) => a[name] === b[name]);

const tasksOf = ({ plan }: SweepFiles, label: string): readonly string[] =>
  plan.contenders.find((contender: Contender) => contender.label === label)?.overrides?.tasks ?? plan.base.tasks;

function costOf(records: readonly TrialRecord[]): Cost | null {
  const costs = records.flatMap(({ cost, result }) => (cost === undefined || result?.steps === 0 ? [] : cost));
  if (costs.length === 0) return null;
  return {
    samplesPerSecond: median(costs.map((cost) => cost.samplesPerSecond)) as number,
    secondsPerEpoch: median(costs.map((cost) => cost.secondsPerEpoch)) as number,
    peakRssMb: Math.max(...costs.map((cost) => cost.peakRssMb)),
  };
}

/** What a row is compared with. */
export const baseOf = ({ rows }: Source, { base }: Row): Row | undefined => rows.find(({ label }) => label === base);

export const baselineOf = ({ rows, plan }: Source): Row | undefined =>
  rows.find(({ label }) => label === plan.baseline);

/** Whether there is a way to draw: what learns nothing has no epochs, losses or gradients. */
export const learns = ({ role }: Row): boolean => role !== "reference";

/** Seeds that finished, over those planned. */
export const finished = (row: Row): number => row.records.filter(({ status }) => status === "ok").length;

/** Mean of a metric on test that can stand beside the baseline's, or null. */
export const testMean = (row: Row, metric: string): number | null => mean([row.shared.test[metric]?.mean]);
