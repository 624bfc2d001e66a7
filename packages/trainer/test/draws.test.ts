import { clipTasks, crossGram, type GradientPool, type PoolContext, type TaskGradients } from "@gradpool/core";
import { type Batch, type BprBatch, type ImpressionsBatch, splitBatch } from "@gradpool/data";
import { bpr, clickModel, lightgcn, mf, type Model } from "@gradpool/models";
import { describe, expect, it } from "vitest";
import { createEngine } from "../src/create-engine.js";
import type { Engine, StepInput } from "../src/engine/contract.js";
import type { EngineSettings } from "../src/engine/options.js";
import { type Feed, fit } from "../src/index.js";
import { bprBatch, worst } from "./embedding-helpers.js";
import { randomGraph } from "./graph-helpers.js";
import { impressions, tf } from "./tensor-helpers.js";

/** Several batches and held-out examples, against the same examples in steps of one batch. */

type Values = Map<
  string,
  { readonly ids: readonly number[] | null; readonly width: number; readonly rows: Float64Array[] }
>;

/** What a pool was shown of one batch: by parameter, each task's gradient. */
function valuesOf({ parameters, values }: TaskGradients): Values {
  return new Map(
    parameters.map(({ name, ids, width }) => [
      name,
      { ids: ids === undefined ? null : [...ids], width, rows: values(name).map((own) => Float64Array.from(own)) },
    ]),
  );
}

interface Shown {
  readonly first: Values;
  readonly second: Values | null;
  readonly third: Values | null;
  readonly cross: Float64Array | null;
  readonly validation: PoolContext["validation"];
}

interface Spied {
  readonly pool: GradientPool;
  readonly shown: Shown[];
}

/** A pool that writes down what it is shown, and weighs the gradients of its last batch: 1, 2, 3 … */
function spy(batches: 1 | 2 | 3, validates: boolean): Spied {
  const shown: Shown[] = [];
  const pool: GradientPool = {
    spec: 1,
    name: "spy",
    options: {},
    needs: "gradients",
    granularity: "model",
    level: "parameters",
    batches,
    ...(validates && { wantsValidation: (step: number) => step % 2 === 1 }),
    init: () => null,
    pool(gradients, { second, third, validation }, state) {
      const cross = second && crossGram(gradients, second, "model");
      const products = cross?.cosines.map(
        (cosine, k) => cosine * cross.norms[Math.floor(k / gradients.tasks)]! * cross.others[k % gradients.tasks]!,
      );
      shown.push({
        first: valuesOf(gradients),
        second: second === undefined ? null : valuesOf(second),
        third: third === undefined ? null : valuesOf(third),
        cross: products ?? null,
        validation,
      });
      const weights = Float64Array.from({ length: gradients.tasks }, (_, i) => i + 1);
      return { combined: (third ?? second ?? gradients).combine({ granularity: "model", weights }), state };
    },
  };
  return { pool, shown };
}

type Given = Pick<StepInput, "batches" | "joint">;

interface Case {
  readonly model: () => Model;
  readonly batch: (seed: number) => Given;
  readonly names: (engine: Engine) => Map<string, Float32Array>;
  readonly settings?: Partial<EngineSettings>;
}

const tasks = ["a", "b"];
const bprs = (seed: number): Given => ({ batches: tasks.map((_, t) => bprBatch(12, 60, 50, 10 * seed + t) as Batch) });
const tables = (engine: Engine): Map<string, Float32Array> =>
  new Map(["users", "items"].map((name) => [name, engine.table(name).slice()]));
const fields = ["f0", "f1"].map((name) => ({ name, vocabulary: 40 }));

