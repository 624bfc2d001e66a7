export { bench, type BenchEvent, type BenchOptions, type BenchResult } from "./bench.js";
export { resolveGrid } from "./plan/grid.js";
export { makePlan, type PlanRequest } from "./plan/plan.js";
export { loadRecipe, type Recipe, type RecipeNeeds, recipeNames } from "./recipes/recipe.js";
export { readSweep, type SweepFiles } from "./results/files.js";
export type * from "./results/types.js";
export type { DiagnosticPoint, Metrics, RunCost, RunResult, TrainConfig } from "@gradpool/runs";
