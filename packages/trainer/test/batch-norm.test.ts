import { readFileSync } from "node:fs";
import { atLevel, definePool, type GradientPool } from "@gradpool/core";
import type { ImpressionsBatch } from "@gradpool/data";
import { ew } from "@gradpool/ew";
import { aitm, cgc, clickModel, esmm, mmoe, ple, pleDeepfm, stem, type TensorModel } from "@gradpool/models";
import { pcgrad } from "@gradpool/pcgrad";
import { describe, expect, it } from "vitest";
import { createEngine } from "../src/create-engine.js";
import { impressions, input, tf } from "./tensor-helpers.js";

type Nested = readonly (number | readonly number[])[];

/** Six steps of PyTorch: `fixtures/batch_norm.py`. */
interface Reference {
  readonly start: Readonly<Record<string, Nested>>;
  readonly steps: readonly {
    readonly x: readonly (readonly number[])[];
    readonly y: readonly (readonly number[])[];
    readonly known: readonly (readonly number[])[];
    readonly losses: readonly number[];
  }[];
  readonly end: {
    readonly parameters: Readonly<Record<string, Nested>>;
    readonly x: readonly (readonly number[])[];
    readonly logits: readonly (readonly number[])[];
  };
}

const reference = JSON.parse(readFileSync(new URL("./fixtures/batch_norm.json", import.meta.url), "utf8")) as Reference;
const tasks = ["t0", "t1"];
const vocabularies = [5, 4];

function batchOf(x: readonly (readonly number[])[], y?: Reference["steps"][number]): ImpressionsBatch {
  const column = (rows: readonly (readonly number[])[] | undefined, t: number): number[] =>
    (rows ?? x).map((row) => row[t] as number);
  return {
    kind: "impressions",
    size: x.length,
    tasks,
    users: new Int32Array(x.length),
    fields: vocabularies.map((vocabulary, f) => ({
      kind: "one-hot" as const,
      name: `f${f}`,
      vocabulary,
      ids: Int32Array.from(column(x, f)),
    })),
    numericalNames: [],
    numerical: new Float32Array(0),
    labels: tasks.map((_, t) => Float32Array.from(column(y?.y, t))),
    masks: tasks.map((_, t) => Uint8Array.from(column(y?.known, t))),
  };
}

const clicks = (): TensorModel =>
  clickModel({
    fields: vocabularies.map((vocabulary, f) => ({ name: `f${f}`, vocabulary })),
    tasks,
    dim: 3,
    interaction: "none",
    trunk: [4, 3],
    head: [3],
    batchNorm: true,
  });

const initial = new Map(
  Object.entries(reference.start).map(([name, values]) => [name, Float32Array.from(values.flat())]),
);

function engineOf(model: TensorModel, pool: GradientPool, learningRate = 0.02) {
  const optimizer = { name: "adam", learningRate, rows: "dense-equivalent" } as const;
  return createEngine({ tf, model, pool, optimizer, seed: 1, initial, onNonFinite: "skip" });
}

