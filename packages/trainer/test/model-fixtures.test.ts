import { atLevel, defineLossPool, definePool, type GradientPool } from "@gradpool/core";
import { ew } from "@gradpool/ew";
import { sigmoid, type TensorModel } from "@gradpool/models";
import { describe, expect, it } from "vitest";
import { createEngine } from "../src/create-engine.js";
import type { EngineSettings } from "../src/engine/options.js";
import { evaluation } from "../src/tensor/dropout.js";
import { batchOf, type Fixture, modelOf, nameOf, ours, readFixture, tasksOf, type Values } from "./model-fixture.js";
import { input, tf, weightsOf } from "./tensor-helpers.js";

const names = ["shared-bottom", "mmoe", "cgc", "ple", "ple-deepfm", "esmm", "aitm", "stem"].map((name) => `${name}-a`);
const tolerance = 1e-5;

/** A loss pool of fixed weights: at the losses level, one backward pass of Σ wᵢ Lᵢ. */
const fixed = (weights: readonly number[]): GradientPool =>
  defineLossPool({
    name: "fixed",
    options: {},
    readsLosses: false,
    init: () => null,
    weigh: ({ index }) => ({ weights: index.map((i) => weights[i] as number), state: null }),
  }) as GradientPool;

/**
 * A float32 result against a float64 reference, relative to the largest number of the tensor, or of what it `started` from: steps
 * that bring a weight near 0 leave it the rounding of where it was.
 */
function expectClose(
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  what: string,
  started: ArrayLike<number> = [],
): void {
  expect(found.length, what).toBe(wanted.length);
  const most = Math.max(...Array.from(wanted, Math.abs), ...Array.from(started, Math.abs), 1e-30);
  const off = Math.max(...Array.from(wanted, (x, k) => Math.abs(x - (found[k] as number))));
  expect(off / most, what).toBeLessThan(tolerance);
}

const startOf = (fixture: Fixture): Map<string, Float32Array> =>
  new Map(
    Object.entries(fixture.parameters).map(([name, values]) => [
      nameOf(fixture, name),
      Float32Array.from(ours(name, values)),
    ]),
  );

function engineOf(fixture: Fixture, model: TensorModel, pool: GradientPool, more: Partial<EngineSettings> = {}) {
  const optimizer = { name: "sgd", learningRate: 1 } as const;
  return createEngine({ tf, model, pool, optimizer, seed: 1, initial: startOf(fixture), ...more });
}

/** d term / d every parameter, by fixture name: one step of descent, so long that what it started from rounds away. */
function gradientsOf(fixture: Fixture, term: string, batch: number): Map<string, Float64Array> {
  const tasks = tasksOf(fixture);
  const model = modelOf(fixture, term === "calibrator" ? {} : { calibrator: 0 });
  const rate = 2 ** 30;
  const pool = fixed(tasks.map((task) => Number(task === term)));
  const engine = engineOf(fixture, model, pool, { optimizer: { name: "sgd", learningRate: rate } });
  const before = weightsOf(engine, model);
  engine.step(input(batchOf(fixture, batch)));
  const after = weightsOf(engine, model);
  engine.dispose();
  return new Map(
    Object.keys(fixture.parameters).map((name) => {
      const own = nameOf(fixture, name);
      const start = before.get(own) as Float32Array;
      const end = after.get(own) as Float32Array;
      return [name, Float64Array.from(start, (w, k) => (w - (end[k] as number)) / rate)];
    }),
  );
}

/** The tasks' gradients of the cut: what a pool at the representation is shown. */
function cutOf(fixture: Fixture, batch: number): Map<string, Float64Array[]> {
  const model = modelOf(fixture, { calibrator: 0 });
  let seen: readonly ArrayLike<number>[] = [];
  const spy = {
    ...(definePool({
      name: "spy",
      options: {},
      needs: "norms",
      zeros: "keep",
      weigh: ({ size }) => ({ weights: new Float64Array(size).fill(1) }),
    }) as GradientPool),
  };
  const { pool } = spy;
  const watching: GradientPool = {
    ...spy,
    pool(gradients, context, state) {
      seen = gradients.values("representation").map((values) => Float64Array.from(values));
      return pool(gradients, context, state);
    },
  };
  const engine = engineOf(fixture, model, watching, { level: "representation" });
  const joint = batchOf(fixture, batch);
  engine.step(input(joint));
  engine.dispose();
  // The cut's tensors and their sizes, from the model itself.
  const sizes = cutSizes(fixture, model);
  const out = new Map<string, Float64Array[]>();
  let at = 0;
  for (const [name, size] of sizes) {
    const from = at;
    at += size;
    out.set(
      name,
      seen.map((values) => Float64Array.from({ length: size }, (_, k) => values[from + k] as number)),
    );
  }
  expect(at).toBe(seen[0]?.length);
  return out;
}