const cases: Record<string, Case> = {
  embeddings: {
    model: () =>
      mf({ users: 60, items: 50, dim: 5, init: { kind: "normal", std: 0.3 }, tasks: tasks.map((t) => bpr(t)) }),
    batch: bprs,
    names: tables,
  },
  "a graph encoder": {
    model: () =>
      lightgcn({ graph: randomGraph(60, 50, 4), tasks: tasks.map((t) => bpr(t)), dim: 4, layers: 2, l2: 0.01 }),
    batch: bprs,
    names: tables,
  },
  "dense layers": {
    model: () => clickModel({ fields, tasks, dim: 4, interaction: "none", trunk: [6], head: [3] }),
    batch: (seed) => ({ joint: impressions(tasks, { fields: 2, vocabulary: 40, numerical: 0, size: 15 }, seed) }),
    names: (engine) => new Map(["f0", "f1"].map((name) => [name, engine.table(name).slice()])),
  },
};

function engineOf({ model, settings }: Case, { pool }: Spied, change: Partial<EngineSettings> = {}): Engine {
  const optimizer = { name: "sgd", learningRate: 0.1 } as const;
  return createEngine({ tf, model: model(), pool, optimizer, seed: 3, ...settings, ...change } as never);
}

/** What one batch's gradients are in a step of its own. */
function alone(one: Case, seed: number): Values {
  const spied = spy(1, false);
  engineOf(one, spied).step({ step: 1, epoch: 1, ...one.batch(seed) });
  return spied.shown[0]!.first;
}

/** A gradient of one task by row id (or place), to compare two that list different rows. */
function byRow(values: Values, task: number): Map<string, number> {
  const out = new Map<string, number>();
  for (const [name, { ids, width, rows }] of values) {
    rows[task]!.forEach((x, k) => {
      if (x !== 0)
        out.set(`${name} ${ids === null ? 0 : ids[Math.floor(k / width)]} ${ids === null ? k : k % width}`, x);
    });
  }
  return out;
}

const dot = (a: Map<string, number>, b: Map<string, number>): number =>
  [...a].reduce((sum, [key, x]) => sum + x * (b.get(key) ?? 0), 0);

function expectSame(ours: Values, theirs: Values): void {
  for (let t = 0; t < tasks.length; t++) {
    const [a, b] = [byRow(ours, t), byRow(theirs, t)];
    expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
    for (const [key, x] of a) expect(x).toBeCloseTo(b.get(key)!, 6);
  }
}

describe.each(Object.keys(cases))("a step of several batches (%s)", (name) => {
  const one = cases[name]!;

  it("shows a pool each batch's gradients, their products and a validation gradient, as steps of one batch do", () => {
    const spied = spy(3, true);
    const engine = engineOf(one, spied);
    engine.step({
      step: 1,
      epoch: 1,
      ...one.batch(1),
      further: [one.batch(2), one.batch(3)],
      validation: one.batch(4),
    });
    const [{ first, second, third, cross, validation }] = spied.shown as [Shown];
    const [a, b, c, held] = [1, 2, 3, 4].map((seed) => alone(one, seed)) as [Values, Values, Values, Values];
    expectSame(first, a);
    expectSame(second!, b);
    expectSame(third!, c);
    const rows = (values: Values): Map<string, number>[] => tasks.map((_, t) => byRow(values, t));
    const products = rows(a).flatMap((g) => rows(b).map((h) => dot(g, h)));
    expect(worst(cross!, products)).toBeLessThan(1e-6 * Math.max(...products.map(Math.abs)) + 1e-12);
    const target = rows(held)[0]!;
    expect(validation!.norm).toBeCloseTo(Math.sqrt(dot(target, target)), 6);
    rows(a).forEach((g, j) => expect(validation!.dots[j]).toBeCloseTo(dot(target, g), 6));
    engine.step({ step: 2, epoch: 1, ...one.batch(5), further: [one.batch(6), one.batch(7)] });
    expect(spied.shown[1]!.validation).toBeUndefined();
    engine.dispose();
  });

  it("moves by the batch that the pool combined", () => {
    const several = spy(3, true);
    const engine = engineOf(one, several);
    const start = one.names(engine);
    engine.step({
      step: 1,
      epoch: 1,
      ...one.batch(1),
      further: [one.batch(2), one.batch(3)],
      validation: one.batch(4),
    });
    const only = engineOf(one, spy(1, false));
    only.step({ step: 1, epoch: 1, ...one.batch(3) });
    const moved = one.names(engine);
    if (name === "a graph encoder") {
      // Its regulariser is the mean over the batches.
      for (const [table, values] of moved) expect(worst(values, start.get(table)!)).toBeGreaterThan(1e-4);
    } else for (const [table, values] of one.names(only)) expect(worst(moved.get(table)!, values)).toBeLessThan(1e-6);
    for (const own of [engine, only]) own.dispose();
  });
});

