import { describeUndefined } from "@gradpool/metrics";
import type { ContenderSummary, Plan, UndefinedValue } from "../results/types.js";

/**
 * What has no value, where and why, a sentence each, with the contenders that met it where it was not all; and what follows where
 * it is the metric that decides: nothing is chosen on it.
 */
export function undefinedInWords(
  plan: Plan,
  contenders: readonly Pick<ContenderSummary, "label" | "name" | "test">[],
  missing: readonly UndefinedValue[],
): readonly string[] {
  const by = new Map<string, Set<string>>();
  for (const one of missing) {
    const row = contenders.find(({ label }) => label === one.label);
    if (row === undefined) continue;
    const line = describeUndefined(one) + consequence(one, plan, Object.keys(row.test).length > 0);
    by.set(line, (by.get(line) ?? new Set()).add(row.name));
  }
  return [...by].map(([line, names]) =>
    names.size === contenders.length ? line : `${[...names].join(", ")}: ${line}`,
  );
}

function consequence({ label, metric, task, part }: UndefinedValue, plan: Plan, tested: boolean): string {
  if (task !== undefined) return `; the mean ${metric} over tasks is without it`;
  const contender = plan.contenders.find((one) => one.label === label);
  const deciding = (contender?.overrides?.metrics ?? plan.base.metrics)[0];
  if (part !== "valid" || metric !== deciding) return "";
  return tested
    ? "; it decides, so no epoch is best: tested are the last weights"
    : "; it decides, so no epoch is best and no grid point is chosen";
}
