import type { UndefinedMetric } from "@gradpool/metrics";
import { samePoint } from "../results/lookup.js";
import type { TrialRecord, UndefinedValue } from "../results/types.js";
import type { Row } from "./compare.js";

/**
 * What has no value, each reason once for a contender with the seeds that met it: on test, and on validation at the best epoch,
 * or at the last one where there is no best.
 */
export function undefinedValues(rows: readonly Row[], records: readonly TrialRecord[]): readonly UndefinedValue[] {
  const found = new Map<string, UndefinedValue & { readonly seeds: number[] }>();
  const add = (label: string, seed: number, part: "valid" | "test", missing: UndefinedMetric): void => {
    const { metric, task, reason } = missing;
    const key = JSON.stringify([label, part, metric, task, reason]);
    const held = found.get(key) ?? { label, part, metric, ...(task !== undefined && { task }), reason, seeds: [] };
    if (!held.seeds.includes(seed)) held.seeds.push(seed);
    found.set(key, held);
  };
  for (const { label, point } of rows) {
    const mine = records.filter((record) => record.label === label);
    const chosen = mine.filter((record) => samePoint(record.point, point));
    // Where no point could be chosen, the search says why.
    for (const record of chosen.length > 0 ? chosen : mine) {
      const { seed } = record.config;
      for (const missing of missingOnValidation(record)) add(label, seed, "valid", missing);
      for (const missing of record.result?.undefined ?? []) add(label, seed, "test", missing);
    }
  }
  return [...found.values()];
}

function missingOnValidation({ result }: TrialRecord): readonly UndefinedMetric[] {
  if (result === undefined) return [];
  const { bestEpoch, history } = result;
  const entry = bestEpoch === null ? history.at(-1) : history.find(({ epoch }) => epoch === bestEpoch);
  return entry?.undefined ?? [];
}
