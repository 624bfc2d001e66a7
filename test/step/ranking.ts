import { createRandom, type Random } from "@gradpool/core";
import { type ItemLists, rankTopK } from "@gradpool/metrics";
import { usageError } from "../../packages/cli/src/terminal/errors.js";
import type { StepShape, StepSpec, Stepper, Workload } from "./types.js";

/** Spread of the logarithms of the items' norms: none in random vectors, little after training, much after training with decay. */
const spreads: Readonly<Record<string, number>> = { random: 0, trained: 0.4, decayed: 1.2 };

/** Length of a list, and items that each user's leaves out. */
const [k, excluded] = [20, 20];

/** Vectors around a common direction, as popularity makes them, unless they are random. */
function vectors(count: number, dim: number, spread: number, towards: Float32Array, random: Random): Float32Array {
  const out = new Float32Array(count * dim);
  for (let row = 0; row < count; row++) {
    const length = Math.exp(spread * random.normal());
    for (let j = 0; j < dim; j++) {
      out[row * dim + j] = length * (random.normal() + (spread === 0 ? 0 : 0.3 * (towards[j] as number)));
    }
  }
  return out;
}

function exclusions({ users, items }: StepShape, random: Random): ItemLists {
  const all: number[] = [];
  const offsets = Int32Array.from({ length: users + 1 }, (_, user) => {
    if (user === 0) return 0;
    const own = new Set(Array.from({ length: excluded }, () => Math.floor(random.uniform() ** 2 * items)));
    all.push(...[...own].sort((a, b) => a - b));
    return all.length;
  });
  return { offsets, items: Int32Array.from(all) };
}

function create({ method, shape, threads = 1 }: StepSpec): Promise<Stepper> {
  const spread = spreads[method];
  if (spread === undefined)
    throw usageError(`--methods has ${method}`, "workload ranking", `give ${Object.keys(spreads).join(", ")}`);
  const { users, items, dim } = shape;
  const random = createRandom(1);
  const towards = Float32Array.from({ length: dim }, () => random.normal());
  const options = {
    users: vectors(users, dim, Math.min(spread, 0.4), towards, random),
    items: vectors(items, dim, spread, towards, random),
    dim,
    k,
    exclude: exclusions(shape, random),
    threads,
  };
  return Promise.resolve({
    backend: "wasm",
    level: "none" as const,
    samples: users,
    step: () => void rankTopK(options),
  });
}

/** Full ranking, all items for all users, lists of 20: "methods" are how the vectors' norms are spread. A sample is a user. */
export const rankingWorkload: Workload = {
  name: "ranking",
  models: [],
  defaults: { users: 8721, items: 11_930, dim: 64 },
  methods: Object.keys(spreads),
  sizes: ["users", "items", "dim"],
  create,
  peer: "ranking_step.py",
  peers: () => ["topk"],
};
