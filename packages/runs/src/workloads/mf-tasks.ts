import { given } from "@gradpool/core";
import {
  bprSampler,
  type HoldOut,
  pairsSampler,
  pointwiseSampler,
  type PreparedSet,
  ratingSampler,
  type Sampler,
  valueMoments,
} from "@gradpool/data";
import {
  alignmentUniformity,
  bpr,
  categoryPair,
  itemPair,
  pointwise,
  ratings,
  socialLink,
  type TaskBuilder,
} from "@gradpool/models";
import type { TrainConfig } from "../options/training.js";

/** An objective with the batches that it learns from. */
export interface TaskParts {
  readonly build: TaskBuilder;
  readonly sampler: Sampler;
}

export interface TaskChoices {
  readonly loss: "bpr" | "bce";
  readonly gamma: number;
  readonly ratings: "standardised" | "raw";
  readonly exclude: "task" | "all";
}

/** What a task's name stands for: a behaviour, `social`, `category`, `rating`, `au`, or a kind of item pairs. */
export function taskParts(
  set: PreparedSet,
  config: TrainConfig,
  task: string,
  stream: number,
  choices: TaskChoices,
  holdOut?: HoldOut,
): TaskParts {
  const common = { batchSize: config.batch, seed: config.seed, stream, ...given({ holdOut }) };
  const { exclude } = choices;
  const negatives = { negativesPerPositive: config.negatives, negatives: config.negativeSampling, exclude };
  if (task in set.behaviors) {
    return choices.loss === "bpr"
      ? { build: bpr(task), sampler: bprSampler(set, { ...common, ...negatives, task }) }
      : { build: pointwise(task), sampler: pointwiseSampler(set, { ...common, ...negatives, task }) };
  }
  switch (task) {
    case "social":
      return { build: socialLink(task), sampler: pairsSampler(set, { ...common, relation: "social" }) };
    case "category":
      return { build: categoryPair(task), sampler: pairsSampler(set, { ...common, relation: "category" }) };
    case "rating":
      return { build: ratings(task, ratingUnit(set, choices)), sampler: ratingSampler(set, common) };
    case "au":
      return { build: alignmentUniformity(task, { gamma: choices.gamma }), sampler: bprSampler(set, common) };
    default:
      return { build: itemPair(task), sampler: pairsSampler(set, { ...common, relation: task }) };
  }
}

/** What values are measured in. Also where nothing is moved, the moments are taken: values that are all the same are refused. */
function ratingUnit(set: PreparedSet, choices: TaskChoices): { readonly offset: number; readonly scale: number } {
  const { mean, deviation } = valueMoments(set);
  return choices.ratings === "raw" ? { offset: 0, scale: 1 } : { offset: mean, scale: deviation };
}
