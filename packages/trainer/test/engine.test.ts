import { definePool, type GradientPool, isGradpoolError, type Level } from "@gradpool/core";
import { adatask } from "@gradpool/adatask";
import { ew } from "@gradpool/ew";
import { bpr, clickModel, mf, type Model } from "@gradpool/models";
import { pcgrad } from "@gradpool/pcgrad";
import { describe, expect, it } from "vitest";
import { createEngine } from "../src/create-engine.js";
import type { Engine, StepInput } from "../src/engine/contract.js";
import type { EngineSettings } from "../src/engine/options.js";
import { bprBatch } from "./embedding-helpers.js";
import { impressions, tf } from "./tensor-helpers.js";

const tasks = ["buy", "cart"];

interface Kind {
  readonly kind: Model["kind"];
  readonly model: Model;
  /** A table that the model has. */
  readonly table: string;
  input(step: number): StepInput;
}

const embedding: Kind = {
  kind: "embedding",
  model: mf({ users: 9, items: 8, dim: 4, tasks: tasks.map(bpr) }),
  table: "users",
  input: (step) => ({ step, epoch: 1, batches: tasks.map((_, t) => bprBatch(6, 9, 8, 10 * step + t)) }),
};
const tensor: Kind = {
  kind: "tensor",
  model: clickModel({
    fields: [{ name: "f0", vocabulary: 8 }],
    tasks,
    dim: 4,
    interaction: "none",
    trunk: [5],
    head: [3],
  }),
  table: "f0",
  input: (step) => ({
    step,
    epoch: 1,
    joint: impressions(tasks, { fields: 1, vocabulary: 8, numerical: 0, size: 6 }, step),
  }),
};

const optimizer = { name: "adam", learningRate: 0.01 } as const;
const engineOf = ({ model }: Kind, pool: GradientPool, settings: Partial<EngineSettings> = {}): Engine =>
  createEngine({ model, tf, pool, optimizer, ...settings });