describe("batch normalisation", () => {
  it.each(["losses", "representation", "parameters"] as const)(
    "does six steps as PyTorch does at the level %s: losses, parameters, running statistics, and outputs by them",
    (level) => {
      const model = clicks();
      const engine = engineOf(model, level === "losses" ? (ew() as GradientPool) : atLevel(ew(), level));
      for (const [k, step] of reference.steps.entries()) {
        const { losses } = engine.step(input(batchOf(step.x, step), k + 1));
        for (const [t, wanted] of step.losses.entries()) {
          expect(Math.abs((losses[t] as number) / wanted - 1), `loss ${t} of step ${k + 1}`).toBeLessThan(2e-5);
        }
      }
      engine.settle();
      const { parameters, x, logits } = reference.end;
      const held = [...model.tables, ...model.variables, ...(model.statistics ?? [])].map(({ name }) => name);
      expect(Object.keys(parameters).sort()).toEqual(held.sort());
      for (const [name, wanted] of Object.entries(parameters)) {
        const found = name.startsWith("f") ? engine.table(name) : engine.variable(name);
        const most = Math.max(...wanted.flat().map(Math.abs));
        const off = Math.max(...wanted.flat().map((w, k) => Math.abs(w - (found[k] as number))));
        expect(off / most, name).toBeLessThan(1e-4); // Adam's steps hang on the sign of gradients next to 0
      }
      const outputs = engine.predict(batchOf(x));
      logits.forEach((row, r) =>
        row.forEach((z, t) => expect(Math.abs((outputs[t]?.[r] as number) - z)).toBeLessThan(1e-4)),
      );
      engine.dispose();
    },
  );

  it("shows no statistic to a pool", () => {
    const seen = new Set<string>();
    const spy: GradientPool = definePool({
      name: "spy",
      options: {},
      needs: "norms",
      zeros: "keep",
      weigh: ({ size }) => ({ weights: new Float64Array(size).fill(1) }),
    }) as GradientPool;
    const { pool } = spy;
    const engine = engineOf(clicks(), {
      ...spy,
      pool(gradients, context, state) {
        for (const { name } of gradients.parameters) seen.add(name);
        return pool(gradients, context, state);
      },
    });
    const [step] = reference.steps;
    engine.step(input(batchOf(step!.x, step)));
    engine.dispose();
    expect([...seen].filter((name) => name.startsWith("trunk")).sort()).toEqual([
      "trunk.0.norm.bias",
      "trunk.0.norm.weight",
      "trunk.0.weight",
      "trunk.1.norm.bias",
      "trunk.1.norm.weight",
      "trunk.1.weight",
    ]);
  });

  it("leaves the statistics of a step that fails as they were", () => {
    const model = clicks();
    const engine = engineOf(model, atLevel(ew(), "parameters"));
    const statistics = (): number[][] => (model.statistics ?? []).map(({ name }) => [...engine.variable(name)]);
    const before = statistics();
    const [step] = reference.steps;
    const bad = { ...batchOf(step!.x, step), labels: tasks.map(() => new Float32Array(6).fill(Number.NaN)) };
    expect(engine.step(input(bad)).skipped).toEqual({ task: "t0", parameter: null, reason: "the loss is NaN" });
    expect(statistics()).toEqual(before);
    engine.step(input(batchOf(step!.x, step), 2));
    expect(statistics()).not.toEqual(before);
    engine.dispose();
  });

  const shape = { fields: 2, vocabulary: 5, numerical: 0, size: 7 };
  const fields = [
    ...Array.from({ length: shape.fields }, (_, f) => ({ name: `f${f}`, vocabulary: shape.vocabulary })),
    { name: "tags", vocabulary: shape.vocabulary, kind: "multi-hot" as const },
  ];
  const common = { fields, tasks, dim: 3, batchNorm: true, head: [3], expert: [4], bottom: [4] };
  const models = {
    cgc: cgc(common),
    mmoe: mmoe(common),
    ple: ple({ ...common, levels: 2 }),
    "ple-deepfm": pleDeepfm({ ...common, dropout: 0 }),
    stem: stem({ ...common, layers: 2 }),
    esmm: esmm(common),
    aitm: aitm({ ...common, calibrator: 0 }),
  };
  /** One step from tables of sines, `by` times as large. */
  function stepOf(model: TensorModel, by: number) {
    const sines = model.tables.map(({ name, rows, dim }, k): [string, Float32Array] => [
      name,
      Float32Array.from({ length: rows * dim }, (_, i) => by * Math.sin(3 * i + k)),
    ]);
    const optimizer = { name: "sgd", learningRate: 0.1 } as const;
    const pool = atLevel(pcgrad(), "representation") as GradientPool;
    const engine = createEngine({ tf, model, pool, optimizer, seed: 1, initial: new Map(sines) });
    const { losses } = engine.step(input(impressions(tasks, shape)));
    const statistics = (model.statistics ?? []).map(({ name }) => [...engine.variable(name)]);
    engine.dispose();
    return { losses, statistics };
  }

  it.each(Object.entries(models))("is in every hidden layer of %s, and sees its batches", (_name, model) => {
    const hidden = /^(?!.*gate)(trunk|expert|level|bottom|head|ctr|cvr).*\.0\.weight$/;
    const layers = model.variables.filter(({ name }) => hidden.test(name));
    const means = (model.statistics ?? []).filter(({ name }) => name.endsWith("running_mean"));
    expect(means.length).toBe(layers.length);
    const { statistics } = stepOf(model, 1);
    expect(statistics.filter((values) => values.every((x) => x === 0 || x === 1))).toEqual([]);
  });

  it("takes the scale out of a layer's inputs", () => {
    const [small, large] = [stepOf(models.esmm, 1), stepOf(models.esmm, 30)];
    small.losses.forEach((loss, t) => expect(large.losses[t]).toBeCloseTo(loss, 4));
  });
});
