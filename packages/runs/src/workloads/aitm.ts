import { aitm } from "@gradpool/models";
import { defineWorkload, type Workload } from "./contract.js";
import { headOption, inputOptions, onImpressions } from "./impressions.js";
import { classificationMetrics } from "./metrics.js";
import { batchNormOption, dropoutOption } from "./model-options.js";

/** Adaptive information transfer along a funnel. */
export const aitmWorkload: Workload = defineWorkload({
  spec: 1,
  name: "aitm",
  summary: "steps of a funnel that hand on what they learned (AITM); tasks: labels, in the order of the funnel",
  options: {
    ...inputOptions,
    bottom: { type: "widths", default: [128, 64, 32], description: "layers of a step's bottom" },
    head: headOption([]),
    attention: {
      type: "enum",
      values: ["per-step", "shared"],
      default: "per-step",
      description: "an attention for each step, or one for all",
    },
    calibrator: {
      type: "number",
      min: 0,
      default: 0.6,
      description: "weight of the calibrator, which no pool sees; 0: none",
    },
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
        const { bottom, head, attention, calibrator, dropout, batchNorm } = request.options;
        return aitm({ ...fields, bottom, head, attention, calibrator, dropout, batchNorm });
      },
      { funnel: true },
    ),
});
