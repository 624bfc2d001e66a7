import { given } from "@gradpool/core";
import { mmoe } from "@gradpool/models";
import { defineWorkload, type Workload } from "./contract.js";
import { expertOptions, onImpressions } from "./impressions.js";
import { classificationMetrics } from "./metrics.js";
import { allLabels } from "./tasks.js";

/** Multi-gate mixture of experts. */
export const mmoeWorkload: Workload = defineWorkload({
  spec: 1,
  name: "mmoe",
  summary: "multi-gate mixture of experts (MMoE); tasks: labels of impressions",
  options: {
    ...expertOptions,
    experts: {
      type: "number",
      integer: true,
      min: 1,
      default: null,
      description: "experts that the tasks share; one more than tasks where not given",
    },
  },
  metrics: classificationMetrics,
  streams: true,
  allTasks: allLabels,
  make: (request) =>
    onImpressions(request, (fields) => {
      const { experts, interaction, expert, gate, gateBias, head, dropout, batchNorm } = request.options;
      return mmoe({
        ...fields,
        ...given({ experts: experts ?? undefined }),
        interaction,
        expert,
        gate,
        gateBias,
        head,
        dropout,
        batchNorm,
      });
    }),
});
