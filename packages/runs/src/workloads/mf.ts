import { given } from "@gradpool/core";
import { mf } from "@gradpool/models";
import { ranking } from "../evaluation/ranking.js";
import { defineWorkload, type Workload } from "./contract.js";
import { rankingMetrics } from "./metrics.js";
import { startOption } from "./model-options.js";
import { objectiveOptions, objectives, taskOptionsOf } from "./objectives.js";
import { featuresOption, reading, sideFeatures } from "./side-features.js";
import { allBehaviors } from "./tasks.js";

/** Matrix factorisation: a batch per task, behaviours and side tasks alike. */
export const mfWorkload: Workload = defineWorkload({
  spec: 1,
  name: "mf",
  summary: "matrix factorisation; tasks: behaviours, social, category, rating, au, kinds of item pairs",
  options: {
    dim: { type: "number", integer: true, min: 1, default: 32, description: "width of an embedding" },
    features: featuresOption,
    init: { type: "enum", values: ["xavier", "normal"], default: "xavier", description: "start values" },
    std: startOption(0.01),
    ...objectiveOptions,
  },
  metrics: rankingMetrics,
  allTasks: allBehaviors,
  make(request) {
    const { set, config, options } = request;
    const { tasks, feed } = objectives(request, options);
    const read = sideFeatures(request, options.features);
    const { dim, init, std } = options;
    const model = mf({
      users: set.users,
      items: set.items,
      dim,
      init: init === "normal" ? { kind: "normal", std } : { kind: "xavier" },
      ...read,
      tasks,
    });
    return {
      model,
      feed,
      evaluation: (engine) => ranking(set, config, model, engine),
      ...reading(read),
      ...given({ taskOptions: taskOptionsOf(model) }),
    };
  },
});