function cutSizes(fixture: Fixture, model: TensorModel): [string, number][] {
  const batch = batchOf(fixture, 0);
  return tf.tidy(() => {
    const variables = Object.fromEntries(
      model.variables.map(({ name, shape }) => [
        name,
        tf.tensor(startOf(fixture).get(name) as Float32Array, [...shape]),
      ]),
    );
    const width = fixture.config.vocab.length * fixture.config.dim;
    const inputs = { fields: tf.zeros([batch.size, width]) };
    const context = evaluation(tf);
    const cut = model.trunk(tf, inputs, variables, context);
    return Object.entries(cut).map(([name, tensor]): [string, number] => [name, tensor.size]);
  });
}

/**
 * Where a fixture's tensors of the cut are in ours. Its inputs are all that arrives at x, through the trunk as well: what the
 * gradients of the tables are made of, and ours are the heads' part of it.
 */
const cutNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "shared-bottom": { representation: "representation" },
  mmoe: { experts: "experts" },
  cgc: { "level0.shared": "shared" },
  ple: { "level1.shared": "shared" },
  "ple-deepfm": { "level0.shared": "shared" },
  esmm: { input: "input" },
  aitm: { input: "input" },
};

for (const name of names) {
  const fixture = readFixture(name);
  const tasks = tasksOf(fixture);
  const batches = fixture.batches.map((_, k) => k);

  describe(`the reference of ${fixture.model}`, () => {
    it("has our parameters, all of them", () => {
      const model = modelOf(fixture);
      const own = [...model.tables, ...model.variables].map((spec) => spec.name).sort();
      expect(
        Object.keys(fixture.parameters)
          .map((parameter) => nameOf(fixture, parameter))
          .sort(),
      ).toEqual(own);
    });

    it("has our outputs and losses", () => {
      for (const k of batches) {
        const engine = engineOf(fixture, modelOf(fixture), ew());
        const batch = batchOf(fixture, k);
        const logits = engine.predict(batch);
        const wanted = fixture.forward[k] as Readonly<Record<string, Values>>;
        const column = (t: number): number[] =>
          fixture.model === "esmm" && t === 1
            ? [...(wanted["pCtcvr"] as Values).data]
            : (wanted["logits"] as Values).data.filter((_, at) => at % tasks.length === t).map(sigmoid);
        tasks.forEach((task, t) => expectClose((logits[t] as Float32Array).map(sigmoid), column(t), `p of ${task}`));
        const { losses, regularizer } = engine.step(input(batch));
        tasks.forEach((task, t) =>
          expectClose([losses[t] as number], [fixture.losses[k]?.[task] as number], `loss of ${task}`),
        );
        if (fixture.model === "aitm") {
          expectClose([regularizer as number], [fixture.losses[k]?.["calibrator"] as number], "calibrator");
        } else expect(regularizer).toBeUndefined();
        engine.dispose();
      }
    });

    it("has our gradients of every parameter, and zeros where no loss reaches", () => {
      for (const k of batches) {
        for (const [term, wanted] of Object.entries(fixture.gradients[k] ?? {})) {
          for (const [parameter, found] of gradientsOf(fixture, term, k)) {
            const reference = wanted[parameter];
            const what = `d ${term} / d ${parameter}, batch ${k}`;
            if (reference === undefined)
              expect(
                found.every((x) => x === 0),
                what,
              ).toBe(true);
            else {
              const { shape } = fixture.parameters[parameter] as Values;
              expectClose(found, ours(parameter, { shape, data: reference }), what);
            }
          }
        }
      }
    });

    it("has our gradients at the cut", () => {
      for (const k of batches) {
        const cut = cutOf(fixture, k);
        const pairs = Object.entries(cutNames[fixture.model] ?? {});
        let checked = 0;
        tasks.forEach((task, t) => {
          const wanted = fixture.representationGradients[k]?.[task] ?? {};
          for (const [theirs, own] of pairs) {
            const reference = wanted[theirs] as Values;
            expectClose(cut.get(own)?.[t] as Float64Array, reference.data, `${task}, ${theirs}, batch ${k}`);
            checked++;
          }
        });
        expect(checked).toBe(pairs.length * tasks.length);
      }
    });

    for (const optimizer of ["sgd", "adam"] as const) {
      for (const level of ["losses", "representation", "parameters"] as const) {
        it(`ends with our weights after five steps of ${optimizer} at the level ${level}`, () => {
          const { lr, order, total, parameters } = fixture[optimizer];
          const model = modelOf(fixture);
          const pool = level === "losses" ? (ew() as GradientPool) : atLevel(ew(), level);
          const rows = "dense-equivalent" as const;
          const engine = engineOf(fixture, model, pool, { optimizer: { name: optimizer, learningRate: lr, rows } });
          order.forEach((k, step) => {
            const { losses, regularizer = 0 } = engine.step(input(batchOf(fixture, k), step + 1));
            const sum = losses.reduce((a, b) => a + b, regularizer);
            expectClose([sum], [total[step] as number], `total loss of step ${step + 1}`);
          });
          engine.settle();
          const weights = weightsOf(engine, model);
          engine.dispose();
          for (const [parameter, data] of Object.entries(parameters)) {
            const start = fixture.parameters[parameter] as Values;
            const found = weights.get(nameOf(fixture, parameter)) as Float32Array;
            const wanted = ours(parameter, { shape: start.shape, data });
            expectClose(found, wanted, `${parameter} after training`, start.data);
          }
        });
      }
    }
  });
}
