import { GradpoolError } from "@gradpool/core";
import { didYouMean } from "@gradpool/registry";
import { z } from "zod";
import type { RecipeFile } from "./contract.js";

const grid = z.record(z.string(), z.array(z.union([z.number(), z.string()]), "give a list").min(1, "give values"));
const seeds = z.array(z.int("give integers"), "give a list of integers").min(1, "give a list of integers");
const text = z.string("give a text");

/** What a recipe's file may hold. Options of training in `base` and `overrides` are checked by their own table. */
const recipeSchema = z.strictObject({
  name: text.optional(),
  title: text.optional(),
  description: text.optional(),
  needs: z
    .strictObject({
      what: text,
      get: text,
      behaviors: z.int("give an integer").optional(),
      tasks: z.array(text, "give a list of names").optional(),
    })
    .optional(),
  base: z.looseObject({}).optional(),
  grid: grid.optional(),
  search: z
    .strictObject({
      space: z.record(z.string(), text),
      strategy: z.enum(["grid", "random", "halving"], "give grid, random or halving").optional(),
      trials: z.int("give an integer").min(2, "give two or more").optional(),
      seed: z.int("give an integer").optional(),
    })
    .optional(),
  contenders: z
    .array(
      z.strictObject({
        label: text,
        pool: text,
        overrides: z.looseObject({}).optional(),
        grid: grid.optional(),
        group: text.optional(),
        role: z.enum(["alone", "reference"], "give alone or reference").optional(),
        baseline: text.optional(),
      }),
      'give contenders: [{ "label": "EW", "pool": "ew" }, …]',
    )
    .min(1, 'give contenders: [{ "label": "EW", "pool": "ew" }, …]'),
  seeds: seeds.optional(),
  tuningSeeds: seeds.optional(),
  baseline: text.optional(),
  published: z
    .array(
      z.strictObject({ source: text, setting: text, rows: z.record(z.string(), z.record(z.string(), z.number())) }),
    )
    .optional(),
  single: z.boolean("give true or false").optional(),
  budgets: z
    .record(
      z.string(),
      z.strictObject({
        base: z.looseObject({}).optional(),
        grid: grid.optional(),
        seeds: seeds.optional(),
        tuningSeeds: seeds.optional(),
        leaveOut: z.array(text, "give a list of labels").optional(),
        change: z
          .record(z.string(), z.strictObject({ grid: grid.optional(), overrides: z.looseObject({}).optional() }))
          .optional(),
      }),
    )
    .optional(),
});

/** A recipe's file, checked: unknown fields, wrong types and values are refused by their names. Code `invalid-input`. */
export function checkRecipe(held: unknown, where: string): RecipeFile {
  const checked = recipeSchema.safeParse(held);
  if (checked.success) return checked.data as RecipeFile;
  const [issue] = checked.error.issues as [z.core.$ZodIssue];
  const refuse = (what: string, remedy: string): GradpoolError =>
    new GradpoolError({ code: "invalid-input", what, where, remedy });
  if (issue.code === "unrecognized_keys") {
    const [strange = ""] = issue.keys;
    const known = fieldsAt(issue.path);
    const inside = issue.path.length === 0 ? "" : ` of ${nameOf(issue.path)}`;
    throw refuse(`unknown field ${strange}${inside}`, didYouMean(strange, known, `there is ${known.join(", ")}`));
  }
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], held);
  const name = issue.path.length === 0 ? "the recipe" : nameOf(issue.path);
  const shown = value === undefined ? "missing" : JSON.stringify(value).slice(0, 80);
  throw refuse(`${name} is ${shown}`, issue.message);
}

/** `contenders[2].label`, counted from one. */
const nameOf = (path: readonly PropertyKey[]): string =>
  path.map((key, k) => (typeof key === "number" ? `[${key + 1}]` : `${k === 0 ? "" : "."}${String(key)}`)).join("");

/** The fields that may stand where an unknown one was found. */
function fieldsAt(path: readonly PropertyKey[]): readonly string[] {
  const [first] = path;
  const { needs, contenders, published } = recipeSchema.shape;
  if (first === "needs") return Object.keys(needs.unwrap().shape);
  if (first === "contenders") return Object.keys(contenders.element.shape);
  if (first === "published") return Object.keys(published.unwrap().element.shape);
  return Object.keys(recipeSchema.shape);
}
