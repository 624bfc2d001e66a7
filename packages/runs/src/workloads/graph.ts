import { given, type NumberOption } from "@gradpool/core";
import type { PreparedSet } from "@gradpool/data";
import { didYouMean } from "@gradpool/registry";
import { type Graph, graphOf, type GraphModel, type TaskBuilder } from "@gradpool/models";
import { perTaskFeed } from "@gradpool/trainer";
import { ranking } from "../evaluation/ranking.js";
import { optionError } from "../options/errors.js";
import type { TrainConfig } from "../options/training.js";
import type { MadeWorkload } from "./contract.js";
import type { TaskChoices } from "./mf-tasks.js";
import { objectives, taskOptionsOf } from "./objectives.js";

/** Options of every graph encoder. */
export const graphOptions = {
  edges: {
    type: "text",
    default: "target",
    description: "what the graph is made of, joined by +: target, behaviours, social, kinds of item pairs",
  },
  edgeDropout: {
    type: "number",
    min: 0,
    max: 1,
    exclusiveMax: true,
    default: 0,
    description: "share of the edges that a step leaves out",
  },
} as const;

/** λ of the rows that the target's batches read. */
export const l2Option = (standard: number): NumberOption => ({
  type: "number",
  min: 0,
  default: standard,
  description: "λ of the rows that the target's batches read",
});

/** A graph encoder on a data set: the tasks of mf, on the rows that the encoder makes of the training part's graph. */
export function encoded(
  set: PreparedSet,
  config: TrainConfig,
  choices: TaskChoices & { readonly edges: string },
  make: (parts: { readonly graph: Graph; readonly tasks: readonly TaskBuilder[] }) => GraphModel,
): MadeWorkload {
  const parts = objectives(set, config, choices);
  const model = make({
    graph: edgesOf(set, config.tasks[0] as string, choices.edges),
    tasks: parts.map(({ build }) => build),
  });
  return {
    model,
    feed: perTaskFeed(parts.map(({ sampler }) => sampler)),
    evaluation: (engine) => ranking(set, config, model, engine),
    ...given({ taskOptions: taskOptionsOf(model) }),
  };
}

/** The training part's graph of the edges that are named. */
function edgesOf(set: PreparedSet, target: string, edges: string): Graph {
  const names = [...new Set(edges.split("+").map((name) => (name.trim() === "target" ? target : name.trim())))];
  const known = [...Object.keys(set.behaviors), ...Object.keys(set.itemPairs), ...(set.social ? ["social"] : [])];
  const strange = names.find((name) => !known.includes(name));
  if (strange !== undefined) {
    throw optionError(`no edges ${strange}`, "edges", didYouMean(strange, known, `the data has ${known.join(", ")}`));
  }
  const itemPairs = names.flatMap((name) => set.itemPairs[name] ?? []);
  return graphOf({
    users: set.users,
    items: set.items,
    interactions: names.flatMap((name) => set.behaviors[name]?.train ?? []),
    itemPairs,
    ...given({ social: names.includes("social") ? set.social : undefined }),
  });
}
