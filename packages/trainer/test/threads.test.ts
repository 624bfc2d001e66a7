import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { adatask } from "@gradpool/adatask";
import type { GradientPool } from "@gradpool/core";
import type { Batch, JointBatch, RatingBatch } from "@gradpool/data";
import { ew } from "@gradpool/ew";
import { metaBalance } from "@gradpool/metabalance";
import {
  alignmentUniformity,
  bpr,
  type EmbeddingModel,
  graphOf,
  jointPointwise,
  lightgcn,
  mf,
  type Model,
  ngcf,
  ratings,
} from "@gradpool/models";
import { pcgrad } from "@gradpool/pcgrad";
import { pmtRec } from "@gradpool/pmtrec";
import { afterEach, describe, expect, it } from "vitest";
import type { Engine } from "../src/engine/contract.js";
import type { EngineSettings } from "../src/engine/options.js";
import { createEngine } from "../src/create-engine.js";
import { instantiate, sharedModule } from "../src/kernels/exports.js";
import { webAssembly } from "../src/kernels/webassembly.js";
import { createCrew } from "../src/threads/crew.js";
import { bundle } from "./bundle.js";
import { bprBatch, ids, noise } from "./embedding-helpers.js";
import type { Way } from "./threads-child.js";

const users = 900;
const items = 700;
const dim = 33;
const size = 600;

const model = (): EmbeddingModel =>
  mf({ users, items, dim, init: { kind: "normal", std: 0.1 }, tasks: ["a", "b", "c"].map(bpr) });

/** All bits of an engine's state: equal numbers of different bits (0 and −0) are told apart. */
const bits = (engine: Engine): Record<string, string> =>
  Object.fromEntries(
    [...engine.snapshot().arrays].map(([name, values]) => [name, createHash("sha256").update(values).digest("hex")]),
  );

const batchesAt = (step: number): Batch[] => [0, 1, 2].map((t) => bprBatch(size, users, items, step * 10 + t));

const engines: Engine[] = [];
afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
});

function engineOf(threads: number, own: Model, options: Partial<EngineSettings>): Engine {
  const optimizer = { name: "adam", learningRate: 0.01, weightDecay: 1e-4 } as const;
  const engine = createEngine({ model: own, pool: pcgrad() as GradientPool, optimizer, seed: 3, threads, ...options });
  engines.push(engine);
  return engine;
}

interface Run {
  readonly model?: Model;
  readonly batches?: (step: number) => Batch[];
  readonly options?: Partial<EngineSettings>;
  readonly steps?: number;
}

/** Workers need a moment to begin, in which the leader works alone: steps after it are shared. */
async function allUp(engine: Engine, threads: number): Promise<void> {
  while (engine.threads < threads) await pause(5);
}

async function trained(threads: number, run: Run): Promise<unknown> {
  const { model: own = model(), batches = batchesAt, options = {}, steps = 5 } = run;
  const engine = engineOf(threads, own, options);
  const told: unknown[] = [];
  for (let k = 1; k <= steps; k++) {
    const { losses, norm, diagnostics } = engine.step({ step: k, epoch: 1, batches: batches(k), diagnostics: k === 3 });
    told.push({ losses, norm, diagnostics });
    await allUp(engine, threads);
  }
  return { told, bits: bits(engine) };
}

const pools: [string, () => GradientPool][] = [
  ["EW", () => ew() as GradientPool],
  ["PCGrad", () => pcgrad() as GradientPool],
  ["MetaBalance", () => metaBalance() as GradientPool],
  ["PMTRec, per row", () => pmtRec({ tau: 0.01 }) as GradientPool],
];
const lazy = { name: "adam", learningRate: 0.01 } as const;

const graph = graphOf({
  users,
  items,
  interactions: [{ offsets: Int32Array.from({ length: users + 1 }, (_, u) => 3 * u), items: ids(3 * users, items, 9) }],
});

const joint = (step: number): JointBatch => ({
  kind: "joint",
  size,
  tasks: ["x", "y"],
  users: ids(size, users, step),
  items: ids(size, items, step + 50),
  labels: [0, 1].map((t) => Float32Array.from(ids(size, 2, step + t))),
  masks: [0, 1].map((t) => Uint8Array.from(ids(size, 3, step + 7 + t))),
});

const rating = (step: number): RatingBatch => ({
  kind: "rating",
  size,
  users: ids(size, users, step),
  items: ids(size, items, step + 50),
  ratings: noise(size, step),
});

