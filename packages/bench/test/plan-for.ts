import { type DataFacts, defaultConfig, parseCall, type Workload, workloads } from "@gradpool/runs";
import { planOf, type PlanRequest } from "../src/plan/plan.js";
import type { Plan } from "../src/results/types.js";

/** A plan with one of our models, at once. */
export function planFor(request: PlanRequest, facts: DataFacts): Plan {
  const { model } = { ...defaultConfig, ...request.recipe.base, ...request.config };
  const { name } = parseCall(model, "model");
  return planOf(request, facts, workloads.find((workload) => workload.name === name) as Workload);
}
