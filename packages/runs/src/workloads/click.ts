import { impressionsSampler } from "@gradpool/data";
import { clickModel } from "@gradpool/models";
import { jointFeed } from "@gradpool/trainer";
import { classification } from "../evaluation/classification.js";
import { optionError } from "../options/errors.js";
import { defineWorkload, type Workload } from "./contract.js";
import { classificationMetrics } from "./metrics.js";
import { dropoutOption, startOption } from "./model-options.js";
import { requireTasks } from "./tasks.js";

/** Click models: rows of features with labels. */
export const clickWorkload: Workload = defineWorkload({
  spec: 1,
  name: "click",
  summary: "embeddings of features, an interaction, a trunk and a head per task; tasks: labels of impressions",
  options: {
    dim: { type: "number", integer: true, min: 1, default: 16, description: "width of an embedding" },
    interaction: {
      type: "enum",
      values: ["dcn", "deepfm", "none"],
      default: "dcn",
      description: "how features meet before the trunk",
    },
    trunk: { type: "widths", default: [256, 128, 64], description: "layers of the shared trunk" },
    head: { type: "widths", default: [32], description: "hidden layers of a head" },
    dropout: dropoutOption(0),
    std: startOption(0.01),
  },
  metrics: classificationMetrics,
  allTasks: ({ tasks }) => tasks.impressions,
  make({ set, config, options: { std, ...sizes } }) {
    const { tasks, batch, seed } = config;
    const { impressions } = set;
    if (impressions === undefined) {
      const remedy = "use a model of pairs, or prepare a set with labels per row";
      throw optionError("the data has no impressions, which click learns from", "model", remedy);
    }
    requireTasks(tasks, impressions.tasks, (task) => `${task} is no label of the impressions`, "they have");
    const first = impressionsSampler(set, { tasks, batchSize: 1, shuffle: false }).next();
    const model = clickModel({
      fields: first.fields.map(({ name, vocabulary, kind }) => ({ name, vocabulary, kind })),
      numerical: first.numericalNames.length,
      tasks,
      ...sizes,
      init: { kind: "normal", std },
    });
    return {
      model,
      feed: jointFeed(impressionsSampler(set, { tasks, batchSize: batch, seed })),
      evaluation: (engine) => classification(set, config, engine),
    };
  },
});
