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
    const found = swept.map((point) =>
      plan.tuningSeeds.map((seed) => findRecord(records, contender.label, point, seed)),
    );
    const scores = scoresOf(monitor, found);
    const cells = swept.map((point, k): GridCell => {
      const own = found[k] as readonly (TrialRecord | undefined)[];
      const values = scores[k] as readonly (number | null)[];
      const epochs = Math.min(...own.map((record) => record?.config.epochs ?? 0));
      const cell = { label: contender.label, point, metric: monitor.text, mean: meanOf(values), values };
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
export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

/**
 * What trials of a contender reached on validation, by point and seed: the value, or, where ranks are watched, the mean rank among
 * its points of that seed. Null for one that failed, or of which what is watched has no value.
 */
export function scoresOf(
  monitor: Monitor,
  records: readonly (readonly (TrialRecord | undefined)[])[],
): readonly (readonly (number | null)[])[] {
  const scores = records.map((own) => own.map((): number | null => null));
  for (let seed = 0; seed < (records[0]?.length ?? 0); seed++) {
    const reached = records.flatMap((own, point) => {
      const best = own[seed]?.result?.best ?? null;
      return best === null ? [] : [{ point, best }];
    });
    monitor.scores(reached.map(({ best }) => best)).forEach((value, k) => {
      const { point } = reached[k] as (typeof reached)[number];
      (scores[point] as (number | null)[])[seed] = Number.isNaN(value) ? null : value;
    });
  }
  return scores;
}
