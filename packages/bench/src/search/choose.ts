import type { Monitor } from "@gradpool/metrics";
import { monitorOf } from "@gradpool/runs";
import { findRecord } from "../results/lookup.js";
import type { GridCell, Plan, TrialRecord } from "../results/types.js";
import { gridOf, type Point } from "./trials.js";

/** The mean of the monitored validation metric at every grid point, and which point each contender is given. */
export function chooseOnValidation(
  plan: Plan,
  records: readonly TrialRecord[],
): { readonly chosen: ReadonlyMap<string, Point>; readonly grid: readonly GridCell[] } {
  const chosen = new Map<string, Point>();
  const grid: GridCell[] = [];
  for (const contender of plan.contenders) {
    const swept = gridOf(plan, contender);
    const monitor = monitorOf({ ...plan.base, ...contender.overrides });
    const metric = monitor.text;
    const sign = monitor.direction === "max" ? 1 : -1;
    if (swept.length < 2) {
      chosen.set(contender.label, swept[0] as Point);
      continue;
    }
    const cells = swept.map((point): GridCell => {
      const values = plan.tuningSeeds.map((seed) =>
        watched(monitor, findRecord(records, contender.label, point, seed)),
      );
      const known = values.filter((value) => value !== null);
      // A point that failed with any seed, or has no value, is no choice: its mean would be over easier seeds.
      const mean = known.length === values.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
      return { label: contender.label, point, metric, mean, values, chosen: false };
    });
    const best = cells.reduce<GridCell | null>(
      (held, cell) =>
        cell.mean !== null && (held === null || sign * cell.mean > sign * (held.mean as number)) ? cell : held,
      null,
    );
    if (best !== null) chosen.set(contender.label, best.point);
    grid.push(...cells.map((cell) => ({ ...cell, chosen: cell === best })));
  }
  return { chosen, grid };
}

/** What a trial reached on validation; null if it failed, or what is watched has no value. */
function watched(monitor: Monitor, record: TrialRecord | undefined): number | null {
  const best = record?.result?.best ?? null;
  const value = best === null ? Number.NaN : monitor.value(best);
  return Number.isNaN(value) ? null : value;
}
