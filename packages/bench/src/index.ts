export { bench, type BenchEvent, type BenchOptions, type BenchResult } from "./bench.js";
export { nameAt } from "./plan/label.js";
export { resolveGrid } from "./plan/grid.js";
export type { SearchRequest } from "./space/request.js";
export { readSweepSoFar } from "./under-way.js";
export { makePlan, type PlanRequest } from "./plan/plan.js";
export type { Recipe, RecipeNeeds } from "./recipes/contract.js";
export { loadRecipe, recipeNames } from "./recipes/recipe.js";
export { readSweep } from "./results/files.js";
export { type ResultTexts, type SweepFiles, sweepFromTexts } from "./results/read.js";
export { checkRecord } from "./results/schema.js";
export type * from "./results/types.js";
export { codeOf } from "./search/code.js";
export { readFinished } from "./trials/finished.js";
export { trialName } from "./trials/board.js";
export { exitInterrupted } from "./trials/job.js";
export { localRunner } from "./trials/process.js";
export { runTrial, type RunTrialOptions, type TrialOutcome } from "./trials/run-trial.js";
export type { TrialEnd, TrialRun, TrialRunner } from "./trials/runner.js";
export type {
  DiagnosticPoint,
  Metrics,
  RecordedEntry,
  RecordedMetrics,
  RunCost,
  RunResult,
  TrainConfig,
} from "@gradpool/runs";
export { isRun, readRuns } from "./runs.js";
