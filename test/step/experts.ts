import type { Level } from "@gradpool/core";
import { mmoe, pleDeepfm } from "@gradpool/models";
import { loadPool } from "@gradpool/registry";
import { type BackendName, createEngine, selectBackend } from "@gradpool/trainer";
import { impressions, names } from "./impressions.js";
import { stepperOf } from "./stepper.js";
import type { StepSpec, Stepper, Workload } from "./types.js";

async function create({ model, method, shape, level, backend, threads = 1 }: StepSpec): Promise<Stepper> {
  const loaded = await loadPool(method);
  const { tf, name } = await selectBackend((backend ?? "auto") as BackendName | "auto");
  const common = {
    fields: names("field", shape.fields).map((field) => ({ name: field, vocabulary: shape.vocab })),
    tasks: names("task", shape.tasks),
    dim: shape.dim,
    tables: "joint" as const,
    expert: [256, 128, 64],
    head: [32, 16],
  };
  const engine = createEngine({
    tf,
    model: model === "ple-deepfm" ? pleDeepfm({ ...common, dropout: 0 }) : mmoe(common),
    pool: loaded.pool,
    optimizer: { name: "adam", learningRate: 1e-3, rows: "dense-equivalent" },
    threads,
    ...(level === undefined && loaded.level === undefined ? {} : { level: (level ?? loaded.level) as Level }),
  });
  return stepperOf(
    engine,
    shape.batch,
    impressions(shape).map((joint) => ({ joint })),
    name,
  );
}

/** MMoE, or GradCraft's PLE, over categorical fields; binary cross-entropy on one batch; Adam with the steps of a dense one. */
export const expertsWorkload: Workload = {
  name: "experts",
  models: ["mmoe", "ple-deepfm"],
  defaults: { dim: 16, tasks: 6 },
  methods: ["ew", "pcgrad@representation", "multibalance", "gradcraft@representation"],
  sizes: ["fields", "vocab", "dim", "tasks", "batch"],
  create,
  peer: "expert_step.py",
  peers: (method) => [method.startsWith("ew") ? "ew" : method === "pcgrad" ? "pcgrad" : "pcgrad-rep"],
};