/** Code and message of what a call throws. */
function thrown(call: () => unknown): { readonly code: string; readonly message: string } {
  try {
    call();
  } catch (error) {
    if (isGradpoolError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** A pool per row that reports on each of them. */
const talkative = definePool({
  name: "talkative",
  options: {},
  needs: "norms",
  granularity: "row",
  level: "parameters",
  init: () => null,
  weigh: ({ size }) => ({ weights: Array.from({ length: size }, () => 1), state: null, diagnostics: { size } }),
}) as GradientPool;

describe.each([embedding, tensor])("the engine of $kind models", (kind) => {
  const { name } = kind.model;
  const pool = pcgrad() as GradientPool;
  const at = (settings: Partial<EngineSettings>, by = pool) => thrown(() => engineOf(kind, by, settings));

  it("refuses a target that is no task, and lists the tasks", () => {
    expect(at({ target: "byu" })).toEqual({
      code: "invalid-option",
      message: `target is byu (model ${name}): give one of its tasks: buy, cart`,
    });
    expect(engineOf(kind, pool, { target: "cart" }).tasks).toEqual({ names: tasks, target: 1 });
  });

  it("refuses a pool that needs gradients at the level of the losses", () => {
    const { code, message } = at({ level: "losses" });
    expect(code).toBe("unsupported");
    expect(message).toMatch(/^level losses for a pool that needs gram \(pool pcgrad, .* model .*\): give level: ".*"$/);
    expect(message).toMatch(kind.kind === "tensor" ? /"representation" or "parameters"$/ : /: "parameters"$/);
    expect(engineOf(kind, ew() as GradientPool, { level: "losses" }).level).toBe("losses");
  });

  it("refuses a level that there is not", () => {
    expect(at({ level: "rows" as Level })).toMatchObject({ code: "invalid-option", message: /level is rows/ });
  });

  it("refuses a balance that names nothing, something unknown, or parts of a model where the pool sees no parameters", () => {
    expect(at({ level: "parameters", balance: [] })).toMatchObject({
      code: "invalid-option",
      message: new RegExp(`balance names nothing .*${kind.table}.*leave it out to balance all`),
    });
    expect(at({ level: "parameters", balance: ["clicks"] })).toMatchObject({
      code: "invalid-option",
      message: new RegExp(`balance names clicks .*${kind.table}`),
    });
    expect(at({ level: "losses", balance: [kind.table] }, ew() as GradientPool)).toMatchObject({
      code: "invalid-option",
      message: /balance at the level losses/,
    });
    expect(engineOf(kind, pool, { level: "parameters", balance: [kind.table] }).level).toBe("parameters");
  });

  it("counts what a pool reports row by row, and keeps what it reports on more than a row", () => {
    const silent = engineOf(kind, talkative).step(kind.input(1));
    expect(silent.diagnostics).toBeUndefined();
    const { diagnostics } = engineOf(kind, talkative).step({ ...kind.input(1), diagnostics: true });
    expect(diagnostics?.rowReports).toBeGreaterThan(0);
    expect(diagnostics?.reports.every(({ row }) => row === undefined)).toBe(true);
    // Dense variables have no rows: what is said of one is said of the parameter.
    expect(diagnostics?.reports.length).toBe(kind.kind === "tensor" ? 2 : 0);
  });

  it("applies an update as it is, with plain SGD: AdaTask's first step is of one learning rate per task", () => {
    const settings = { optimizer: { name: "sgd", learningRate: 0.01 } } as const;
    const engine = engineOf(kind, adatask() as GradientPool, settings);
    const before = Float64Array.from(engine.table(kind.table));
    engine.step(kind.input(1));
    const moves = Array.from(engine.table(kind.table), (x, p) => Math.abs(x - (before[p] as number)) / 0.01);
    // 0 where nobody touches a coordinate, or two tasks pull apart; 1 for one task; 2 for both.
    for (const move of moves) expect(Math.min(move, Math.abs(move - 1), Math.abs(move - 2))).toBeLessThan(2e-3);
    expect(moves.filter((move) => move > 0.5).length).toBeGreaterThan(5);
    const adagrad = { optimizer: { name: "adagrad", learningRate: 0.01 } } as const;
    expect(at(adagrad, adatask() as GradientPool)).toMatchObject({ code: "unsupported", message: /plain sgd/ });
  });

  it("refuses a policy that there is not, a pool of another protocol, and another pool's snapshot", () => {
    expect(at({ onNonFinite: "ignore" as "skip" })).toMatchObject({ code: "invalid-option", message: /is ignore/ });
    expect(at({}, { ...pool, spec: 2 as 1 })).toMatchObject({ code: "version", message: /protocol version 2/ });
    const stepped = (more: Partial<GradientPool>) =>
      thrown(() => engineOf(kind, { ...pool, ...more }).step(kind.input(1)));
    expect(stepped({ batches: 3 })).toMatchObject({ code: "invalid-input", message: /1 of 3 batches/ });
    expect(stepped({ wantsValidation: () => true })).toMatchObject({ message: /no held-out examples/ });
    expect(at({}, { ...pool, answers: "update" })).toMatchObject({ code: "unsupported", message: /as an update/ });
    const snapshot = engineOf(kind, ew() as GradientPool).snapshot();
    expect(thrown(() => engineOf(kind, pool).restore(snapshot))).toMatchObject({
      code: "invalid-input",
      message: /a snapshot of a run with ew/,
    });
  });

  it("leaves no weight changed by a step that fails", () => {
    const poison = new Float32Array(kind.model.tables[0]!.rows * 4).fill(Number.NaN);
    const engine = engineOf(kind, pool, { level: "parameters", initial: new Map([[kind.table, poison]]) });
    const arrays = () => [...engine.snapshot().arrays.values()].map((values) => values.slice());
    const before = arrays();
    const failure = thrown(() => engine.step(kind.input(3)));
    expect(failure.code).toBe("non-finite");
    expect(failure.message).toMatch(/the loss is NaN.* \(step 3, epoch 1, task buy, \w+ batch of 6\)/);
    expect(arrays()).toEqual(before);
  });
});

describe("createEngine", () => {
  it("wants tfjs for a tensor model, and a kind of model that it knows", () => {
    expect(thrown(() => createEngine({ model: tensor.model, pool: ew(), optimizer }))).toMatchObject({
      code: "invalid-option",
      message: /tf is missing .*selectBackend/,
    });
    const other = { ...embedding.model, kind: "sequence" } as unknown as Model;
    expect(thrown(() => createEngine({ model: other, pool: ew(), optimizer }))).toMatchObject({
      code: "unsupported",
      message: /a model of kind sequence/,
    });
  });
});

it("an engine of more tasks than its kernels have places for is refused: the next place is a table's", () => {
  const model = mf({ users: 9, items: 8, dim: 4, tasks: Array.from({ length: 257 }, (_, t) => bpr(`t${t}`)) });
  const { code, message } = thrown(() => createEngine({ model, pool: ew(), optimizer }));
  expect([code, message]).toEqual([
    "unsupported",
    "there are 257 tasks (model mf): train at most 256 together: `tasks` names them",
  ]);
});

it("an engine is told nothing that it does not know", () => {
  const { model } = embedding;
  const other = { model, pool: ew(), optimizer, weightDecay: 1 };
  expect(thrown(() => createEngine(other)).message).toMatch(/^unknown option weightDecay \(createEngine\)/);
  const decayed = { model, pool: ew(), optimizer: { ...optimizer, wd: 1 } };
  expect(thrown(() => createEngine(decayed)).message).toMatch(/^unknown option wd \(optimizer adam\)/);
});

it.each(["model", "pool", "optimizer"] as const)("an engine without its %s is refused in one line", (part) => {
  const whole = { model: embedding.model, pool: ew(), optimizer };
  expect(() => createEngine({ ...whole, [part]: undefined } as never)).toThrow(
    `${part} is missing (createEngine): give a model, a pool and an optimizer`,
  );
});
