import { ple } from "@gradpool/models";
import { defineWorkload, type Workload } from "./contract.js";
import { countOption, expertOptions, onImpressions } from "./impressions.js";
import { classificationMetrics } from "./metrics.js";
import { allLabels } from "./tasks.js";

/** Progressive layered extraction. */
export const pleWorkload: Workload = defineWorkload({
  spec: 1,
  name: "ple",
  summary: "levels of own and shared experts (PLE); tasks: labels of impressions",
  options: {
    ...expertOptions,
    levels: countOption(2, "levels of experts"),
    own: countOption(1, "a task's own experts, in a level"),
    shared: countOption(1, "shared experts, in a level"),
  },
  metrics: classificationMetrics,
  streams: true,
  allTasks: allLabels,
  make: (request) =>
    onImpressions(request, (fields) => {
      const { interaction, expert, gate, gateBias, head, dropout, batchNorm, own, shared, levels } = request.options;
      return ple({ ...fields, interaction, expert, gate, gateBias, head, dropout, batchNorm, own, shared, levels });
    }),
});
