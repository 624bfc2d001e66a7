import type { ConformanceCase } from "../case.js";
import { declare, type Runner } from "../runner.js";
import { gradientCases } from "./gradients.js";
import { ownershipCases } from "./ownership.js";
import { rankingCases } from "./ranking.js";
import { stateCases } from "./state.js";
import { structureCases } from "./structure.js";
import type { ModelKit, ModelLike } from "./types.js";

/** Everything that the suite checks of a model, as a list. */
export function modelCases<M extends ModelLike>(model: M, kit: ModelKit<M>): ConformanceCase[] {
  return [
    ...structureCases(model, kit),
    ...gradientCases(model, kit),
    ...stateCases(model, kit),
    ...ownershipCases(model, kit),
    ...rankingCases(model, kit),
  ];
}

/** Declares the suite in a test runner: `describeModel(model, { describe, it, createEngine, batches })`. */
export function describeModel<M extends ModelLike>(model: M, kit: Runner & ModelKit<M>): void {
  declare(`${model.name} conforms`, modelCases(model, kit), kit);
}
