import { labelAt, type Plan, type SweepFiles, type TrialRecord } from "@gradpool/bench";

/**
 * The files with labels as people read them: a contender whose pool is swept is `metabalance(relax=0.7)` once that is chosen,
 * not `metabalance(relax={relax})`. Two that would then be called the same are told apart by `chosen`.
 */
export function relabelled(files: SweepFiles): SweepFiles {
  const { plan, summary, records } = files;
  if (!plan.contenders.some(({ label }) => label.includes("{"))) return files;
  const names = namesOf(files);
  const name = (label: string): string => names.get(label) ?? labelAt(label);
  const named = <T extends { readonly label: string }>(one: T): T => ({ ...one, label: name(one.label) });
  const made: Plan = {
    ...plan,
    baseline: name(plan.baseline),
    contenders: plan.contenders.map(named),
    single: Object.fromEntries(Object.entries(plan.single).map(([task, label]) => [task, name(label)])),
  };
  return {
    plan: made,
    records: records.map(named),
    summary: {
      ...summary,
      plan: made,
      contenders: summary.contenders.map(named),
      grid: summary.grid.map(named),
      undefined: summary.undefined.map(named),
      failures: summary.failures.map((one) => ({ ...one, label: labelOfPoint(one, name) })),
    },
  };
}

const labelOfPoint = (
  { label, point }: { readonly label: string; readonly point: TrialRecord["point"] },
  name: (label: string) => string,
): string => (label.includes("{") ? labelAt(label, point) : name(label));

function namesOf({ summary }: SweepFiles): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set(summary.contenders.flatMap(({ label }) => (label.includes("{") ? [] : label)));
  for (const { label, point } of summary.contenders) {
    let shown = labelAt(label, point);
    while (label.includes("{") && taken.has(shown)) shown += " (chosen)";
    taken.add(shown);
    names.set(label, shown);
  }
  return names;
}
