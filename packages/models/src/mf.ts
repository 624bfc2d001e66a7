import type { EmbeddingModel } from "./contract/embedding.js";
import type { Initializer } from "./contract/parameters.js";
import { distinct, positive } from "./options.js";
import { describeFeatures, ownerTables, type SideFeatures } from "./side-tables.js";
import type { TaskBuilder } from "./tasks.js";

export interface MfOptions {
  readonly users: number;
  readonly items: number;
  /** Width of an embedding. Default 32. */
  readonly dim?: number;
  /** Default `xavier`. */
  readonly init?: Initializer;
  /** What users and items are known by beside their ids: a row is then its own plus its features'. */
  readonly features?: SideFeatures;
  /** The objectives, the target first: `bpr("buy")`, `socialLink("trust")`, … */
  readonly tasks: readonly TaskBuilder[];
}

/**
 * Matrix factorisation: score(u, i) = ⟨users[u], items[i]⟩. All of it is shared by all tasks. With features LightFM's sums (Kula 2015):
 * users[u] + Σ weight · users.features[f] over the features of u, and the same of items.
 */
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
      ...describeFeatures(options.features),
      tasks: tasks.map((task) => ({ name: task.name, objective: task.objective, ...task.options })),
    },
    tables: [
      ...ownerTables({ name: space.users, rows: users, dim, init }, options.features?.users),
      ...ownerTables({ name: space.items, rows: items, dim, init }, options.features?.items),
    ],
    tasks,
    ranking: { users: space.users, items: space.items },
  };
}
