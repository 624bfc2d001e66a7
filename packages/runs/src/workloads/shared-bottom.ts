import { given } from "@gradpool/core";
import { type HoldOut, jointSampler } from "@gradpool/data";
import { sharedBottom } from "@gradpool/models";
import { jointFeed } from "@gradpool/trainer";
import { ranking } from "../evaluation/ranking.js";
import { defineWorkload, type Workload } from "./contract.js";
import { rankingMetrics } from "./metrics.js";
import { samplersFor } from "./draws.js";
import { dropoutOption, startOption } from "./model-options.js";
import { featuresOption, reading, sideFeatures } from "./side-features.js";
import { allBehaviors, requireTasks } from "./tasks.js";

/** The thesis' shared bottom: pairs with the labels of all tasks. */
export const sharedBottomWorkload: Workload = defineWorkload({
  spec: 1,
  name: "shared-bottom",
  summary: "matrix factorisation and an MLP below one tower per task; tasks: behaviours",
  options: {
    dim: { type: "number", integer: true, min: 1, default: 64, description: "width of each of the four embeddings" },
    mlp: { type: "widths", default: [32, 16, 8], description: "layers of the MLP" },
    tower: { type: "widths", default: [64, 32], description: "hidden layers of a task's tower" },
    dropout: dropoutOption(0.5),
    std: startOption(0.01),
    features: featuresOption,
  },
  metrics: rankingMetrics,
  allTasks: allBehaviors,
  make({ options: { std, features, ...sizes }, ...request }) {
    const { set, config, needs } = request;
    const read = sideFeatures(request, features);
    const known = Object.keys(set.behaviors);
    requireTasks(config.tasks, known, (task) => `${task} is no behaviour`, "shared-bottom learns");
    const model = sharedBottom({
      users: set.users,
      items: set.items,
      tasks: config.tasks,
      ...sizes,
      ...read,
      init: { kind: "normal", std },
    });
    const sampler = (stream: number, holdOut: HoldOut | undefined) =>
      jointSampler(set, {
        tasks: config.tasks,
        batchSize: config.batch,
        seed: config.seed,
        stream,
        negativesPerPositive: config.negatives,
        negatives: config.negativeSampling,
        missing: config.missing,
        ...given({ holdOut }),
      });
    const { first, more } = samplersFor(config, needs, sampler, sampler);
    return {
      model,
      feed: jointFeed(first, more),
      evaluation: (engine) => ranking(set, config, model, engine),
      ...reading(read),
    };
  },
});
