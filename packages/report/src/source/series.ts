import type { DiagnosticPoint, TrialRecord } from "@gradpool/bench";
import { isNumber, mean } from "./statistics.js";

/** A value over epochs: its mean over seeds, with the lowest and the highest seed. */
export interface CurvePoint {
  readonly epoch: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** Seeds that reached this epoch. */
  readonly seeds: number;
}

type Entry = NonNullable<TrialRecord["result"]>["history"][number];

/** Over the records' evaluated epochs; thinned to about `most` points, the last one kept. */
export function curve(
  records: readonly TrialRecord[],
  pick: (entry: Entry) => number | null | undefined,
  most: number = 60,
): readonly CurvePoint[] {
  const byEpoch = new Map<number, number[]>();
  for (const { result } of records) {
    for (const entry of result?.history ?? []) {
      const value = pick(entry);
      if (!isNumber(value)) continue;
      const held = byEpoch.get(entry.epoch) ?? [];
      held.push(value);
      byEpoch.set(entry.epoch, held);
    }
  }
  const points = [...byEpoch]
    .sort(([a], [b]) => a - b)
    .map(([epoch, values]) => ({
      epoch,
      mean: mean(values) as number,
      low: Math.min(...values),
      high: Math.max(...values),
      seeds: values.length,
    }));
  const every = Math.ceil(points.length / most);
  return points.filter((_, k) => k % every === 0 || k === points.length - 1);
}

/**
 * The middle of a diagnostic over seeds, in equal stretches of the steps that hold three or more logged steps each;
 * stretches without a value are left out.
 * `middle` is the mean or the median: the short batch that ends an epoch has a norm of its own, which a mean would draw
 * as a spike.
 */
export function overSteps(
  records: readonly TrialRecord[],
  pick: (point: DiagnosticPoint) => number | null | undefined,
  middle: (values: readonly number[]) => number | null,
): readonly (readonly [step: number, value: number])[] {
  const all = records.flatMap(({ diagnostics }) => diagnostics ?? []);
  const last = all.reduce((most, { step }) => Math.max(most, step), 0);
  if (last === 0) return [];
  const logged = Math.max(...records.map(({ diagnostics }) => diagnostics?.length ?? 0));
  const bins = Math.min(60, Math.max(12, Math.floor(logged / 3)));
  const held = Array.from({ length: bins }, () => ({ steps: 0, values: [] as number[] }));
  for (const point of all) {
    const value = pick(point);
    if (!isNumber(value)) continue;
    const bin = held[Math.min(bins - 1, Math.floor((point.step / last) * bins))];
    if (bin === undefined) continue;
    bin.steps += point.step;
    bin.values.push(value);
  }
  return held
    .filter(({ values }) => values.length > 0)
    .map(({ steps, values }) => [Math.round(steps / values.length), middle(values) as number] as const);
}

/** Mean cosine between tasks over all logged steps and seeds, T × T; null where never seen. */
export function meanCosines(
  records: readonly TrialRecord[],
  tasks: number,
): readonly (readonly (number | null)[])[] | null {
  const all = records.flatMap(({ diagnostics }) => diagnostics ?? []);
  if (all.length === 0) return null;
  const at = (i: number, j: number): number | null => mean(all.map(({ cosines }) => cosines[i * tasks + j]));
  const matrix = Array.from({ length: tasks }, (_r, i) => Array.from({ length: tasks }, (_c, j) => at(i, j)));
  return matrix.flat().every((value) => value === null) ? null : matrix;
}
