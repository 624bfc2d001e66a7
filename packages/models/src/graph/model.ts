import { GradpoolError } from "@gradpool/core";
import type { Initializer } from "../contract/parameters.js";
import { distinct } from "../options.js";
import type { TaskBuilder } from "../tasks.js";
import type { GraphEncoder, RowDecay } from "./contract.js";
import type { Graph } from "./graph.js";
import type { GraphModel } from "./model-type.js";

export interface GraphModelOptions {
  /** Of the training part: `graphOf({ users, items, interactions, … })`. */
  readonly graph: Graph;
  /** The objectives, the target first: `bpr("buy")`, `socialLink("trust")`, … */
  readonly tasks: readonly TaskBuilder[];
  /** Whose batches' rows are regularised. Default: the target's. */
  readonly l2Tasks?: readonly string[];
}

interface Parts extends GraphModelOptions {
  readonly dim: number;
  readonly encoder: GraphEncoder;
  readonly decay: Omit<RowDecay, "tasks">;
  /** Start values of a table of so many rows. */
  readonly init: (rows: number) => Initializer;
}

export function graphModel({ graph, tasks: builders, l2Tasks, dim, encoder, decay, init }: Parts): GraphModel {
  const { users, items } = graph;
  const { name } = encoder;
  const space = { users: "users", items: "items", dim: encoder.width };
  const tasks = builders.map((build) => build(space));
  const names = tasks.map((task) => task.name);
  distinct(name, "tasks", names);
  const decayed = l2Tasks ?? names.slice(0, 1);
  requireDecay(name, decay.weight, decayed, names);
  return {
    kind: "graph",
    name,
    options: {
      users,
      items,
      edges: graph.neighbours.length / 2,
      ...encoder.options,
      l2: decay.weight,
      l2Tasks: [...decayed],
      init: { ...init(users) },
      tasks: tasks.map((task) => ({ name: task.name, objective: task.objective, ...task.options })),
    },
    tables: [
      { name: space.users, rows: users, dim, init: init(users) },
      { name: space.items, rows: items, dim, init: init(items) },
    ],
    variables: encoder.variables,
    tasks,
    ranking: { users: space.users, items: space.items },
    graph,
    encoder,
    decay: { ...decay, tasks: decayed },
  };
}

function requireDecay(model: string, weight: number, decayed: readonly string[], names: readonly string[]): void {
  const refuse = (what: string, remedy: string): GradpoolError =>
    new GradpoolError({ code: "invalid-option", what, where: model, remedy });
  if (!(weight >= 0 && weight < Infinity)) throw refuse(`l2 is ${weight}`, "give a number from 0 up");
  const unknown = decayed.find((task) => !names.includes(task));
  if (unknown !== undefined) throw refuse(`l2Tasks names ${unknown}`, `give some of its tasks: ${names.join(", ")}`);
}
