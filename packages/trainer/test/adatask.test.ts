import { adatask } from "@gradpool/adatask";
import { clipTasks, type GradientPool } from "@gradpool/core";
import { bpr, clickModel, lightgcn, mf, type Model } from "@gradpool/models";
import { describe, expect, it } from "vitest";
import { createEngine } from "../src/create-engine.js";
import type { Engine, StepInput } from "../src/engine/contract.js";
import type { EngineSettings } from "../src/engine/options.js";
import { createTableStore } from "../src/tables/create-store.js";
import { bprBatch, ids, noise, worst } from "./embedding-helpers.js";
import { randomGraph } from "./graph-helpers.js";
import { impressions, tf } from "./tensor-helpers.js";

/** AdaTask in the optimiser's own memory, against the pool, which keeps the same moments in float64 and is applied by plain SGD. */

const tasks = ["a", "b", "c"];
const model = (): Model =>
  mf({ users: 60, items: 50, dim: 7, init: { kind: "normal", std: 0.3 }, tasks: tasks.map((task) => bpr(task)) });
const click = (): Model => {
  const fields = ["f0", "f1"].map((name) => ({ name, vocabulary: 40 }));
  return clickModel({ fields, tasks, dim: 4, interaction: "none", trunk: [6], head: [3] });
};
const graph = (): Model =>
  lightgcn({ graph: randomGraph(60, 50, 4), tasks: tasks.map((task) => bpr(task)), dim: 4, layers: 2 });
/**
 * Task b is absent from every third step. No negative is a positive: where a row's gradient adds up to zero, the pool, which is shown
 * numbers, takes it for one that the task did not read.
 */
const batches = (step: number): Pick<StepInput, "batches"> => ({
  batches: tasks.map((task, t) => {
    const batch = bprBatch(9, 60, 25, 10 * step + t);
    return task === "b" && step % 3 === 0 ? null : { ...batch, negatives: batch.negatives.map((item) => item + 25) };
  }),
});
const joint = (step: number): Pick<StepInput, "joint"> => ({
  joint: impressions(tasks, { fields: 2, vocabulary: 40, numerical: 0, size: 12 }, step),
});

const adam = { name: "adam", learningRate: 0.01 } as const;
const sgd = { name: "sgd", learningRate: 0.01 } as const;
const pool = (): GradientPool => adatask({ betas: [0.8, 0.99], weights: [1, 3, 0.5] }) as GradientPool;

const engineOf = (own: Model, change: Partial<EngineSettings> = {}): Engine =>
  createEngine({ tf, model: own, pool: pool(), optimizer: adam, seed: 3, ...change } as never);

function trained(engine: Engine, input: (step: number) => Partial<StepInput>, steps = 12): Engine {
  for (let step = 1; step <= steps; step++) {
    // A rate that moves: a task's correction does not depend on it.
    if (step === 7) engine.setLearningRate(0.02);
    engine.step({ step, epoch: 1, ...input(step) });
  }
  return engine;
}

