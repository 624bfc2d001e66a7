import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateShop, type PreparedSet, writePrepared } from "@gradpool/data";
import { defaultConfig, factsOf, type TrainConfig } from "@gradpool/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bench } from "../src/bench.js";
import { makePlan } from "../src/plan/plan.js";
import { loadRecipe } from "../src/recipes/recipe.js";
import { trialId } from "../src/search/trials.js";

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-ratings-"));
  await writePrepared(plays, join(folder, "plays"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const data = "shop(users=60,items=50)";
const set = generateShop({ users: 60, items: 50 });

/** The shop, each purchase with another value. */
function withValues(value: (k: number) => number): PreparedSet {
  const buy = set.behaviors["buy"]!;
  const values = buy.train.values!.map((_, k) => value(k));
  return { ...set, behaviors: { ...set.behaviors, buy: { ...buy, train: { ...buy.train, values } } } };
}
/** Plays of a song: thousands of different numbers, up to hundreds of thousands. */
const plays = withValues((k) => 1 + ((k * 7919) % 350_000));

const config: TrainConfig = {
  ...defaultConfig,
  data,
  tasks: ["buy", "rating"],
  epochs: 4,
  batch: 64,
  lr: 0.02,
  metrics: ["ndcg@10"],
};

describe("trials with the task rating", () => {
  it("are other trials than ratings that were only centred, whose names followed from the configuration alone", () => {
    const before = (held: TrainConfig): string => {
      const later = ["data", "rows", "missing"];
      const named = Object.entries({ ...held, dataHash: "h" }).filter(([name]) => !later.includes(name));
      const sorted = named.sort(([a], [b]) => (a < b ? -1 : 1));
      return createHash("sha256")
        .update(JSON.stringify(Object.fromEntries(sorted)))
        .digest("hex")
        .slice(0, 16);
    };
    expect(trialId(config, "h")).not.toBe(before(config));
    const unrated = { ...config, tasks: ["buy"] };
    expect(trialId(unrated, "h")).toBe(before(unrated));
  });
});

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
    const facts = factsOf(alone, "h");
    const recipe = loadRecipe("pmtrec");
    expect(() => makePlan({ recipe, config: {} }, facts)).toThrow(
      /this set has no side task .*Epinions.*; the values of buy are taken for counts, not ratings.*--tasks target,side,rating/,
    );
    const made = makePlan({ recipe, config: { tasks: ["target", "rating"] } }, facts);
    expect(made.base.tasks).toEqual(["buy", "rating"]);
  });
});
