import { given } from "@gradpool/core";
import { didYouMean } from "@gradpool/registry";
import { optionError, type TrainConfig } from "@gradpool/runs";
import type { Contender, Plan } from "../results/types.js";
import type { Budget, Recipe } from "./contract.js";

/**
 * A recipe with the shorter schedule that it calls so, and what differs, in words: it stands in the report. Errors `invalid-option`: a
 * recipe without such a budget; a budget that names a contender which the recipe has not.
 */
export function withBudget(recipe: Recipe, name: string): Recipe {
  const budget = Object.hasOwn(recipe.budgets ?? {}, name) ? recipe.budgets?.[name] : undefined;
  if (budget === undefined) {
    const known = Object.keys(recipe.budgets ?? {});
    const remedy =
      known.length === 0
        ? "leave it out: the recipe has one schedule"
        : didYouMean(name, known, `there is ${known.join(", ")}`);
    throw optionError(`the recipe ${recipe.name} has no budget ${name}`, "budget", remedy);
  }
  const { base = {}, grid = recipe.grid ?? {}, seeds = recipe.seeds, tuningSeeds = recipe.tuningSeeds } = budget;
  const { leaveOut = [], change = {} } = budget;
  requireLabels(recipe, [...leaveOut, ...Object.keys(change)]);
  return {
    ...recipe,
    base: { ...recipe.base, ...base },
    grid,
    seeds,
    tuningSeeds,
    contenders: recipe.contenders
      .filter(({ label }) => !leaveOut.includes(label))
      .map((contender) => changed(contender, change[contender.label])),
    budget: { name, differences: differences(recipe, budget) },
    shortened: { whole: recipe, by: budget },
  };
}

/** What was asked for over a recipe. */
interface Asked {
  readonly config: Partial<TrainConfig>;
  readonly seeds?: number;
  readonly tuningSeeds?: number;
  readonly grid?: Plan["grid"];
  readonly pools?: readonly string[];
}

/** The budget of a plan: what it changes where nothing was asked for over it, and else what was. */
export function budgetAsRun(recipe: Recipe, { config, seeds, tuningSeeds, grid, pools }: Asked): Plan["budget"] {
  const { budget, shortened } = recipe;
  if (budget === undefined || shortened === undefined) return budget;
  const { base, leaveOut, change, ...rest } = shortened.by;
  const asked = config as Readonly<Record<string, unknown>>;
  const asRun: Budget = {
    ...rest,
    base: Object.fromEntries(Object.entries(base ?? {}).map(([field, value]) => [field, asked[field] ?? value])),
    ...(seeds !== undefined && { seeds: firstSeeds(seeds) }),
    ...(tuningSeeds !== undefined && { tuningSeeds: firstSeeds(tuningSeeds) }),
    ...given({ grid: grid ?? rest.grid }),
    // Pools that were asked for stand in place of the recipe's contenders.
    ...(pools === undefined && given({ leaveOut, change })),
  };
  return { name: budget.name, differences: differences(shortened.whole, asRun) };
}

/** Seeds 1 … N. */
export const firstSeeds = (count: number): readonly number[] => Array.from({ length: count }, (_, k) => k + 1);

function changed(contender: Contender, change: Pick<Contender, "grid" | "overrides"> | undefined): Contender {
  if (change === undefined) return contender;
  const { grid, overrides } = change;
  return {
    ...contender,
    ...(grid !== undefined && { grid }),
    ...(overrides !== undefined && { overrides: { ...contender.overrides, ...overrides } }),
  };
}

function requireLabels({ name, contenders }: Recipe, labels: readonly string[]): void {
  const known = contenders.map(({ label }) => label);
  const strange = labels.find((label) => !known.includes(label));
  if (strange === undefined) return;
  throw optionError(`no contender ${strange}`, `budgets of recipe ${name}`, didYouMean(strange, known, "name one"));
}

const shown = (value: unknown): string =>
  value === undefined ? "not given" : typeof value === "string" ? value : JSON.stringify(value);

const gridInWords = (grid: Plan["grid"]): string =>
  Object.keys(grid).length === 0
    ? "nothing"
    : Object.entries(grid)
        .map(([name, values]) => `${name} ${values.join(", ")}`)
        .join("; ");

/** A sentence for everything that the budget changes. */
function differences(
  recipe: Recipe,
  { base = {}, grid, seeds, tuningSeeds, leaveOut = [], change = {} }: Budget,
): readonly string[] {
  const searchedWith = tuningSeeds?.filter((seed) => (seeds ?? recipe.seeds).includes(seed));
  const held = recipe.base as Readonly<Record<string, unknown>>;
  return [
    ...Object.entries(base).flatMap(([field, value]) =>
      shown(value) === shown(held[field]) ? [] : `${field} is ${shown(value)}, in full ${shown(held[field])}`,
    ),
    ...(grid === undefined || gridInWords(grid) === gridInWords(recipe.grid ?? {})
      ? []
      : [`searched is ${gridInWords(grid)}; in full ${gridInWords(recipe.grid ?? {})}`]),
    ...(seeds === undefined || seeds.length === recipe.seeds.length
      ? []
      : [`${seeds.length} seeds, in full ${recipe.seeds.length}`]),
    ...(searchedWith === undefined || searchedWith.length === recipe.tuningSeeds.length
      ? []
      : [`every point has ${searchedWith.length} seeds, in full ${recipe.tuningSeeds.length}`]),
    ...(leaveOut.length === 0 ? [] : [`left out: ${leaveOut.join(", ")}`]),
    ...Object.entries(change).flatMap(([label, { grid: own, overrides }]) => [
      ...(own === undefined ? [] : [`of ${label}, searched is ${gridInWords(own)}`]),
      ...Object.entries(overrides ?? {}).map(([field, value]) => `of ${label}, ${field} is ${shown(value)}`),
    ]),
  ];
}
