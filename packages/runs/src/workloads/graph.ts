import { given, type NumberOption } from "@gradpool/core";
import type { PreparedSet } from "@gradpool/data";
import { didYouMean } from "@gradpool/registry";
import { type Graph, graphOf, type GraphModel, type TaskBuilder, type Weighted } from "@gradpool/models";
import { ranking } from "../evaluation/ranking.js";
import { optionError } from "../options/errors.js";
import type { MadeWorkload, WorkloadRequest } from "./contract.js";
import type { TaskChoices } from "./mf-tasks.js";
import { objectives, taskOptionsOf } from "./objectives.js";

/** Options of every graph encoder. */
export const graphOptions = {
  edges: {
    type: "text",
    default: "target",
    description:
      "what the graph is made of, joined by +: target, behaviours, social, kinds of item pairs; 0.5*social counts half",
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
  request: Pick<WorkloadRequest, "set" | "config" | "needs">,
  choices: TaskChoices & { readonly edges: string },
  make: (parts: { readonly graph: Graph; readonly tasks: readonly TaskBuilder[] }) => GraphModel,
): MadeWorkload {
  const { set, config } = request;
  const { tasks, feed } = objectives(request, choices);
  const graph = edgesOf(set, config.tasks[0] as string, choices.edges);
  const model = make({ graph, tasks });
  return {
    model,
    feed,
    evaluation: (engine) => ranking(set, config, model, engine),
    ...given({ taskOptions: taskOptionsOf(model), notes: notesOn(graph) }),
  };
}

/** Says who has no edge, so that no layer brings anything. Undefined: all have one. */
function notesOn({ users, items, offsets }: Graph): readonly string[] | undefined {
  const alone = (from: number, count: number): number => {
    let found = 0;
    for (let n = from; n < from + count; n++) if (offsets[n] === offsets[n + 1]) found++;
    return found;
  };
  const [user, item] = [alone(0, users), alone(users, items)];
  if (user + item === 0) return undefined;
  return [
    `${user} of ${users} users and ${item} of ${items} items have no edge in the graph: their rows stay their own`,
  ];
}

/** Kinds of edges with their weights: `target+0.5*social`. A kind that is named twice counts as it was named last. */
function kindsOf(edges: string, target: string): ReadonlyMap<string, number> {
  return new Map(
    edges.split("+").map((part) => {
      const [, weight, name = ""] = /^\s*(?:([^*]*)\*)?(.*?)\s*$/.exec(part) ?? [];
      const value = weight === undefined ? 1 : Number(weight);
      if (!(value > 0 && value < Infinity) || weight?.trim() === "")
        throw optionError(`edges ${part.trim()}`, "edges", "give a weight above 0, as 0.5*social, or leave them out");
      return [name === "target" ? target : name, value];
    }),
  );
}

/** The training part's graph of the edges that are named. */
function edgesOf(set: PreparedSet, target: string, edges: string): Graph {
  const kinds = kindsOf(edges, target);
  const names = [...kinds.keys()];
  const known = [...Object.keys(set.behaviors), ...Object.keys(set.itemPairs), ...(set.social ? ["social"] : [])];
  const strange = names.find((name) => !known.includes(name));
  if (strange !== undefined) {
    throw optionError(`no edges ${strange}`, "edges", didYouMean(strange, known, `the data has ${known.join(", ")}`));
  }
  const weighted = <E extends object>(name: string, some: E | undefined): readonly (E & Weighted)[] =>
    some === undefined ? [] : [{ ...some, weight: kinds.get(name) as number }];
  const [social] = names.includes("social") ? weighted("social", set.social) : [];
  return graphOf({
    users: set.users,
    items: set.items,
    interactions: names.flatMap((name) => weighted(name, set.behaviors[name]?.train)),
    itemPairs: names.flatMap((name) => weighted(name, set.itemPairs[name])),
    ...given({ social }),
  });
}
