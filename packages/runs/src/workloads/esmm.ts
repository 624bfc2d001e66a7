import { esmm } from "@gradpool/models";
import { defineWorkload, type Workload } from "./contract.js";
import { headOption, inputOptions, onImpressions } from "./impressions.js";
import { classificationMetrics } from "./metrics.js";
import { batchNormOption, dropoutOption } from "./model-options.js";

/** Entire space multi-task model. */
export const esmmWorkload: Workload = defineWorkload({
  spec: 1,
  name: "esmm",
  summary:
    "click and conversion after click, both on all impressions (ESMM); tasks: two labels, in the order of the funnel",
  options: {
    ...inputOptions,
    head: headOption([128, 64, 32]),
    dropout: dropoutOption(0),
    batchNorm: batchNormOption,
  },
  metrics: classificationMetrics,
  streams: true,
  allTasks: ({ tasks }) => tasks.impressions,
  make: (request) =>
    onImpressions(
      request,
      (fields) => {
        const { head, dropout, batchNorm } = request.options;
        return esmm({ ...fields, head, dropout, batchNorm });
      },
      { funnel: true },
    ),
});
