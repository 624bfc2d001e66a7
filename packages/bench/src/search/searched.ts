import { configureFirst } from "./trials.js";
import type { ContenderSummary, GridCell, Plan, SearchedPoints, TrialRecord } from "../results/types.js";
import { stagesOf } from "./halve.js";
import { epochsOf } from "./rungs.js";
import { type Dimension, dimensionText, positionOf } from "../space/space.js";

/** Nearer to an end of its range than this, the best value may lie beyond it. */
const edge = 0.05;

/** What each contender's search was allowed, what it took, and where the best point lies. Contenders without a choice have none. */
export function searchedPoints(
  plan: Plan,
  cells: readonly GridCell[],
  records: readonly TrialRecord[],
  rows: readonly Pick<ContenderSummary, "label" | "name">[],
): readonly SearchedPoints[] {
  return plan.contenders.flatMap((contender): SearchedPoints[] => {
    const own = cells.filter(({ label }) => label === contender.label);
    if (own.length < 2) return [];
    const seeds = plan.tuningSeeds.length;
    const { epochs } = configureFirst(plan, contender);
    const allowed = plan.search?.strategy === "halving" ? epochsOf(stagesOf(plan, contender)) : own.length * epochs;
    const tuned = records.filter(
      ({ label, config }) => label === contender.label && plan.tuningSeeds.includes(config.seed),
    );
    const taken = tuned.reduce((sum, { result }) => sum + (result?.history.at(-1)?.epoch ?? 0), 0);
    const best = own.find(({ chosen }) => chosen);
    const { label } = contender;
    return [
      {
        label,
        name: rows.find((row) => row.label === label)?.name ?? label,
        strategy: plan.search?.strategy ?? "grid",
        points: own.length,
        epochs: allowed * seeds,
        epochsTaken: taken,
        metric: (own[0] as GridCell).metric,
        best: best?.mean ?? null,
        places: Object.entries(best?.point ?? {}).map(([name, value]) => {
          const dimension = dimensionOf(plan, contender.grid ?? {}, name);
          const position = dimension === undefined ? null : positionOf(dimension, value);
          const among = dimension === undefined ? "" : dimensionText(dimension);
          return { name, value, among, position, atEdge: position !== null && Math.min(position, 1 - position) < edge };
        }),
      },
    ];
  });
}

const dimensionOf = (plan: Plan, own: Plan["grid"], name: string): Dimension | undefined =>
  own[name] ?? plan.search?.space[name] ?? plan.grid[name];