const adam = { name: "adam", learningRate: 0.01 } as const;
const main: [string, Run][] = [
  ...pools.map(([name, pool]): [string, Run] => [name, { options: { pool: pool() } }]),
  ...pools.map(([name, pool]): [string, Run] => [
    `LightGCN, ${name}`,
    {
      model: lightgcn({ graph, tasks: ["a", "b", "c"].map(bpr), dim: 32, layers: 2 }),
      options: { pool: pool() },
      steps: 3,
    },
  ]),
];

const others: [string, Run][] = [
  ["AdaTask, moments per task and row", { options: { pool: adatask() as GradientPool, optimizer: lazy } }],
  // Rows that do not fall into planes, and layers beside the products.
  [
    "NGCF, dropout",
    {
      model: ngcf({
        graph,
        tasks: ["a", "b", "c"].map(bpr),
        dim: 32,
        layers: [32, 16],
        messageDropout: 0.1,
        edgeDropout: 0.1,
      }),
      steps: 3,
    },
  ],
  [
    "at the representation, rows of all nodes",
    {
      model: lightgcn({ graph, tasks: ["a", "b", "c"].map(bpr), dim: 24, layers: 2, l2: 1e-4 }),
      options: { level: "representation", pool: pmtRec() as GradientPool },
      steps: 3,
    },
  ],
  ["at the losses", { options: { pool: ew() as GradientPool, level: "losses" } }],
  ["momentum", { options: { optimizer: { name: "sgd", learningRate: 0.1, momentum: 0.9 } } }],
  [
    "Adagrad, limited coordinates",
    { options: { optimizer: { name: "adagrad", learningRate: 0.1 }, clip: { value: 1e-4 } } },
  ],
  ["rows as if dense", { options: { optimizer: { ...adam, rows: "dense-equivalent" } } }],
  [
    "momentum as if dense",
    { options: { optimizer: { name: "sgd", learningRate: 0.1, momentum: 0.9, rows: "dense-equivalent" } } },
  ],
  ["a limited norm, per row", { options: { pool: pmtRec() as GradientPool, clip: { norm: 1e-3 } } }],
  // Too small for both tables: two memories, of which one grows to its limit.
  [
    "several memories",
    {
      model: mf({ users: 4000, items: 3000, dim, tasks: ["a", "b", "c"].map(bpr) }),
      options: { memory: { limit: 3 * 2 ** 20 } },
    },
  ],
  [
    "labels with gaps",
    { model: mf({ users, items, dim, tasks: ["x", "y"].map(jointPointwise) }), batches: (k) => [joint(k), joint(k)] },
  ],
  // Added up in float64, which a step of all tasks at once leaves to the one that goes from lookup to lookup.
  [
    "rows that very many entries meet",
    {
      batches: (k) =>
        [0, 1, 2].map((t) => {
          const batch = bprBatch(2000, users, items, k * 10 + t);
          batch.users.fill(7, 0, 1500);
          return batch;
        }),
      steps: 3,
    },
  ],
  [
    "a loss that is not one kernel beside those that are",
    { model: mf({ users, items, dim, tasks: [bpr("a"), alignmentUniformity("b"), bpr("c")] }), steps: 3 },
  ],
  [
    "more tasks than are gone through at once",
    {
      model: mf({ users, items, dim: 64, tasks: Array.from({ length: 12 }, (_, t) => bpr(`t${t}`)) }),
      batches: (k) => Array.from({ length: 12 }, (_, t) => bprBatch(1000, users, items, k * 20 + t, 2)),
      steps: 2,
    },
  ],
  ["ratings", { model: mf({ users, items, dim, tasks: [ratings("r")] }), batches: (k) => [rating(k)] }],
];

