import type { Level } from "@gradpool/core";
import { clickModel } from "@gradpool/models";
import { type BackendName, createEngine, selectBackend } from "@gradpool/trainer";
import { loadPool } from "@gradpool/registry";
import { impressions, names } from "./impressions.js";
import { stepperOf } from "./stepper.js";
import type { StepSpec, Stepper, Workload } from "./types.js";

const create =
  (trunk: readonly number[]) =>
  async ({ method, shape, level, backend, threads = 1 }: StepSpec): Promise<Stepper> => {
    const loaded = await loadPool(method);
    const { tf, name } = await selectBackend((backend ?? "auto") as BackendName | "auto");
    const engine = createEngine({
      tf,
      model: clickModel({
        fields: names("field", shape.fields).map((field) => ({ name: field, vocabulary: shape.vocab })),
        tasks: names("task", shape.tasks),
        dim: shape.dim,
        interaction: "none",
        tables: "joint",
        trunk,
      }),
      pool: loaded.pool,
      optimizer: { name: "adam", learningRate: 1e-3 },
      threads,
      ...(level === undefined && loaded.level === undefined ? {} : { level: (level ?? loaded.level) as Level }),
    });
    return stepperOf(
      engine,
      shape.batch,
      impressions(shape).map((joint) => ({ joint })),
      name,
    );
  };

/** Embeddings of categorical fields, an MLP trunk, one head per task; binary cross-entropy on one batch; Adam. */
const workload = (name: string, trunk: readonly number[]): Workload => ({
  name,
  models: [],
  defaults: { dim: 16 },
  methods: ["ew", "multibalance", "pcgrad@representation", "pcgrad"],
  sizes: ["fields", "vocab", "dim", "tasks", "batch"],
  about: { trunk: [...trunk] },
  create: create(trunk),
  peers: (method) => [method.startsWith("ew") ? "ew" : "pcgrad"],
});

/** The shape of test/peers/torch_step.py. */
export const ctrWorkload: Workload = { ...workload("ctr", [256, 128, 64]), peer: "torch_step.py" };

/** A wider trunk, where pooling weighs less. The peer has no such shape. */
export const ctrWideWorkload: Workload = workload("ctr-wide", [1024, 512, 256]);
