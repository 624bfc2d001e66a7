import type { PreparedSet } from "@gradpool/data";
import type { OptionSpecs, ValuesOf } from "../options/spec.js";
import { defineWorkload, type Workload, type WorkloadDefinition, type WorkloadRequest } from "./contract.js";
import { rankingMetrics } from "./metrics.js";
import { optionError } from "../options/errors.js";

/** Scores of all items for some users, as `scoreRanker` asks for them: `out[k · items + i]`. */
export type Scores = (users: Int32Array, out: Float32Array) => void;

/** What answers without training: the reference that a trained model has to beat. */
export interface UntrainedDefinition<S extends OptionSpecs> extends Pick<
  WorkloadDefinition<S>,
  "name" | "summary" | "options"
> {
  /** Counts, once, whatever the scores need; from the training part of the first task alone. */
  scores(set: PreparedSet, task: string, options: ValuesOf<S>): Scores;
}

/** A reference as a workload, so that it stands among the contenders of a comparison and on the same metrics. */
export function defineUntrained<const S extends OptionSpecs>({ scores, ...rest }: UntrainedDefinition<S>): Workload {
  return defineWorkload({
    spec: 1,
    ...rest,
    metrics: rankingMetrics,
    allTasks: ({ target }) => [target],
    untrained: ({ set, config, options }: WorkloadRequest<S>) =>
      scores(set, config.tasks[0] as string, options as ValuesOf<S>),
    make: () => {
      const remedy = "train a model, or judge it again with train or bench";
      throw optionError(`${rest.name} learns nothing: there is no trained model to open`, "model", remedy);
    },
  });
}
