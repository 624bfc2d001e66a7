import { pleDeepfm } from "@gradpool/models";
import { defineWorkload, type Workload } from "./contract.js";
import { countOption, expertOptions, headOption, onImpressions } from "./impressions.js";
import { classificationMetrics } from "./metrics.js";
import { dropoutOption } from "./model-options.js";
import { allLabels } from "./tasks.js";

/** GradCraft's backbone. */
export const pleDeepfmWorkload: Workload = defineWorkload({
  spec: 1,
  name: "ple-deepfm",
  summary: "GradCraft's backbone: one level of PLE, towers that also read FM's products; tasks: labels of impressions",
  options: {
    ...expertOptions,
    head: headOption([32, 16]),
    dropout: dropoutOption(0.2),
    levels: countOption(1, "levels of experts"),
    own: countOption(1, "a task's own experts, in a level"),
    shared: countOption(1, "shared experts, in a level"),
  },
  metrics: classificationMetrics,
  streams: true,
  allTasks: allLabels,
  make: (request) =>
    onImpressions(request, (fields) => {
      const { interaction, expert, gate, gateBias, head, dropout, batchNorm, own, shared, levels } = request.options;
      return pleDeepfm({
        ...fields,
        interaction,
        expert,
        gate,
        gateBias,
        head,
        dropout,
        batchNorm,
        own,
        shared,
        levels,
      });
    }),
});
