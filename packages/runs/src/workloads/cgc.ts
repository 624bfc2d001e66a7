import { cgc } from "@gradpool/models";
import { defineWorkload, type Workload } from "./contract.js";
import { countOption, expertOptions, onImpressions } from "./impressions.js";
import { classificationMetrics } from "./metrics.js";
import { allLabels } from "./tasks.js";

/** Customized gate control: PLE of one level. */
export const cgcWorkload: Workload = defineWorkload({
  spec: 1,
  name: "cgc",
  summary: "own and shared experts (CGC, PLE of one level); tasks: labels of impressions",
  options: {
    ...expertOptions,
    own: countOption(1, "a task's own experts, in a level"),
    shared: countOption(1, "shared experts, in a level"),
  },
  metrics: classificationMetrics,
  streams: true,
  allTasks: allLabels,
  make: (request) =>
    onImpressions(request, (fields) => {
      const { interaction, expert, gate, gateBias, head, dropout, batchNorm, own, shared } = request.options;
      return cgc({ ...fields, interaction, expert, gate, gateBias, head, dropout, batchNorm, own, shared });
    }),
});
