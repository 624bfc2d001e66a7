import type { EmbeddingModel, Initializer } from "./model.js";
import { distinct, positive } from "./options.js";
import type { TaskBuilder } from "./tasks.js";

export interface MfOptions {
  readonly users: number;
  readonly items: number;
  /** Width of an embedding. Default 32. */
  readonly dim?: number;
  /** Default `xavier`. */
  readonly init?: Initializer;
  /** The objectives, the target first: `bpr("buy")`, `socialLink("trust")`, … */
  readonly tasks: readonly TaskBuilder[];
}

/** Matrix factorisation: score(u, i) = ⟨users[u], items[i]⟩. All of it is shared by all tasks. */
export function mf(options: MfOptions): EmbeddingModel {
  const { users, items, dim = 32, init = { kind: "xavier" } } = options;
  positive("mf", { users, items, dim });
  const space = { users: "users", items: "items", dim };
  const tasks = options.tasks.map((build) => build(space));
  distinct(
    "mf",
    "tasks",
    tasks.map((task) => task.name),
  );
  return {
    kind: "embedding",
    name: "mf",
    options: {
      users,
      items,
      dim,
      init: { ...init },
      tasks: tasks.map((task) => ({ name: task.name, objective: task.objective, ...task.options })),
    },
    tables: [
      { name: space.users, rows: users, dim, init },
      { name: space.items, rows: items, dim, init },
    ],
    tasks,
    ranking: { users: space.users, items: space.items },
  };
}
