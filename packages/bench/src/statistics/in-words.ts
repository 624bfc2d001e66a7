import { describeUndefined } from "@gradpool/metrics";
import { labelAt } from "../plan/label.js";
import type { Summary, UndefinedValue } from "../results/types.js";

/**
 * What has no value, where and why, a sentence each, with the contenders that met it where it was not all; and what follows where
 * it is the metric that decides: nothing is chosen on it.
 */
export function undefinedInWords(summary: Summary): readonly string[] {
  const { contenders, plan } = summary;
  const by = new Map<string, Set<string>>();
  for (const one of summary.undefined) {
    const line = describeUndefined(one) + consequence(one, summary);
    by.set(line, (by.get(line) ?? new Set()).add(one.label));
  }
  const all = plan.contenders.length;
  const name = (label: string): string => labelAt(label, contenders.find((row) => row.label === label)?.point);
  return [...by].map(([line, labels]) => (labels.size === all ? line : `${[...labels].map(name).join(", ")}: ${line}`));
}

function consequence({ label, metric, task, part }: UndefinedValue, { plan, contenders }: Summary): string {
  if (task !== undefined) return `; the mean ${metric} over tasks is without it`;
  if (part !== "valid" || metric !== decidingMetric(plan, label)) return "";
  const isChosen = contenders.some((row) => row.label === label && Object.keys(row.test).length > 0);
  return isChosen
    ? "; it decides, so no epoch is best: tested are the last weights"
    : "; it decides, so no epoch is best and no grid point is chosen";
}

const decidingMetric = (plan: Summary["plan"], label: string): string | undefined =>
  (plan.contenders.find((one) => one.label === label)?.overrides?.metrics ?? plan.base.metrics)[0];