describe("the bits do not depend on the number of threads", () => {
  it.each(main)("%s", async (_, run) => {
    const one = await trained(1, run);
    expect(await trained(2, run)).toEqual(one);
    expect(await trained(3, run)).toEqual(one);
  });

  it.each(others)("%s", async (_, run) => {
    expect(await trained(3, run)).toEqual(await trained(1, run));
  });

  it("nor do they with eight", async () => {
    expect(await trained(8, {})).toEqual(await trained(1, {}));
  });

  it("nor on whether a run was stopped, and went on with another number", async () => {
    for (const rows of ["lazy", "dense-equivalent"] as const) {
      const options = { optimizer: { ...adam, rows }, pool: pmtRec() as GradientPool };
      const step = (engine: Engine, k: number): unknown => engine.step({ step: k, epoch: 1, batches: batchesAt(k) });
      const whole = engineOf(1, model(), options);
      for (let k = 1; k <= 6; k++) step(whole, k);
      const head = engineOf(3, model(), options);
      for (let k = 1; k <= 3; k++) {
        step(head, k);
        await allUp(head, 3);
      }
      const { arrays, json } = head.snapshot();
      const stored = { arrays: new Map([...arrays].map(([name, values]) => [name, values.slice()])), json };
      const tail = engineOf(2, model(), options);
      tail.restore(stored);
      for (let k = 4; k <= 6; k++) {
        step(tail, k);
        await allUp(tail, 2);
      }
      expect(bits(tail)).toEqual(bits(whole));
    }
  });

  it.each(main)("nor, for %s, on going on with three threads from what two had", async (_, run) => {
    const { model: own = model(), options = {} } = run;
    const part = async (threads: number, [first, last]: readonly [number, number], from?: Engine): Promise<Engine> => {
      const engine = engineOf(threads, own, options);
      if (from !== undefined) {
        const { arrays, json } = from.snapshot();
        engine.restore({ arrays: new Map([...arrays].map(([name, values]) => [name, values.slice()])), json });
      }
      for (let step = first; step <= last; step++) {
        engine.step({ step, epoch: 1, batches: batchesAt(step) });
        await allUp(engine, threads);
      }
      return engine;
    };
    const whole = await part(1, [1, 4]);
    expect(bits(await part(3, [3, 4], await part(2, [1, 2])))).toEqual(bits(whole));
  });

  it("nor on steps that are left out since something is not finite", async () => {
    const initial = new Map([["items", noise(items * dim, 1, 0.1).fill(Number.NaN, 0, dim)]]);
    const run: Run = { options: { onNonFinite: "skip", initial } };
    const one = await trained(1, run);
    expect(await trained(3, run)).toEqual(one);
    expect(one).toMatchObject({ told: expect.arrayContaining([expect.objectContaining({ diagnostics: undefined })]) });
  });
});

describe("an error on several threads", () => {
  it("is the step's, and leaves the engine as it was", () => {
    const engine = engineOf(2, model(), {});
    const [a, b, c] = batchesAt(1) as [Batch, Batch, Batch];
    const strange = bprBatch(size, users, items, 5);
    strange.positives[size - 1] = items;
    expect(() => engine.step({ step: 1, epoch: 1, batches: [a, strange, c] })).toThrow(/row id 700.*table items/);
    engine.step({ step: 1, epoch: 1, batches: [a, b, c] });
    const other = engineOf(1, model(), {});
    other.step({ step: 1, epoch: 1, batches: [a, b, c] });
    expect(bits(engine)).toEqual(bits(other));
  });

  it("of a kernel is thrown by the thread that leads, wherever it ran", () => {
    const crew = createCrew(2) as NonNullable<ReturnType<typeof createCrew>>;
    const memory = new webAssembly.Memory({ initial: 1, maximum: 2, shared: true });
    const { arena } = crew.join(memory);
    const far = 2 ** 30;
    const calls = Array.from({ length: 8 }, () => [["gather", far, far, 4, 4, far] as const]);
    expect(() => crew.run(arena, calls)).toThrow(/out of bounds/);
    expect(() => crew.run(arena, [])).not.toThrow();
    crew.dispose();
  });

  it("says what a number of threads is", () => {
    expect(() => engineOf(0, model(), {})).toThrow(/threads is 0 \(engine\): give a whole number from 1 to 64/);
    expect(() => engineOf(1.5, model(), {})).toThrow(/threads is 1.5/);
  });
});

describe("workers", () => {
  it("keep no process alive, whether the engine is disposed of or not", async () => {
    const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
    await bundle(at("./threads-child.ts"), at("./generated/threads"));
    for (const way of ["kept", "disposed"] satisfies Way[]) {
      const child = execFileSync(process.execPath, [at("./generated/threads/child.mjs"), way], { timeout: 60_000 });
      expect(String(child)).toBe("2 threads\n");
    }
  });

  it("run the code of one thread: the module differs in one byte, which says that its memory is shared", () => {
    const memory = new webAssembly.Memory({ initial: 1, maximum: 65_536, shared: true });
    const own = instantiate(memory, sharedModule());
    expect(own.heap()).toBeGreaterThan(0);
    expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});
