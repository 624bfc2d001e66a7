import { given, type JsonObject } from "@gradpool/core";
import { type EmbeddingModel, mf } from "@gradpool/models";
import { perTaskFeed } from "@gradpool/trainer";
import { factsOf } from "../data/facts.js";
import { ranking } from "../evaluation/ranking.js";
import { defineWorkload, type Workload } from "./contract.js";
import { taskParts } from "./mf-tasks.js";
import { rankingMetrics } from "./metrics.js";
import { allBehaviors, requireTasks } from "./tasks.js";

/** Matrix factorisation: a batch per task, behaviours and side tasks alike. */
export const mfWorkload: Workload = defineWorkload({
  spec: 1,
  name: "mf",
  summary: "matrix factorisation; tasks: behaviours, social, category, rating, au, kinds of item pairs",
  options: {
    dim: { type: "number", integer: true, min: 1, default: 32, description: "width of an embedding" },
    loss: { type: "enum", values: ["bpr", "bce"], default: "bpr", description: "what behaviours learn by" },
    gamma: { type: "number", default: 1, description: "au: weight of the uniformity" },
    ratings: {
      type: "enum",
      values: ["standardised", "raw"],
      default: "standardised",
      description: "rating: the unit of the values",
    },
  },
  metrics: rankingMetrics,
  allTasks: allBehaviors,
  make({ set, config, options }) {
    const facts = factsOf(set);
    const { behaviors, itemPairs } = facts.tasks;
    const known = [...behaviors, ...itemPairs, "social", "category", "rating", "au"].filter(facts.offers);
    requireTasks(config.tasks, known, (task) => `the data has nothing for the task ${task}`, "it offers");
    const parts = config.tasks.map((task, stream) => taskParts(set, config, task, stream, options));
    const model = mf({
      users: set.users,
      items: set.items,
      dim: options.dim,
      tasks: parts.map(({ build }) => build),
    });
    return {
      model,
      feed: perTaskFeed(parts.map(({ sampler }) => sampler)),
      evaluation: (engine) => ranking(set, config, model, engine),
      ...given({ taskOptions: taskOptionsOf(model) }),
    };
  },
});

function taskOptionsOf({ tasks }: EmbeddingModel): Readonly<Record<string, JsonObject>> | undefined {
  const held = tasks.flatMap(({ name, options }) => (options === undefined ? [] : [[name, options] as const]));
  return held.length === 0 ? undefined : Object.fromEntries(held);
}
