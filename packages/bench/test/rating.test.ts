import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateShop, type PreparedSet, writePrepared } from "@gradpool/data";
import { factsOf, type TrainConfig } from "@gradpool/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bench } from "../src/bench.js";
import { loadRecipe } from "../src/recipes/recipe.js";
import { planFor } from "./plan-for.js";

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-ratings-"));
  await writePrepared(plays, join(folder, "plays"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const set = generateShop({ users: 60, items: 50 });

/** The shop, each purchase with another value. */
function withValues(value: (k: number) => number): PreparedSet {
  const buy = set.behaviors["buy"]!;
  const values = buy.train.values!.map((_, k) => value(k));
  return { ...set, behaviors: { ...set.behaviors, buy: { ...buy, train: { ...buy.train, values } } } };
}
/** Plays of a song: thousands of different numbers, up to hundreds of thousands. */
const plays = withValues((k) => 1 + ((k * 7919) % 350_000));

describe("recipes that ask for side tasks", () => {
  it("say once that the values are taken for counts, before anything runs", async () => {
    const notes: string[] = [];
    const stopped = bench({
      recipe: loadRecipe("pmtrec"),
      config: { data: join(folder, "plays") },
      out: join(folder, "sweep"),
      onNote: (line) => notes.push(line),
      signal: AbortSignal.abort(),
    });
    await expect(stopped).rejects.toThrow(/interrupted/);
    expect(notes).toEqual([expect.stringContaining("taken for counts")]);
    const plan = JSON.parse(readFileSync(join(folder, "sweep", "plan.json"), "utf8")) as { readonly base: TrainConfig };
    expect(plan.base.tasks).toEqual(["buy", "social", "category"]);
  });

  it("that need one refuse a set with counts alone, unless they are named", () => {
    const { social: _social, categories: _categories, ...alone } = plays;
    const facts = factsOf(alone);
    const recipe = loadRecipe("pmtrec");
    expect(() => planFor({ recipe, config: {} }, facts)).toThrow(
      /this set has no side task .*Epinions.*; the values of buy are taken for counts, not ratings.*`tasks` target,side,rating/,
    );
    const made = planFor({ recipe, config: { tasks: ["target", "rating"] } }, facts);
    expect(made.base.tasks).toEqual(["buy", "rating"]);
  });
});