describe("rows that the combined batch does not touch", () => {
  const one = cases["embeddings"]!;
  const rowsOf = (batch: Given): Set<number> => new Set(batch.batches!.flatMap((own) => [...(own as BprBatch).users]));
  const steps = [1, 2, 3, 4];
  const several = (engine: Engine): Engine => {
    for (const step of steps) {
      const [first, second, third, validation] = [1, 2, 3, 4].map((k) => one.batch(10 * step + k)) as [
        Given,
        Given,
        Given,
        Given,
      ];
      engine.step({ step, epoch: 1, ...first, further: [second, third], ...(step % 2 === 1 && { validation }) });
    }
    return engine;
  };
  const third = (engine: Engine): Engine => {
    for (const step of steps) engine.step({ step, epoch: 1, ...one.batch(10 * step + 3) });
    return engine;
  };

  it.each([
    ["lazy", {}],
    ["dense-equivalent", {}],
    ["lazy", { clip: { norm: 0.01 } }],
    ["lazy", { clip: { value: 1e-3 } }],
    ["dense-equivalent", { clip: { value: 1e-3 } }],
  ] as const)("stay as in steps of that batch alone, with %s rows %o", (rows, change) => {
    const optimizer = { name: "adam", learningRate: 0.05, rows } as const;
    const [ours, theirs] = [
      several(engineOf(one, spy(3, true), { optimizer, ...change })),
      third(engineOf(one, spy(1, false), { optimizer, ...change })),
    ];
    const start = engineOf(one, spy(1, false)).table("users").slice();
    for (const engine of [ours, theirs]) engine.settle();
    for (const table of ["users", "items"]) expect([...ours.table(table)]).toEqual([...theirs.table(table)]);
    const moved = new Set(steps.flatMap((step) => [...rowsOf(one.batch(10 * step + 3))]));
    const still = [1, 2, 4]
      .flatMap((k) => steps.flatMap((step) => [...rowsOf(one.batch(10 * step + k))]))
      .filter((row) => !moved.has(row));
    expect(still.length).toBeGreaterThan(3);
    for (const row of still)
      expect(ours.table("users").slice(5 * row, 5 * row + 5)).toEqual(start.slice(5 * row, 5 * row + 5));
  });

  it("learn where no pool sees them from the mean of the batches, and from no held-out example", () => {
    const optimizer = { name: "sgd", learningRate: 0.1 } as const;
    const engine = engineOf(one, spy(3, true), { optimizer, balance: ["users"] });
    const start = engine.table("items").slice();
    engine.step({
      step: 1,
      epoch: 1,
      ...one.batch(1),
      further: [one.batch(2), one.batch(3)],
      validation: one.batch(4),
    });
    const moved = [1, 2, 3].map((seed) => {
      const own = engineOf(one, spy(1, false), { optimizer, balance: ["users"] });
      own.step({ step: 1, epoch: 1, ...one.batch(seed) });
      return own.table("items").map((x, k) => x - start[k]!);
    });
    const mean = start.map((x, k) => x + (moved[0]![k]! + moved[1]![k]! + moved[2]![k]!) / 3);
    expect(worst(engine.table("items"), mean)).toBeLessThan(1e-6);
  });
});

