import { createRandom, type Level } from "@gradpool/core";
import type { ImpressionsBatch } from "@gradpool/data";
import { clickModel } from "@gradpool/models";
import { type BackendName, createEngine, selectBackend } from "@gradpool/trainer";
import { loadPool } from "@gradpool/registry";
import type { StepShape, StepSpec, Stepper, Workload } from "./types.js";

const nameOf = (kind: string, k: number): string => `${kind}${k}`;
const names = (kind: string, count: number): string[] => Array.from({ length: count }, (_, k) => nameOf(kind, k));

/** Fields whose low ids are common, as the peer draws them (⌊u² · vocab⌋), and labels of which a tenth is 1. */
function batchesOf({ fields, vocab, tasks, batch }: StepShape): readonly ImpressionsBatch[] {
  const random = createRandom(1);
  return Array.from({ length: 16 }, (): ImpressionsBatch => ({
    kind: "impressions",
    size: batch,
    tasks: names("task", tasks),
    users: new Int32Array(batch),
    fields: names("field", fields).map((name) => ({
      kind: "one-hot",
      name,
      vocabulary: vocab,
      ids: Int32Array.from({ length: batch }, () => Math.min(vocab - 1, Math.floor(random.uniform() ** 2 * vocab))),
    })),
    numericalNames: [],
    numerical: new Float32Array(0),
    labels: names("task", tasks).map(() => Float32Array.from({ length: batch }, () => Number(random.uniform() < 0.1))),
    masks: names("task", tasks).map(() => new Uint8Array(batch).fill(1)),
  }));
}

const create =
  (trunk: readonly number[]) =>
  async ({ method, shape, level, backend }: StepSpec): Promise<Stepper> => {
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
      ...(level === undefined && loaded.level === undefined ? {} : { level: (level ?? loaded.level) as Level }),
    });
    const batches = batchesOf(shape);
    let done = 0;
    return {
      backend: name,
      level: engine.level,
      samples: shape.batch,
      step() {
        done++;
        engine.step({ step: done, epoch: 1, joint: batches[done % 16] as ImpressionsBatch });
      },
    };
  };

/** Embeddings of categorical fields, an MLP trunk, one head per task; binary cross-entropy on one batch; Adam. */
const workload = (name: string, trunk: readonly number[], peers: Workload["peers"]): Workload => ({
  name,
  defaultDim: 16,
  methods: ["ew", "multibalance", "pcgrad@representation", "pcgrad"],
  shapeOf: ({ fields, vocab, dim, tasks, batch }) => ({ fields, vocab, dim, tasks, batch, trunk: [...trunk] }),
  create: create(trunk),
  peers,
});

/** The shape of test/peers/torch_step.py. */
export const ctrWorkload: Workload = workload("ctr", [256, 128, 64], (method) => [
  method.startsWith("ew") ? "ew" : "pcgrad",
]);

/** A wider trunk, where pooling weighs less. The peer has no such shape. */
export const ctrWideWorkload: Workload = workload("ctr-wide", [1024, 512, 256], () => []);
