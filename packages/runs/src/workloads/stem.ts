import { stem } from "@gradpool/models";
import { defineWorkload, type Workload } from "./contract.js";
import { countOption, expertOptions, onImpressions } from "./impressions.js";
import { classificationMetrics } from "./metrics.js";
import { allLabels } from "./tasks.js";

const { interaction: _none, ...withoutInteraction } = expertOptions;

/** Shared and task-specific embeddings. */
export const stemWorkload: Workload = defineWorkload({
  spec: 1,
  name: "stem",
  summary: "embeddings per task and shared ones (STEM); tasks: labels of impressions",
  options: {
    ...withoutInteraction,
    numericalInput: { type: "enum", values: ["raw"], default: "raw", description: "numerical features, as they are" },
    layers: countOption(1, "layers of experts; from 2 on, tasks' embeddings are shared too"),
    own: countOption(1, "a task's own experts, in a layer"),
    shared: countOption(1, "shared experts, in a layer"),
  },
  metrics: classificationMetrics,
  streams: true,
  allTasks: allLabels,
  make: (request) =>
    onImpressions(request, (fields) => {
      const { expert, gate, gateBias, head, dropout, batchNorm, layers, own, shared } = request.options;
      return stem({ ...fields, expert, gate, gateBias, head, dropout, batchNorm, layers, own, shared });
    }),
});
