import { impressionsSampler, type PreparedSet } from "@gradpool/data";
import { classificationEvaluator, type Engine, type Evaluate } from "@gradpool/trainer";
import type { TrainConfig } from "../options/training.js";

/** Rows of an evaluation's batch. */
const batchSize = 4096;

/** Quality on the labelled rows of the set's impressions; `funnel`: also of each step given the one before. */
export function classification(
  set: PreparedSet,
  { tasks, metrics }: TrainConfig,
  engine: Engine,
  funnel: boolean = false,
): Evaluate {
  function* rows(part: "valid" | "test") {
    const sampler = impressionsSampler(set, { part, shuffle: false, batchSize, tasks });
    for (let k = 0; k < sampler.batchesPerEpoch; k++) yield sampler.next();
  }
  return classificationEvaluator({ engine, metrics, rows, funnel });
}
