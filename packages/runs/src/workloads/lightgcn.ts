import { lightgcn } from "@gradpool/models";
import { defineWorkload, type Workload } from "./contract.js";
import { encoded, graphOptions, l2Option } from "./graph.js";
import { rankingMetrics } from "./metrics.js";
import { startOption } from "./model-options.js";
import { objectiveOptions } from "./objectives.js";
import { allBehaviors } from "./tasks.js";

/** LightGCN: the tasks of mf on rows that are averaged over the graph. */
export const lightgcnWorkload: Workload = defineWorkload({
  spec: 1,
  name: "lightgcn",
  summary: "LightGCN; tasks: those of mf, on rows averaged over the training graph",
  options: {
    dim: { type: "number", integer: true, min: 1, default: 64, description: "width of an embedding" },
    layers: { type: "number", integer: true, min: 0, default: 3, description: "hops that a row reaches; 0 is mf" },
    l2: l2Option(1e-4),
    ...graphOptions,
    init: { type: "enum", values: ["normal", "xavier"], default: "normal", description: "start values" },
    std: startOption(0.1),
    ...objectiveOptions,
  },
  metrics: rankingMetrics,
  allTasks: allBehaviors,
  make: ({ options, ...request }) =>
    encoded(request, options, (parts) => {
      const { dim, layers, l2, edgeDropout, init, std } = options;
      const start = init === "xavier" ? ({ kind: "xavier" } as const) : ({ kind: "normal", std } as const);
      return lightgcn({ ...parts, dim, layers, l2, edgeDropout, init: start });
    }),
});
