import { clickModel } from "@gradpool/models";
import { defineWorkload, type Workload } from "./contract.js";
import { headOption, inputOptions, interactionOption, onImpressions } from "./impressions.js";
import { classificationMetrics } from "./metrics.js";
import { batchNormOption, dropoutOption } from "./model-options.js";
import { allLabels } from "./tasks.js";

/** Click models: rows of features with labels. */
export const clickWorkload: Workload = defineWorkload({
  spec: 1,
  name: "click",
  summary: "embeddings of features, an interaction, a trunk and a head per task; tasks: labels of impressions",
  options: {
    ...inputOptions,
    interaction: interactionOption("dcn"),
    structure: {
      type: "enum",
      values: ["stacked", "parallel"],
      default: "stacked",
      description: "DCN's cross layers: before the trunk, or beside it",
    },
    trunk: { type: "widths", default: [256, 128, 64], description: "layers of the shared trunk" },
    head: headOption([32]),
    dropout: dropoutOption(0),
    batchNorm: batchNormOption,
  },
  metrics: classificationMetrics,
  streams: true,
  allTasks: allLabels,
  make: (request) =>
    onImpressions(request, (fields) => {
      const { interaction, structure, trunk, head, dropout, batchNorm } = request.options;
      return clickModel({ ...fields, interaction, structure, trunk, head, dropout, batchNorm });
    }),
});
