import { basename } from "node:path";
import { given, GradpoolError } from "@gradpool/core";
import {
  checkConfig,
  type DataFacts,
  defaultConfig,
  expandTasks,
  loadWorkload,
  namedSideTasks,
  noteOnValues,
  optionError,
  sideTasks,
  spellOut,
  type TrainConfig,
  type Workload,
} from "@gradpool/runs";
import { budgetAsRun, firstSeeds } from "../recipes/budget.js";
import type { Recipe } from "../recipes/contract.js";
import type { Contender, Plan } from "../results/types.js";
import { resolveGrid } from "./grid.js";
import { elided } from "./label.js";
import type { SearchRequest } from "../space/request.js";
import { withSearch } from "./with-search.js";

/** What is to be compared, over a recipe. */
export interface PlanRequest {
  readonly recipe: Recipe;
  /** Training options over the recipe's base. */
  readonly config: Partial<TrainConfig>;
  /** Pool specifiers, in place of the recipe's contenders. */
  readonly pools?: readonly string[];
  /** Seeds 1 … N, in place of the recipe's. */
  readonly seeds?: number;
  /** Points are chosen by their mean over seeds 1 … N, at most `seeds`, in place of the recipe's, which is the first alone. */
  readonly tuningSeeds?: number;
  readonly grid?: Plan["grid"];
  /** Ranges and lists by name, and how points are taken from them. The grid's lists join them. */
  readonly search?: SearchRequest;
  /**
   * The paths and packages whose code may run where the recipe or the configuration names them; give it where these are data,
   * such as a file. Trials get it too. Absent: the caller wrote them, and what they name may run.
   */
  readonly allow?: readonly string[];
}

/** A recipe and what was asked for over it become a plan for one data set. */
export async function makePlan(request: PlanRequest, facts: DataFacts): Promise<Plan> {
  const { workload } = await loadWorkload(askedOf(request).model, { allow: request.allow });
  const plan = planOf(request, facts, workload);
  const search = request.search ?? request.recipe.search;
  return search === undefined ? plan : withSearch(plan, search, workload.options);
}

const askedOf = ({ recipe, config }: PlanRequest): TrainConfig => ({
  ...defaultConfig,
  ...recipe.base,
  ...checkConfig(config, "configuration"),
});

/** The same, the model's workload at hand. Refuses data that lacks what the recipe needs, with its own words. */
export function planOf(request: PlanRequest, facts: DataFacts, workload: Workload): Plan {
  const { recipe } = request;
  const asked = askedOf(request);
  requireNeeds(recipe, facts, asked);
  const base = spellOut(asked, facts, workload);
  const single = recipe.single === true ? Object.fromEntries(base.tasks.map((task) => [task, `Single ${task}`])) : {};
  const contenders = contendersOf(request, facts, workload, base.tasks, single);
  const labels = contenders.map(({ label }) => label);
  const seeds = request.seeds === undefined ? recipe.seeds : firstSeeds(request.seeds);
  const tuningSeeds = tuningSeedsOf(request, seeds);
  const wanted =
    request.pools === undefined ? recipe.baseline : labels.find((label) => label === "ew" || label.startsWith("ew("));
  return {
    ...titleOf(
      request,
      base,
      contenders.flatMap(({ label, role }) => (role === undefined ? label : [])),
    ),
    base,
    contenders: contenders.map((contender) =>
      contender.grid === undefined
        ? contender
        : {
            ...contender,
            grid: resolveGrid(
              contender.grid,
              [contender.pool, contender.overrides?.model ?? ""],
              `grid of ${contender.label}`,
            ),
          },
    ),
    grid: resolveGrid(
      request.grid ?? recipe.grid ?? {},
      contenders.map(({ pool }) => pool),
      request.grid === undefined ? `recipe ${recipe.name}` : "grid",
    ),
    seeds,
    tuningSeeds,
    baseline: wanted !== undefined && labels.includes(wanted) ? wanted : (labels[0] as string),
    published: recipe.published ?? [],
    single,
    ...given({ budget: budgetAsRun(recipe, request) }),
  };
}

