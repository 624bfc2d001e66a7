import { createHash } from "node:crypto";
import type { TrainConfig } from "@gradpool/runs";
import { sweptFields, unknownGridName } from "../plan/grid.js";
import type { Contender, Plan, TrialSpec } from "../results/types.js";
import { sampled } from "../space/sequence.js";
import type { Point } from "../space/space.js";

export type { Point };

/** Every combination of the grid's values, the first name varying slowest. `[{}]` for an empty grid. */
export function points(grid: Readonly<Record<string, readonly (number | string)[]>>): readonly Point[] {
  return Object.entries(grid).reduce<readonly Point[]>(
    (made, [name, values]) => made.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, held: unknown) =>
    typeof held === "object" && held !== null && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  );

/**
 * A trial's name: it follows from the configuration and the data's hash alone, so a changed configuration is another
 * trial and an unchanged one is never run twice, whichever sweep it came from.
 */
export function trialId(config: TrainConfig, dataHash: string): string {
  const { data: _, ...rest } = config;
  return createHash("sha256")
    .update(canonical({ ...rest, dataHash }))
    .digest("hex")
    .slice(0, 16);
}

/** The configuration of one contender at one grid point: names of fields are set, `{name}` in the pool and the model is replaced. */
export function configure(plan: Plan, contender: Contender, point: Point, seed: number): TrainConfig {
  const model = plan.modelAt === undefined ? {} : { model: plan.modelAt };
  let config: TrainConfig = { ...plan.base, ...model, ...contender.overrides, pool: contender.pool, seed };
  for (const [name, value] of Object.entries(point)) {
    const written = (text: string): string => text.replaceAll(`{${name}}`, String(value));
    if (`${config.pool} ${config.model}`.includes(`{${name}}`))
      config = { ...config, pool: written(config.pool), model: written(config.model) };
    // A contender with a model of its own has no such option.
    else if (name.startsWith("model.")) continue;
    else if ((sweptFields as readonly string[]).includes(name)) config = { ...config, [name]: value };
    else throw unknownGridName(name, [contender.pool], `grid of ${contender.label}`);
  }
  return config;
}

/**
 * The points of one contender. A name of the plan's grid that stands as `{name}` in some pools is swept for those alone; what learns
 * nothing has its own grid alone.
 */
export function gridOf(plan: Pick<Plan, "contenders" | "grid" | "search">, contender: Contender): readonly Point[] {
  if (contender.role === "reference") return points(contender.grid ?? {});
  const inPool = ({ pool }: Contender, name: string): boolean => pool.includes(`{${name}}`);
  const mine = <T>(space: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(space).filter(
        ([name]) => inPool(contender, name) || !plan.contenders.some((other) => inPool(other, name)),
      ),
    );
  if (plan.search === undefined) return points({ ...mine(plan.grid), ...contender.grid });
  const { space, trials, seed } = plan.search;
  return sampled({ ...mine(space), ...contender.grid }, trials, seed);
}

/** The configuration of a contender's first point: what all of its points share. */
export const configureFirst = (plan: Plan, contender: Contender): TrainConfig =>
  configure(plan, contender, gridOf(plan, contender)[0] as Point, 0);

/** Trials of the search: every contender at every point of its grid, with the tuning seeds. Empty where nothing is swept. */
export function tuningTrials(plan: Plan, dataHash: string): readonly TrialSpec[] {
  return plan.contenders.flatMap((contender) => {
    const grid = gridOf(plan, contender);
    if (grid.length < 2) return [];
    return grid.flatMap((point) => plan.tuningSeeds.map((seed) => trial(plan, contender, point, seed, dataHash)));
  });
}

/** Trials of the comparison: every contender at its chosen point, with every seed. */
export function finalTrials(plan: Plan, chosen: ReadonlyMap<string, Point>, dataHash: string): readonly TrialSpec[] {
  return plan.contenders.flatMap((contender) => {
    const point = chosen.get(contender.label);
    return point === undefined ? [] : plan.seeds.map((seed) => trial(plan, contender, point, seed, dataHash));
  });
}

function trial(plan: Plan, contender: Contender, point: Point, seed: number, dataHash: string): TrialSpec {
  const config = configure(plan, contender, point, seed);
  return { id: trialId(config, dataHash), label: contender.label, point, config };
}
