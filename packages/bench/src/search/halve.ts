import { monitorOf, type TrainConfig } from "@gradpool/runs";
import { findRecord } from "../results/lookup.js";
import type { Contender, Plan, TrialRecord, TrialSpec } from "../results/types.js";
import { meanOf, scoresOf } from "./choose.js";
import { type Rung, rungsOf } from "./rungs.js";
import { configure, gridOf, type Point, trialId } from "./trials.js";

/** The stages of one contender's search. What learns nothing has no epochs to halve. */
export function stagesOf(plan: Plan, contender: Contender): readonly Rung[] {
  const points = gridOf(plan, contender);
  const { epochs, evalEvery } = configure(plan, contender, points[0] as Point, 0);
  return contender.role === "reference"
    ? [{ points: points.length, epochs }]
    : rungsOf(points.length, epochs, evalEvery);
}

/**
 * Successive halving of every contender's points, stage by stage: `run` runs a stage's trials, which go on where the stage before left
 * them. Answers with all records.
 */
export async function halve(
  plan: Plan,
  content: string,
  run: (trials: readonly TrialSpec[], stage: number, stages: number) => Promise<readonly TrialRecord[]>,
): Promise<readonly TrialRecord[]> {
  const searches = plan.contenders
    .filter((contender) => gridOf(plan, contender).length > 1)
    .map((contender) => ({ contender, rungs: stagesOf(plan, contender), alive: gridOf(plan, contender) }));
  const stages = Math.max(0, ...searches.map(({ rungs }) => rungs.length));
  const all: TrialRecord[] = [];
  for (let stage = 0; stage < stages; stage++) {
    const here = searches.filter(({ rungs }) => stage < rungs.length);
    const trials = here.flatMap(({ contender, rungs, alive }) =>
      alive.flatMap((point) =>
        plan.tuningSeeds.map((seed) =>
          staged(configure(plan, contender, point, seed), contender.label, point, rungs[stage] as Rung, content),
        ),
      ),
    );
    const records = await run(trials, stage + 1, stages);
    all.push(...records);
    for (const search of here) {
      const next = search.rungs[stage + 1];
      if (next !== undefined) search.alive = best(plan, search.contender, search.alive, records, next.points);
    }
  }
  return all;
}

/** A trial up to the end of a stage, in the folder of the trial that has all epochs. */
function staged(config: TrainConfig, label: string, point: Point, { epochs }: Rung, content: string): TrialSpec {
  const folder = trialId(config, content);
  if (epochs === config.epochs) return { id: folder, label, point, config };
  const short = { ...config, epochs };
  return { id: trialId(short, content), label, point, config: short, folder };
}

/** The points that go on: the best on validation, in the order that they had. Those without a value come last. */
function best(
  plan: Plan,
  contender: Contender,
  points: readonly Point[],
  records: readonly TrialRecord[],
  count: number,
): readonly Point[] {
  const monitor = monitorOf({ ...plan.base, ...contender.overrides });
  const sign = monitor.direction === "max" ? 1 : -1;
  const found = points.map((point) =>
    plan.tuningSeeds.map((seed) => findRecord(records, contender.label, point, seed)),
  );
  const values = scoresOf(monitor, found).map(meanOf);
  const scored = points.map((point, k) => ({ point, k, value: values[k] ?? null }));
  const worth = (value: number | null): number => (value === null ? -Infinity : sign * value);
  return scored
    .sort((a, b) => (worth(a.value) === worth(b.value) ? a.k - b.k : worth(b.value) > worth(a.value) ? 1 : -1))
    .slice(0, count)
    .sort((a, b) => a.k - b.k)
    .map(({ point }) => point);
}
