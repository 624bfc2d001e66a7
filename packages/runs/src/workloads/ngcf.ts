import { given } from "@gradpool/core";
import { ngcf } from "@gradpool/models";
import { defineWorkload, type Workload } from "./contract.js";
import { encoded, graphOptions, l2Option } from "./graph.js";
import { rankingMetrics } from "./metrics.js";
import { dropoutOption } from "./model-options.js";
import { objectiveOptions } from "./objectives.js";
import { allBehaviors } from "./tasks.js";

/** NGCF: the tasks of mf on rows that layers make of the graph. */
export const ngcfWorkload: Workload = defineWorkload({
  spec: 1,
  name: "ngcf",
  summary: "NGCF in three published forms; tasks: those of mf, on rows that layers make of the training graph",
  options: {
    form: { type: "enum", values: ["paper", "official", "recbole"], default: "paper", description: "whose layers" },
    dim: { type: "number", integer: true, min: 1, default: 64, description: "width of an embedding" },
    layers: { type: "widths", default: [64, 64, 64], description: "widths of the layers" },
    dropout: { ...dropoutOption(0.1), description: "share dropped of every layer's messages" },
    l2: l2Option(1e-5),
    ...graphOptions,
    std: {
      type: "number",
      min: 0,
      exclusiveMin: true,
      default: null,
      description: "standard deviation of the start values; none: Xavier's",
    },
    ...objectiveOptions,
  },
  metrics: rankingMetrics,
  allTasks: allBehaviors,
  make: ({ options, ...request }) =>
    encoded(request, options, (parts) => {
      const { form, dim, layers, dropout, l2, edgeDropout, std } = options;
      const init = std === null ? undefined : ({ kind: "normal", std } as const);
      return ngcf({ ...parts, form, dim, layers, messageDropout: dropout, edgeDropout, l2, ...given({ init }) });
    }),
});
