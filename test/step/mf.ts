import { createRandom, type Level, type Random } from "@gradpool/core";
import type { BprBatch } from "@gradpool/data";
import { bpr, mf } from "@gradpool/models";
import { createEngine } from "@gradpool/trainer";
import { loadPool } from "@gradpool/registry";
import { usageError } from "../../packages/cli/src/terminal/errors.js";
import { stepperOf } from "./stepper.js";
import type { StepShape, StepSpec, Stepper, Workload } from "./types.js";

/** Ids of which low ones are common, as the peer draws them: ⌊u² · size⌋. */
function skewed(count: number, size: number, random: Random): Int32Array {
  return Int32Array.from({ length: count }, () => Math.min(size - 1, Math.floor(random.uniform() ** 2 * size)));
}

export function batchesOf({ users, items, tasks, batch }: StepShape): readonly (readonly BprBatch[])[] {
  const random = createRandom(1);
  return Array.from({ length: 16 }, () =>
    Array.from({ length: tasks }, () => ({
      kind: "bpr" as const,
      size: batch,
      users: skewed(batch, users, random),
      positives: skewed(batch, items, random),
      negatives: Int32Array.from({ length: batch }, () => random.int(items)),
      negativesPerPositive: 1,
    })),
  );
}

async function create({ method, shape, level, backend, threads = 1 }: StepSpec): Promise<Stepper> {
  if (backend !== undefined && backend !== "wasm" && backend !== "plain")
    throw usageError(`--backend is ${backend}`, "workload mf", "give wasm or plain: this model runs on the host");
  const loaded = await loadPool(method);
  const own: Level = loaded.pool.level === "losses" ? "losses" : "parameters";
  const engine = createEngine({
    model: mf({
      users: shape.users,
      items: shape.items,
      dim: shape.dim,
      init: { kind: "normal", std: 0.01 },
      tasks: Array.from({ length: shape.tasks }, (_, t) => bpr(`task${t}`)),
    }),
    pool: loaded.pool,
    level: level ?? loaded.level ?? own,
    optimizer: { name: "adam", learningRate: 1e-3 },
    memory: { kernels: backend ?? "wasm" },
    threads,
  });
  return stepperOf(
    engine,
    shape.batch * shape.tasks,
    batchesOf(shape).map((batches) => ({ batches })),
  );
}

/** Matrix factorisation, BPR, a batch per task, Adam: row-wise (lazy) here, dense (or SparseAdam) in PyTorch. */
export const mfWorkload: Workload = {
  name: "mf",
  models: [],
  defaults: {},
  methods: ["ew", "pcgrad", "metabalance", "gradcraft", "pmtrec", "multibalance"],
  sizes: ["users", "items", "dim", "tasks", "batch"],
  create,
  peer: "torch_step.py",
  peers: (method) => (method.startsWith("ew") ? ["ew", "ew-sparse"] : ["pcgrad"]),
};
