import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { GradpoolError } from "@gradpool/core";
import { didYouMean } from "@gradpool/registry";
import { checkConfig, optionError, type TrainConfig } from "@gradpool/runs";
import { ownFolder } from "../package/folder.js";
import type { Plan } from "../results/types.js";

/** What a recipe asks of a data set. */
export interface RecipeNeeds {
  /** "pairs of several behaviours, purchases among them". */
  readonly what: string;
  /** Where users get such data and how they prepare it. */
  readonly get: string;
  /** At least so many behaviours. */
  readonly behaviors?: number;
  /** Tasks that the data must offer: `social`, `category`, `rating`, `impressions`, or a behaviour's name. */
  readonly tasks?: readonly string[];
}

/** A comparison as a JSON file: one of ours (packages/bench/recipes), or a user's. */
export interface Recipe extends Omit<Plan, "base" | "baseline" | "published" | "grid" | "single"> {
  readonly needs: RecipeNeeds;
  /** `tasks: ["*"]` stands for the target and every other behaviour that the data has. */
  readonly base: Partial<TrainConfig>;
  readonly grid?: Plan["grid"];
  /** Add a single-task run of every task: they anchor the relative improvement. */
  readonly single?: boolean;
  readonly baseline?: string;
  readonly published?: Plan["published"];
}

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

const fields = "name title description needs base grid contenders seeds tuningSeeds baseline published single".split(
  " ",
);

function readRecipe(path: string): Recipe {
  const wrong = (what: string, remedy: string, cause?: unknown): GradpoolError =>
    new GradpoolError({ code: "invalid-input", what, where: `recipe ${path}`, remedy, cause });
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const unread = (cause as NodeJS.ErrnoException).code !== undefined;
    throw wrong(unread ? "cannot be read" : "not JSON", "give the path of a recipe's JSON file", cause);
  }
  if (!isRecord(given)) throw wrong("not an object", "give { title, base, contenders, seeds }");
  const name = basename(path, ".json");
  const recipe: Record<string, unknown> = { name, title: name, seeds: [1, 2, 3], ...defaults, ...given };
  const strange = Object.keys(given).find((field) => !fields.includes(field));
  if (strange !== undefined) throw wrong(`unknown field ${strange}`, suggest(strange, fields));
  const { contenders, base, seeds, tuningSeeds } = recipe;
  for (const [field, value] of Object.entries({ seeds, tuningSeeds })) {
    if (!Array.isArray(value) || value.length === 0 || !value.every(Number.isInteger))
      throw wrong(`${field} is ${JSON.stringify(value)}`, "give a list of integers");
  }
  if (!Array.isArray(contenders) || contenders.length === 0) {
    throw wrong("no contenders", 'give contenders: [{ "label": "EW", "pool": "ew" }, …]');
  }
  contenders.forEach((contender: unknown, k) => {
    if (!isRecord(contender) || typeof contender["label"] !== "string" || typeof contender["pool"] !== "string")
      throw wrong(`contender ${k + 1} is ${JSON.stringify(contender)}`, "give it a label and a pool, both strings");
    checkConfig(contender["overrides"] ?? {}, `recipe ${path}, overrides of ${contender["label"]}`);
  });
  checkConfig(base, `recipe ${path}, base`);
  return recipe as unknown as Recipe;
}

const suggest = (word: string, known: readonly string[]): string =>
  didYouMean(word, known, `there is ${known.join(", ")}`);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