describe("what a task owns", () => {
  it("learns from the mean of the batches: of the parts of one batch, as from that batch", () => {
    const one = cases["dense layers"]!;
    const whole = one.batch(1).joint as ImpressionsBatch;
    const all = { ...whole, size: 14, masks: whole.masks.map((mask) => mask.slice().fill(1)) };
    const [first, second] = splitBatch(all, 2) as unknown as [ImpressionsBatch, ImpressionsBatch];
    const model = one.model();
    const ours = engineOf(one, spy(2, false));
    ours.step({ step: 1, epoch: 1, joint: first, further: [{ joint: second }] });
    const theirs = engineOf(one, spy(1, false));
    theirs.step({ step: 1, epoch: 1, joint: splitBatch(all, 1)[0]! });
    const heads = "variables" in model ? model.variables.filter(({ owner }) => owner !== null) : [];
    expect(heads.length).toBeGreaterThan(3);
    for (const { name } of heads) expect(worst(ours.variable(name), theirs.variable(name))).toBeLessThan(1e-6);
  });
});

describe("refused", () => {
  const one = cases["embeddings"]!;
  const stepped = (input: Partial<StepInput>) => () =>
    engineOf(one, spy(3, true)).step({ step: 1, epoch: 1, ...one.batch(1), ...input });
  it.each<[string, () => unknown, RegExp]>([
    ["a step without further batches", stepped({ validation: one.batch(4) }), /1 of 3 batches \(step 1, pool spy\)/],
    ["a step without held-out examples", stepped({ further: [one.batch(2), one.batch(3)] }), /no held-out examples/],
    [
      "the same examples twice",
      () => {
        const batch = one.batch(1);
        return engineOf(one, spy(2, false)).step({ step: 1, epoch: 1, ...batch, further: [batch] });
      },
      /the same examples twice/,
    ],
    [
      "the representation of other examples",
      () => engineOf(cases["dense layers"]!, spy(2, false), { level: "representation" }),
      /spy needs 2 independent batches, and other examples have another representation/,
    ],
    [
      "a held-out gradient at the representation",
      () => engineOf(cases["dense layers"]!, spy(1, true), { level: "representation" }),
      /spy needs gradients on held-out examples/,
    ],
    [
      "a feed of one batch",
      () => fit({ engine: engineOf(one, spy(3, false)), feed: feed(), epochs: 1 }),
      /spy needs 3 independent batches a step, and the feed gives 1/,
    ],
    [
      "a feed without held-out examples",
      () => fit({ engine: engineOf(one, spy(1, true)), feed: feed(), epochs: 1 }),
      /spy needs held-out examples, and the feed gives none/,
    ],
  ])("%s, by name and with the reason", (_name, run, message) => {
    expect(run).toThrow(message);
  });

  const feed = (): Feed => ({
    stepsPerEpoch: 1,
    next: () => one.batch(1),
    state: () => ({}),
    restore: () => undefined,
  });
});

describe("clipTasks", () => {
  it("limits every batch's gradients, and their products with them", () => {
    const one = cases["embeddings"]!;
    const limit = 1e-3;
    const spied = spy(3, false);
    const engine = engineOf(one, { ...spied, pool: clipTasks(spied.pool, limit) });
    const start = engine.table("users").slice();
    engine.step({ step: 1, epoch: 1, ...one.batch(1), further: [one.batch(2), one.batch(3)] });
    const [{ first, second, third, cross }] = spied.shown as [Shown];
    for (const shown of [first, second!, third!]) {
      for (let t = 0; t < tasks.length; t++)
        expect(Math.sqrt(dot(byRow(shown, t), byRow(shown, t)))).toBeCloseTo(limit, 9);
    }
    const products = tasks.flatMap((_, i) => tasks.map((__, j) => dot(byRow(first, i), byRow(second!, j))));
    expect(worst(cross!, products)).toBeLessThan(1e-12);
    // Weights 1 and 2 of gradients of norm 1e-3, at a rate of 0.1.
    expect(worst(engine.table("users"), start)).toBeLessThan(0.1 * 3 * limit);
  });
});
