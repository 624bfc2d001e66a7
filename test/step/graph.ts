import { readFileSync } from "node:fs";
import { createRandom, type Level, type Random } from "@gradpool/core";
import type { BprBatch } from "@gradpool/data";
import { bpr, type Graph, graphOf, lightgcn, ngcf } from "@gradpool/models";
import { loadPool } from "@gradpool/registry";
import { createEngine } from "@gradpool/trainer";
import { usageError } from "../../packages/cli/src/terminal/errors.js";
import { stepperOf } from "./stepper.js";
import type { StepShape, StepSpec, Stepper, Workload } from "./types.js";

interface Pairs {
  readonly users: number;
  readonly items: number;
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** As the peer draws them: ⌊u² · users⌋ and ⌊u³ · items⌋, each pair once. */
function madeUp({ users, items, edges }: StepShape, random: Random): Pairs {
  const pairs = new Set<number>();
  while (pairs.size < edges) {
    const user = Math.floor(random.uniform() ** 2 * users);
    pairs.add(user * items + Math.floor(random.uniform() ** 3 * items));
  }
  const all = [...pairs];
  return {
    users,
    items,
    left: Int32Array.from(all, (pair) => Math.floor(pair / items)),
    right: Int32Array.from(all, (pair) => pair % items),
  };
}

/** `user item` lines; ids are renumbered by rising id, as the peer does. */
function read(file: string): Pairs {
  const cells = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim().split(/\s+/).slice(0, 2).map(Number));
  const renumbered = (column: 0 | 1): { readonly count: number; readonly ids: Int32Array } => {
    const distinct = [...new Set(cells.map((row) => row[column] as number))].sort((a, b) => a - b);
    const place = new Map(distinct.map((id, k) => [id, k]));
    return { count: distinct.length, ids: Int32Array.from(cells, (row) => place.get(row[column] as number) as number) };
  };
  const left = renumbered(0);
  const right = renumbered(1);
  return { users: left.count, items: right.count, left: left.ids, right: right.ids };
}

function graphFrom({ users, items, left, right }: Pairs): Graph {
  const offsets = new Int32Array(users + 1);
  for (const user of left) offsets[user + 1] = (offsets[user + 1] as number) + 1;
  for (let user = 0; user < users; user++)
    offsets[user + 1] = (offsets[user + 1] as number) + (offsets[user] as number);
  const next = offsets.slice(0, users);
  const listed = new Int32Array(left.length);
  left.forEach((user, k) => {
    const place = next[user] as number;
    listed[place] = right[k] as number;
    next[user] = place + 1;
  });
  return graphOf({ users, items, interactions: [{ offsets, items: listed }] });
}

/** Positives are edges, negatives any items. */
function batchesOf(pairs: Pairs, { tasks, batch }: StepShape, random: Random): readonly (readonly BprBatch[])[] {
  return Array.from({ length: 8 }, () =>
    Array.from({ length: tasks }, () => {
      const chosen = Int32Array.from({ length: batch }, () => random.int(pairs.left.length));
      return {
        kind: "bpr" as const,
        size: batch,
        users: chosen.map((k) => pairs.left[k] as number),
        positives: chosen.map((k) => pairs.right[k] as number),
        negatives: Int32Array.from({ length: batch }, () => random.int(pairs.items)),
        negativesPerPositive: 1,
      };
    }),
  );
}

async function create({ model, method, shape, level, backend, pairs: file, threads = 1 }: StepSpec): Promise<Stepper> {
  if (backend !== undefined && backend !== "wasm" && backend !== "plain")
    throw usageError(`--backend is ${backend}`, "workload graph", "give wasm or plain: this model runs on the host");
  const random = createRandom(1);
  const pairs = file === undefined ? madeUp(shape, random) : read(file);
  const { dim, layers } = shape;
  const tasks = Array.from({ length: shape.tasks }, (_, t) => `task${t}`);
  const common = { graph: graphFrom(pairs), dim, l2: 1e-4, tasks: tasks.map((name) => bpr(name)), l2Tasks: tasks };
  const loaded = await loadPool(method);
  const own: Level = loaded.pool.level === "losses" ? "losses" : "parameters";
  const engine = createEngine({
    model:
      model === "ngcf"
        ? ngcf({ ...common, form: "paper", layers: Array.from({ length: layers }, () => dim), messageDropout: 0 })
        : lightgcn({ ...common, layers }),
    pool: loaded.pool,
    level: level ?? loaded.level ?? own,
    optimizer: { name: "adam", learningRate: 1e-3 },
    memory: { kernels: backend ?? "wasm" },
    threads,
  });
  return stepperOf(
    engine,
    shape.batch * shape.tasks,
    batchesOf(pairs, shape, random).map((batches) => ({ batches })),
  );
}

/** A graph encoder, BPR with a batch per task, L2 on each batch's rows, dense Adam. A made-up graph of Gowalla's size by default. */
export const graphWorkload: Workload = {
  name: "graph",
  models: ["lightgcn", "ngcf"],
  defaults: { users: 29_858, items: 40_981, dim: 64 },
  methods: ["ew", "pcgrad@representation", "pcgrad"],
  sizes: ["users", "items", "edges", "layers", "dim", "tasks", "batch"],
  create,
  peer: "graph_step.py",
  peers: (method) => (method.startsWith("ew") ? ["ew", "ew-csr"] : ["pcgrad", "pcgrad-csr"]),
};