describe("adatask", () => {
  it("moves embedding rows as the pool does under plain SGD, with moments per task and touched row", () => {
    const ours = trained(engineOf(model()), batches);
    const theirs = trained(engineOf(model(), { optimizer: sgd }), batches);
    const start = engineOf(model());
    for (const table of ["users", "items"]) {
      expect(worst(ours.table(table), theirs.table(table))).toBeLessThan(2e-5);
      expect(worst(ours.table(table), start.table(table))).toBeGreaterThan(0.05);
    }
    const { arrays } = ours.snapshot();
    expect([...arrays.keys()].sort()).toEqual(
      ["items", "users"].flatMap((t) => [`table/${t}`, `tasks/m/${t}`, `tasks/steps/${t}`, `tasks/v/${t}`]).sort(),
    );
    expect(arrays.get("tasks/m/users")).toHaveLength(60 * 3 * 7);
  });

  it("leaves a row that no task touches as it is, and a task's moments where it touches none", () => {
    const engine = engineOf(model());
    const before = engine.table("items").slice();
    const batch = bprBatch(4, 60, 20, 1);
    engine.step({ step: 1, epoch: 1, batches: [batch, null, null] });
    expect(engine.table("items").slice(20 * 7)).toEqual(before.slice(20 * 7));
    const steps = engine.snapshot().arrays.get("tasks/steps/items")!;
    const touched = new Set([...batch.positives, ...batch.negatives]);
    for (let row = 0; row < 50; row++)
      expect(Array.from(steps.subarray(3 * row, 3 * row + 3))).toEqual([touched.has(row) ? 1 : 0, 0, 0]);
  });

  it("moves shared variables and tables below dense layers as the pool does, heads by ordinary Adam", () => {
    const ours = trained(engineOf(click()), joint, 6);
    const theirs = trained(engineOf(click(), { optimizer: sgd }), joint, 6);
    const whole = click();
    if (whole.kind !== "tensor") throw new Error("a tensor model");
    // The heads' optimisers differ, and with them what comes back: the first step alone is the same.
    const [a, b] = [trained(engineOf(click()), joint, 1), trained(engineOf(click(), { optimizer: sgd }), joint, 1)];
    for (const { name, owner } of whole.variables)
      if (owner === null) expect(worst(a.variable(name), b.variable(name)), name).toBeLessThan(2e-6);
    for (const { name } of whole.tables) expect(worst(a.table(name), b.table(name)), name).toBeLessThan(2e-6);
    const head = whole.variables.find(({ owner }) => owner === "a")!.name;
    expect(worst(ours.variable(head), theirs.variable(head))).toBeGreaterThan(1e-3);
    expect(ours.snapshot().arrays.has("tasks/v/dense/shared")).toBe(true);
  });

  it("has the same bits by WebAssembly and by plain kernels", () => {
    // The same gradients: those of the losses have the bits of the kernels that computed them.
    const run = (kernels: "wasm" | "plain") => {
      const tables = [{ name: "t", rows: 40, dim: 7, init: { kind: "normal", std: 0.3 } as const }];
      const apart = { tables: new Set(["t"]), sets: 3, beta1: 0.8, beta2: 0.99, epsilon: 1e-8 };
      const optimizer = { ...adam, weightDecay: 0.1, decay: "decoupled" } as const;
      const store = createTableStore({ tables, optimizer, seed: 3, memory: { kernels }, apart });
      for (let step = 1; step <= 8; step++) {
        store.begin(3, () => "tasks");
        for (let task = 0; task < 3; task++) {
          const gathered = store.gather({ table: "t", ids: ids(9, 40, 10 * step + task), size: 9 });
          store.scatter(gathered, task, noise(9 * 7, 10 * step + task));
        }
        store.apply("t", { granularity: "model", weights: Float64Array.of(1, 3, 0.5) });
        store.end();
      }
      return [...store.state().arrays].map(([name, values]) => [name, [...values]]);
    };
    expect(run("wasm")).toEqual(run("plain"));
  });

  it("gives parameters that it does not balance ordinary Adam", () => {
    const engine = trained(engineOf(model(), { balance: ["users"] }), batches);
    const keys = [...engine.snapshot().arrays.keys()];
    expect(keys).toContain("m/items");
    expect(keys).toContain("tasks/m/users");
    expect(keys).not.toContain("tasks/m/items");
  });

  it("says what it weighs nothing by, and still tells norms", () => {
    const engine = engineOf(model());
    const { diagnostics, weights } = engine.step({ step: 1, epoch: 1, ...batches(1), diagnostics: true });
    expect(weights).toBeUndefined();
    expect(diagnostics!.norms.every((norm) => norm > 0)).toBe(true);
    expect(diagnostics!.weights.every(Number.isNaN)).toBe(true);
  });

  it.each<[string, () => Model, Partial<EngineSettings>, RegExp]>([
    [
      "adagrad",
      model,
      { optimizer: { name: "adagrad", learningRate: 0.1 } },
      /adatask keeps Adam's moments .* adagrad/,
    ],
    ["a limit of the gradient", model, { clip: { norm: 1 } }, /adatask answers with an update.*clip is given/],
    [
      "rows of a dense optimiser",
      model,
      { optimizer: { ...adam, rows: "dense-equivalent" } },
      /rows is dense-equivalent/,
    ],
    ["L2 decay", model, { optimizer: { ...adam, weightDecay: 0.1 } }, /no gradient that an L2 decay/],
    ["a graph encoder", graph, {}, /every node and task behind a graph encoder/],
    ["weights for other tasks", model, { pool: adatask({ weights: [1, 2] }) as GradientPool }, /weights has 2 numbers/],
    [
      "a limit of each task's gradient",
      model,
      { pool: clipTasks(pool(), 1) },
      /adatask needs its answer applied as an update/,
    ],
  ])("refuses %s before training, by name and with the reason", (_name, own, change, message) => {
    expect(() => engineOf(own(), change)).toThrow(message);
  });

  it("takes decoupled decay, once for all tasks that move a row", () => {
    const optimizer = { ...adam, weightDecay: 0.5, decay: "decoupled" } as const;
    const engine = engineOf(model(), { optimizer });
    const plain = engineOf(model());
    const start = engine.table("users").slice();
    for (const one of [engine, plain]) one.step({ step: 1, epoch: 1, ...batches(1) });
    const touched = new Set(batches(1).batches!.flatMap((batch) => [...(batch as { users: Int32Array }).users]));
    for (const row of touched) {
      for (let c = row * 7; c < row * 7 + 7; c++)
        expect(engine.table("users")[c]).toBeCloseTo(plain.table("users")[c]! - 0.01 * 0.5 * start[c]!, 6);
    }
  });
});
