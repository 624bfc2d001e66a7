import { type ImpressionsBatch, impressionsSampler, type PreparedSet } from "@gradpool/data";
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
  const rows = (part: "valid" | "test") => rowsOf(set, part, tasks);
  return classificationEvaluator({ engine, metrics, rows, funnel });
}

/** All rows of a part in their order, batch by batch, wherever they are. */
export async function* rowsOf(
  set: PreparedSet,
  part: "valid" | "test",
  tasks: readonly string[],
  size: number = batchSize,
): AsyncGenerator<ImpressionsBatch, void, undefined> {
  const sampler = impressionsSampler(set, { part, shuffle: false, batchSize: size, tasks });
  try {
    for (let k = 0; k < sampler.batchesPerEpoch; k++) {
      await sampler.ready?.();
      yield sampler.next();
    }
  } finally {
    sampler.close?.();
  }
}
