import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { GradpoolError } from "@gradpool/core";
import { refuseInfinite } from "@gradpool/files";
import { didYouMean } from "@gradpool/registry";
import { checkConfig, optionError } from "@gradpool/runs";
import { ownFolder } from "../package/folder.js";
import type { Recipe } from "./contract.js";
import { withBudget } from "./budget.js";
import { checkRecipe } from "./schema.js";

const folder: string = join(ownFolder, "recipes");

export const recipeNames = (): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -5))
    .sort();

/** One of ours by its name, or the recipe in a file: a name with a slash, or one that ends in `.json`; `budget`: a shorter schedule of it. */
export function loadRecipe(name: string, budget?: string): Recipe {
  return budget === undefined ? recipeOf(name) : withBudget(recipeOf(name), budget);
}

function recipeOf(name: string): Recipe {
  if (/[/\\]|\.json$/.test(name)) return readRecipe(name);
  const known = recipeNames();
  if (known.includes(name)) return readRecipe(join(folder, `${name}.json`));
  throw optionError(
    `unknown recipe ${name}`,
    "recipe",
    didYouMean(name, known, `the recipes are ${known.join(", ")}; for one of your own give the path of its file`),
  );
}

/** What a file may leave out. */
const defaults = { description: "", needs: { what: "nothing more", get: "" }, base: {}, grid: {}, tuningSeeds: [1] };

function readRecipe(path: string): Recipe {
  const where = `recipe ${path}`;
  const recipe = checkRecipe(readJson(path, where), where);
  for (const { label, overrides = {} } of recipe.contenders) checkConfig(overrides, `${where}, overrides of ${label}`);
  checkConfig(recipe.base ?? {}, `${where}, base`);
  for (const [named, budget] of Object.entries(recipe.budgets ?? {})) {
    checkConfig(budget.base ?? {}, `${where}, base of the budget ${named}`);
    for (const [label, { overrides = {} }] of Object.entries(budget.change ?? {}))
      checkConfig(overrides, `${where}, budget ${named}, overrides of ${label}`);
  }
  const labels = recipe.contenders.map(({ label }) => label);
  for (const baseline of [recipe.baseline, ...recipe.contenders.map((contender) => contender.baseline)]) {
    if (baseline === undefined || labels.includes(baseline)) continue;
    const remedy = didYouMean(baseline, labels, `give one of ${labels.join(", ")}`);
    throw new GradpoolError({
      code: "invalid-input",
      what: `no contender ${baseline}, the baseline`,
      where,
      remedy,
    });
  }
  const name = basename(path, ".json");
  return { name, title: name, seeds: [1, 2, 3], ...defaults, ...recipe };
}

function readJson(path: string, where: string): unknown {
  let text: string;
  let held: unknown;
  try {
    text = readFileSync(path, "utf8");
    held = JSON.parse(text);
  } catch (cause) {
    const unread = (cause as NodeJS.ErrnoException).code !== undefined;
    const remedy = "give the path of a recipe's JSON file";
    throw new GradpoolError({
      code: "invalid-input",
      what: unread ? "cannot be read" : "not JSON",
      where,
      remedy,
      cause,
    });
  }
  refuseInfinite(text, where);
  return held;
}
