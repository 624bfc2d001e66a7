import { basename } from "node:path";
import { GradpoolError } from "@gradpool/core";
import { usageError } from "@gradpool/runs";
import type { TrainConfig } from "@gradpool/runs";
import { defaultConfig, withMetrics } from "@gradpool/runs";
import { expandTasks, namedSideTasks, noteOnValues, sideTasks } from "@gradpool/runs";
import type { DataFacts } from "@gradpool/runs";
import { resolveGrid } from "./grid.js";
import type { Recipe } from "../recipes/recipe.js";
import type { Contender, Plan } from "../results/types.js";

/** What the flags of `gradpool bench` ask for, over a recipe. */
export interface PlanRequest {
  readonly recipe: Recipe;
  /** Flags that were given, over the recipe's base. */
  readonly config: Partial<TrainConfig>;
  /** Pool specifiers, in place of the recipe's contenders. */
  readonly pools?: readonly string[];
  /** Seeds 1 … N, in place of the recipe's. */
  readonly seeds?: number;
  readonly grid?: Plan["grid"];
}

/** A recipe and flags become a plan for one data set. Refuses data that lacks what the recipe needs, with its own words. */
export function makePlan(request: PlanRequest, facts: DataFacts): Plan {
  const { recipe } = request;
  const merged: TrainConfig = { ...defaultConfig, ...recipe.base, ...request.config };
  requireNeeds(recipe, facts, merged);
  const base = withMetrics({ ...merged, tasks: expandTasks(merged.tasks, facts, merged.model) });
  const contenders: Contender[] =
    request.pools?.map((pool): Contender => ({ label: pool, pool })) ??
    recipe.contenders.flatMap((contender) => withTasks(contender, facts, base.model));
  const single = recipe.single === true ? Object.fromEntries(base.tasks.map((task) => [task, `Single ${task}`])) : {};
  for (const [task, label] of Object.entries(single)) {
    contenders.push({ label, pool: "ew", overrides: { tasks: [task] }, group: "single tasks" });
  }
  if (contenders.length === 0) throw usageError("no pools to compare", "--pools", "name one or more");
  const labels = contenders.map(({ label }) => label);
  const twice = labels.find((label, k) => labels.indexOf(label) !== k);
  if (twice !== undefined)
    throw usageError(`${twice} stands twice in the comparison`, "--pools", "name each pool once");
  const seeds = request.seeds === undefined ? recipe.seeds : Array.from({ length: request.seeds }, (_, k) => k + 1);
  const first = labels[0] as string;
  const wanted =
    request.pools === undefined ? recipe.baseline : labels.find((label) => label === "ew" || label.startsWith("ew("));
  return {
    name: recipe.name,
    ...(recipe.name === "demo" && base.data !== recipe.base.data
      ? {
          title: `Pools compared on ${basename(base.data)}`,
          description: "Every pool with every seed, on data of your own.",
        }
      : { title: recipe.title, description: recipe.description }),
    base,
    contenders: contenders.map((contender) =>
      contender.grid === undefined
        ? contender
        : { ...contender, grid: resolveGrid(contender.grid, [contender.pool], `grid of ${contender.label}`) },
    ),
    grid: resolveGrid(
      request.grid ?? recipe.grid ?? {},
      contenders.map(({ pool }) => pool),
      request.grid === undefined ? `recipe ${recipe.name}` : "--grid",
    ),
    seeds,
    tuningSeeds:
      recipe.tuningSeeds.filter((seed) => seeds.includes(seed)).length > 0
        ? recipe.tuningSeeds.filter((seed) => seeds.includes(seed))
        : seeds.slice(0, 1),
    baseline: wanted !== undefined && labels.includes(wanted) ? wanted : first,
    published: recipe.published ?? [],
    single,
  };
}

/** A contender with its tasks spelt out; none if the data lacks one of them. */
function withTasks(contender: Contender, facts: DataFacts, model: string): readonly Contender[] {
  const named = contender.overrides?.tasks;
  if (named === undefined) return [contender];
  const missing = named.some((task) => expandTasks([task], facts, model).length === 0);
  return missing
    ? []
    : [{ ...contender, overrides: { ...contender.overrides, tasks: expandTasks(named, facts, model) } }];
}

function requireNeeds({ name, needs }: Recipe, facts: DataFacts, { data, tasks }: TrainConfig): void {
  const side = [...sideTasks(facts), ...namedSideTasks(facts).filter((task) => tasks.includes(task))];
  const missing = (needs.tasks ?? []).filter((task) => (task === "side" ? side.length === 0 : !facts.offers(task)));
  const few = needs.behaviors !== undefined && facts.tasks.behaviors.length < needs.behaviors;
  if (missing.length === 0 && !few) return;
  const note = missing.includes("side") ? noteOnValues(tasks, facts) : undefined;
  throw new GradpoolError({
    code: "unsupported",
    what: `the recipe ${name} needs ${needs.what}; this set has ${few ? `${facts.tasks.behaviors.length} behaviours` : `no ${missing.map((task) => (task === "side" ? "side task" : task)).join(", ")}`}`,
    where: data,
    remedy: note === undefined ? needs.get : `${needs.get}; ${note}`,
  });
}