/** The seeds that choose points: those asked for, or those of the recipe's that are run. */
function tuningSeedsOf({ recipe, tuningSeeds }: PlanRequest, seeds: readonly number[]): readonly number[] {
  if (tuningSeeds === undefined) {
    const ofRecipe = recipe.tuningSeeds.filter((seed) => seeds.includes(seed));
    return ofRecipe.length > 0 ? ofRecipe : seeds.slice(0, 1);
  }
  if (tuningSeeds > seeds.length)
    throw optionError(
      `points by ${tuningSeeds} seeds of ${seeds.length}`,
      "tuningSeeds",
      `give at most ${seeds.length}, or more seeds`,
    );
  return seeds.slice(0, tuningSeeds);
}

/** What no recipe was asked for, and is not the demo as it comes, is the user's own comparison. */
function titleOf(
  { recipe, pools }: PlanRequest,
  { data }: TrainConfig,
  labels: readonly string[],
): Pick<Plan, "name" | "title" | "description"> {
  const { name, base, title, description } = recipe;
  if (name !== "demo" || (data === base.data && pools === undefined)) return { name, title, description };
  const who = labels.length > 3 || labels.join().length > 60 ? `${labels.length} pools` : labels.join(", ");
  const isShop = /^shop\s*(\(|$)/.test(data);
  return {
    name: "bench",
    title: `${who} on ${isShop ? (data === "shop" ? "the embedded shop" : data) : basename(data)}`,
    description: `Every pool with every seed, on ${isShop ? "generated data" : "data of your own"}.`,
  };
}

/** Two pools that differ in what is swept alone keep the names of it. */
const shortest = (pool: string, pools: readonly string[]): string =>
  pools.filter((other) => elided(other) === elided(pool)).length > 1 ? pool : elided(pool);

/** What is compared, each under a label of its own, single-task runs last. */
function contendersOf(
  { recipe, pools }: PlanRequest,
  facts: DataFacts,
  workload: Workload,
  base: readonly string[],
  single: Plan["single"],
): readonly Contender[] {
  const contenders: readonly Contender[] = [
    ...(pools?.map((pool): Contender => ({ label: shortest(pool, pools), pool: spread(pool, base.length) })) ??
      recipe.contenders.flatMap((contender) => withTasks(contender, facts, workload, base))),
    ...Object.entries(single).map(([task, label]): Contender => ({
      label,
      pool: "ew",
      overrides: { tasks: [task] },
      group: "single tasks",
      role: "alone",
    })),
  ];
  if (contenders.length === 0) throw optionError("no pools to compare", "pools", "name one or more");
  const labels = contenders.map(({ label }) => label);
  const twice = labels.find((label, k) => labels.indexOf(label) !== k);
  if (twice === undefined) return contenders;
  throw optionError(`${twice} stands twice in the comparison`, "pools", "name each pool once");
}

/** `[1,...{w}]`, or with a number in place of `{w}`: one for each further task. */
const spread = (pool: string, tasks: number): string =>
  pool.replaceAll(/,\s*\.\.\.(\{[^{}]+\}|[\d.e+-]+)(?=\])/g, (_, value: string) => `,${value}`.repeat(tasks - 1));

/** A contender with its tasks and weights spelt out; none if the data lacks a task, or where there is one task alone to weigh. */
function withTasks(
  contender: Contender,
  facts: DataFacts,
  workload: Workload,
  base: readonly string[],
): readonly Contender[] {
  return tasksSpelt(contender, facts, workload).flatMap((one) => {
    const { length } = one.overrides?.tasks ?? base;
    const pool = spread(one.pool, length);
    return length < 2 && pool !== one.pool ? [] : { ...one, pool };
  });
}

function tasksSpelt(contender: Contender, facts: DataFacts, workload: Workload): readonly Contender[] {
  const named = contender.overrides?.tasks;
  if (contender.overrides?.balance?.includes("numerical") === true && !facts.offers("numerical")) return [];
  if (named === undefined) return [contender];
  const missing = named.some((task) => expandTasks([task], facts, workload).length === 0);
  return missing
    ? []
    : [{ ...contender, overrides: { ...contender.overrides, tasks: expandTasks(named, facts, workload) } }];
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
