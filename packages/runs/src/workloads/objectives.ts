import type { JsonObject } from "@gradpool/core";
import type { PreparedSet } from "@gradpool/data";
import type { EmbeddingModel } from "@gradpool/models";
import { factsOf } from "../data/facts.js";
import type { TrainConfig } from "../options/training.js";
import { type TaskChoices, type TaskParts, taskParts } from "./mf-tasks.js";
import { requireTasks } from "./tasks.js";

/** Options of every model whose tasks have batches of their own: what these learn by. */
export const objectiveOptions = {
  loss: { type: "enum", values: ["bpr", "bce"], default: "bpr", description: "what behaviours learn by" },
  gamma: { type: "number", default: 1, description: "au: weight of the uniformity" },
  ratings: {
    type: "enum",
    values: ["standardised", "raw"],
    default: "standardised",
    description: "rating: the unit of the values",
  },
} as const;

/** The tasks of a configuration, with their batches: behaviours and side tasks alike. */
export function objectives(set: PreparedSet, config: TrainConfig, choices: TaskChoices): readonly TaskParts[] {
  const facts = factsOf(set);
  const { behaviors, itemPairs } = facts.tasks;
  const known = [...behaviors, ...itemPairs, "social", "category", "rating", "au"].filter(facts.offers);
  requireTasks(config.tasks, known, (task) => `the data has nothing for the task ${task}`, "it offers");
  return config.tasks.map((task, stream) => taskParts(set, config, task, stream, choices));
}

/** What tasks took from the data. */
export function taskOptionsOf({
  tasks,
}: Pick<EmbeddingModel, "tasks">): Readonly<Record<string, JsonObject>> | undefined {
  const held = tasks.flatMap(({ name, options }) => (options === undefined ? [] : [[name, options] as const]));
  return held.length === 0 ? undefined : Object.fromEntries(held);
}
