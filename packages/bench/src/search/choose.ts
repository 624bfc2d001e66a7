import type { Monitor } from "@gradpool/metrics";
import { monitorOf } from "@gradpool/runs";
import { findRecord } from "../results/lookup.js";
import type { GridCell, Plan, TrialRecord } from "../results/types.js";
import { gridOf, type Point } from "./trials.js";

/**
 * The mean of what is monitored on validation at every point, and which point each contender is given. Of a search by halving, one of
 * those that had all epochs: values of shorter trainings are no match for theirs.
 */
export function chooseOnValidation(
  plan: Plan,
  records: readonly TrialRecord[],
): { readonly chosen: ReadonlyMap<string, Point>; readonly grid: readonly GridCell[] } {
  const chosen = new Map<string, Point>();
  const grid: GridCell[] = [];
  const halving = plan.search?.strategy === "halving";
  for (const contender of plan.contenders) {
    const swept = gridOf(plan, contender);
    const monitor = monitorOf({ ...plan.base, ...contender.overrides });
    const sign = monitor.direction === "max" ? 1 : -1;
    if (swept.length < 2) {
      chosen.set(contender.label, swept[0] as Point);
      continue;
    }
    const cells = swept.map((point): GridCell => {
      const own = plan.tuningSeeds.map((seed) => findRecord(records, contender.label, point, seed));
      const values = own.map((record) => watched(monitor, record));
      const epochs = Math.min(...own.map((record) => record?.config.epochs ?? 0));
      const cell = { label: contender.label, point, metric: monitor.text, mean: meanOf(monitor, own), values };
      return { ...cell, ...(halving && { epochs }), chosen: false };
    });
    const whole = Math.max(...cells.map(({ epochs = 0 }) => epochs));
    const best = cells.reduce<GridCell | null>(
      (held, cell) =>
        cell.mean !== null &&
        (cell.epochs ?? 0) >= whole &&
        (held === null || sign * cell.mean > sign * (held.mean as number))
          ? cell
          : held,
      null,
    );
    if (best !== null) chosen.set(contender.label, best.point);
    grid.push(...cells.map((cell) => ({ ...cell, chosen: cell === best })));
  }
  return { chosen, grid };
}

/** A point that failed with any seed, or has no value, is no choice: its mean would be over easier seeds. */
export function meanOf(monitor: Monitor, records: readonly (TrialRecord | undefined)[]): number | null {
  const known = records.map((record) => watched(monitor, record)).filter((value) => value !== null);
  return known.length === records.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

/** What a trial reached on validation; null if it failed, or what is watched has no value. */
function watched(monitor: Monitor, record: TrialRecord | undefined): number | null {
  const best = record?.result?.best ?? null;
  const value = best === null ? Number.NaN : monitor.value(best);
  return Number.isNaN(value) ? null : value;
}
