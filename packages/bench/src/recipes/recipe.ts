import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { GradpoolError } from "@gradpool/core";
import { didYouMean } from "@gradpool/registry";
import { checkConfig, optionError } from "@gradpool/runs";
import { ownFolder } from "../package/folder.js";
import type { Recipe } from "./contract.js";
import { checkRecipe } from "./schema.js";

const folder: string = join(ownFolder, "recipes");

export const recipeNames = (): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -5))
    .sort();

/** One of ours by its name, or the recipe in a file: a name with a slash, or one that ends in `.json`. */
export function loadRecipe(name: string): Recipe {
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
  const labels = recipe.contenders.map(({ label }) => label);
  if (recipe.baseline !== undefined && !labels.includes(recipe.baseline)) {
    const remedy = didYouMean(recipe.baseline, labels, `give one of ${labels.join(", ")}`);
    throw new GradpoolError({
      code: "invalid-input",
      what: `no contender ${recipe.baseline}, the baseline`,
      where,
      remedy,
    });
  }
  const name = basename(path, ".json");
  return { name, title: name, seeds: [1, 2, 3], ...defaults, ...recipe };
}

function readJson(path: string, where: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
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
}
