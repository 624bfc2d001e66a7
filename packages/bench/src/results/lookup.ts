import { metricParts, parseMetric } from "@gradpool/metrics";
import type { TrialRecord, TrialSpec } from "./types.js";

type Point = TrialSpec["point"];

export const samePoint = (a: Point, b: Point): boolean =>
  Object.keys({ ...a, ...b }).every((name) => a[name] === b[name]);

/** `ndcg@10/buy` is judged as `ndcg@10` is. */
export const higherIsBetter = (metric: string): boolean => parseMetric(metricParts(metric)[0]).higherIsBetter;

/** The record of one contender at a grid point with a seed. */
export function findRecord(
  records: readonly TrialRecord[],
  label: string,
  point: Point,
  seed: number,
): TrialRecord | undefined {
  return records.find(
    (record) => record.label === label && record.config.seed === seed && samePoint(record.point, point),
  );
}
