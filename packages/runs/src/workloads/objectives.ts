import type { JsonObject } from "@gradpool/core";
import type { HoldOut, Sampler } from "@gradpool/data";
import type { EmbeddingModel, TaskBuilder } from "@gradpool/models";
import { type Feed, perTaskFeed } from "@gradpool/trainer";
import { factsOf } from "../data/facts.js";
import type { WorkloadRequest } from "./contract.js";
import { samplersFor } from "./draws.js";
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
  exclude: {
    type: "enum",
    values: ["task", "all"],
    default: "task",
    description: "what of a user's is no negative: training pairs of the task alone, or of all behaviours",
  },
} as const;

/** The tasks of a configuration, behaviours and side tasks alike, and the feed of their batches, with all that the pool needs. */
export function objectives(
  { set, config, needs }: Pick<WorkloadRequest, "set" | "config" | "needs">,
  choices: TaskChoices,
): { readonly tasks: readonly TaskBuilder[]; readonly feed: Feed } {
  const facts = factsOf(set);
  const { behaviors, itemPairs } = facts.tasks;
  const known = [...behaviors, ...itemPairs, "social", "category", "rating", "au"].filter(facts.offers);
  requireTasks(config.tasks, known, (task) => `the data has nothing for the task ${task}`, "it offers");
  const { tasks } = config;
  const part = (batch: number, t: number, holdOut: HoldOut | undefined): TaskParts =>
    taskParts(set, config, tasks[t] as string, batch * tasks.length + t, choices, t === 0 ? holdOut : undefined);
  const { first, more } = samplersFor(
    config,
    needs,
    (batch, holdOut) => tasks.map((_, t) => part(batch, t, holdOut)),
    (batch, holdOut) => part(batch, 0, holdOut).sampler,
  );
  const { further = [], ...rest } = more;
  const samplers = (parts: readonly TaskParts[]): readonly Sampler[] => parts.map(({ sampler }) => sampler);
  return {
    tasks: first.map(({ build }) => build),
    feed: perTaskFeed(samplers(first), 0, { ...rest, further: "split" in further ? further : further.map(samplers) }),
  };
}

/** What tasks took from the data. */
export function taskOptionsOf({
  tasks,
}: Pick<EmbeddingModel, "tasks">): Readonly<Record<string, JsonObject>> | undefined {
  const held = tasks.flatMap(({ name, options }) => (options === undefined ? [] : [[name, options] as const]));
  return held.length === 0 ? undefined : Object.fromEntries(held);
}
