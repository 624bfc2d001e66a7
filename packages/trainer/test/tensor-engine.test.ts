import { atLevel, defineLossPool, type GradientPool, isGradpoolError } from "@gradpool/core";
import { ew } from "@gradpool/ew";
import { clickModel, sharedBottom, type TensorBatch, type TensorModel } from "@gradpool/models";
import { multiBalance } from "@gradpool/multibalance";
import { pcgrad } from "@gradpool/pcgrad";
import { describe, expect, it } from "vitest";
import type { EngineSettings } from "../src/engine/options.js";
import { dropoutMask } from "../src/tensor/dropout.js";
import { createEngine } from "../src/create-engine.js";
import { impressions, input, jointBatch, largestDifference, tf, weightsOf } from "./tensor-helpers.js";

const tasks = ["click", "like", "share"];
const shape = { fields: 3, vocabulary: 11, numerical: 2, size: 9 };
const fields = [
  { name: "f0", vocabulary: 11 },
  { name: "f1", vocabulary: 11 },
  { name: "f2", vocabulary: 11 },
  { name: "tags", vocabulary: 11, kind: "multi-hot" as const },
];
const init = { kind: "normal", std: 0.3 } as const;
const small = { fields, numerical: 2, tasks, dim: 4, trunk: [7, 5], head: [3], init };

const models: readonly (readonly [string, TensorModel, TensorBatch])[] = [
  [
    "sharedBottom",
    sharedBottom({ users: 7, items: 6, tasks, dim: 5, mlp: [6, 4], tower: [5], dropout: 0, init }),
    jointBatch(tasks, 7, 6, 10),
  ],
  [
    "sharedBottom with dropout and deep towers",
    sharedBottom({ users: 7, items: 6, tasks, dim: 5, mlp: [6, 4], tower: [6, 5], dropout: 0.3, init }),
    jointBatch(tasks, 7, 6, 10),
  ],
  ["clickModel with dropout", clickModel({ ...small, head: [6], dropout: 0.3 }), impressions(tasks, shape)],
  ["clickModel with DCN", clickModel({ ...small, interaction: "dcn" }), impressions(tasks, shape)],
  ["clickModel with DeepFM", clickModel({ ...small, interaction: "deepfm" }), impressions(tasks, shape)],
  [
    "clickModel on one joint table",
    clickModel({ ...small, interaction: "none", tables: "joint" }),
    impressions(tasks, shape),
  ],
  ["clickModel with linear heads", clickModel({ ...small, interaction: "none", head: [] }), impressions(tasks, shape)],
  [
    "clickModel with deep heads",
    clickModel({ ...small, interaction: "none", head: [4, 3] }),
    impressions(tasks, shape),
  ],
  [
    "clickModel with a regression task",
    clickModel({ ...small, tasks: ["click", { name: "like", objective: "mse" }, "share"] }),
    impressions(tasks, shape),
  ],
];

const engineOf = (model: TensorModel, pool: GradientPool, options: Partial<EngineSettings> = {}) =>
  createEngine({ tf, model, pool, optimizer: { name: "sgd", learningRate: 1 }, seed: 3, ...options });

/** A loss pool with fixed weights: at the losses level one backward pass of Σ wᵢ Lᵢ. */
const fixed = (weights: readonly number[]): GradientPool =>
  defineLossPool({
    name: "fixed",
    options: {},
    readsLosses: false,
    init: () => null,
    weigh: ({ index }) => ({ weights: index.map((i) => weights[i] as number), state: null }),
  }) as GradientPool;

/** Start values with biases off zero: a ReLU fed by zeros alone stands on its kink, where differences are no derivative. */
function startOf(model: TensorModel): Map<string, Float32Array> {
  const engine = engineOf(model, ew());
  const start = weightsOf(engine, model);
  engine.dispose();
  for (const [name, values] of start)
    if (name.endsWith("bias")) values.forEach((_, k) => (values[k] = 0.05 * ((k % 3) + 1)));
  return start;
}

/** d L_t / d every weight: what one step of SGD at learning rate 1, with weight 1 on task t alone, takes away. */
function gradientsOf(model: TensorModel, batch: TensorBatch, task: number): Map<string, Float32Array> {
  const engine = engineOf(model, fixed(tasks.map((_, t) => Number(t === task))), { initial: startOf(model) });
  const before = weightsOf(engine, model);
  engine.step(input(batch));
  const after = weightsOf(engine, model);
  engine.dispose();
  return new Map([...before].map(([name, w]) => [name, w.map((x, k) => x - (after.get(name)?.[k] as number))]));
}

describe("gradients of tensor models", () => {
  for (const [name, model, batch] of models) {
    it(`of every task of ${name} agree with finite differences`, () => {
      const start = startOf(model);
      const losses = (initial: ReadonlyMap<string, Float32Array>): Float64Array => {
        const engine = engineOf(model, ew(), { initial, optimizer: { name: "sgd", learningRate: 0 } });
        const result = engine.step(input(batch));
        engine.dispose();
        return result.losses;
      };
      const analytic = tasks.map((_, t) => gradientsOf(model, batch, t));
      const h = 4e-3;
      let checked = 0;
      for (const [parameter, values] of start) {
        const stride = Math.max(1, Math.floor(values.length / 3));
        for (let k = 0; k < values.length; k += stride) {
          const shifted = (by: number) => {
            const copy = values.slice();
            copy[k] = (copy[k] as number) + by;
            return losses(new Map([...start, [parameter, copy]]));
          };
          const up = shifted(h);
          const down = shifted(-h);
          const near = [shifted(h / 2), shifted(-h / 2)] as const;
          tasks.forEach((_, t) => {
            const wide = ((up[t] as number) - (down[t] as number)) / (2 * h);
            const close = ((near[0][t] as number) - (near[1][t] as number)) / h;
            // A ReLU that turns between the two points has no derivative to compare with.
            if (Math.abs(wide - close) > 2e-4) return;
            expect(Math.abs(close - (analytic[t]?.get(parameter)?.[k] as number)), `${parameter}[${k}]`).toBeLessThan(
              4e-4,
            );
            checked++;
          });
        }
      }
      expect(checked).toBeGreaterThan(120);
    });
  }

  it("are zero for another task's head, which no weighting reaches", () => {
    const [, model, batch] = models[3] as (typeof models)[number];
    const gradients = gradientsOf(model, batch, 0);
    expect(gradients.get("head.like.0.weight")?.every((x) => x === 0)).toBe(true);
    expect(gradients.get("head.click.0.weight")?.some((x) => x !== 0)).toBe(true);
  });
});

describe("dropout", () => {
  it("drops the share that was asked for, in no pattern, and keeps the mean", () => {
    for (const rate of [0.1, 0.3, 0.5, 0.9]) {
      const size = 200_001;
      const mask = dropoutMask(size, rate, 1 / (1 - rate), 123, 456);
      const stays = [...mask].filter((x) => x !== 0).length / size;
      const spread = Math.sqrt((rate * (1 - rate)) / size);
      expect(mask.length).toBe(size);
      expect(Math.abs(stays - (1 - rate)) / spread, `rate ${rate}`).toBeLessThan(4);
      for (const lag of [1, 2, 64]) {
        let both = 0;
        for (let k = lag; k < size; k++) if (mask[k] !== 0 && mask[k - lag] !== 0) both++;
        expect(Math.abs(both / (size - lag) - (1 - rate) ** 2) / spread, `rate ${rate}, lag ${lag}`).toBeLessThan(6);
      }
    }
    expect(dropoutMask(64, 0.5, 2, 1, 2)).not.toEqual(dropoutMask(64, 0.5, 2, 1, 3));
  });
});

describe("levels", () => {
  const [, model, batch] = models[3] as (typeof models)[number];
  const run = (pool: GradientPool, options: Partial<EngineSettings> = {}) => {
    const engine = engineOf(model, pool, { optimizer: { name: "adam", learningRate: 0.01 }, ...options });
    const results = [1, 2, 3].map((step) => engine.step(input(batch, step)));
    const weights = weightsOf(engine, model);
    engine.dispose();
    return { weights, results };
  };

  it("agree for equal weights", () => {
    const { weights } = run(ew());
    for (const level of ["representation", "parameters"] as const) {
      for (const [name, w] of run(atLevel(ew(), level)).weights) {
        expect(largestDifference(w, weights.get(name) as Float32Array), `${name} at ${level}`).toBeLessThan(2e-5);
      }
    }
  });

  it("give the same bits for the same seed, and others for another", () => {
    const pools = [ew(), pcgrad(), multiBalance()] as GradientPool[];
    for (const pool of pools) {
      const a = run(pool).weights;
      const b = run(pool).weights;
      for (const [name, w] of a) expect(b.get(name)).toEqual(w);
      expect(run(pool, { seed: 4 }).weights.get("f0")).not.toEqual(a.get("f0"));
    }
  });

  it("refuse a Gram method at the losses level, and a balance outside the parameters level", () => {
    expect(() => engineOf(model, pcgrad(), { level: "losses" })).toThrow(/needs/);
    expect(() => engineOf(model, multiBalance() as GradientPool, { balance: ["trunk"] })).toThrow(/balance/);
    expect(() => engineOf(model, pcgrad(), { balance: ["truck"] })).toThrow(/trunk/);
  });

  it("leave tensors as they found them", () => {
    for (const pool of [ew(), pcgrad(), multiBalance()] as GradientPool[]) {
      const engine = engineOf(model, pool, { optimizer: { name: "adam", learningRate: 1e-3 } });
      engine.step(input(batch, 1));
      const { numTensors, numBytes } = tf.memory();
      for (let step = 2; step < 6; step++) engine.step({ ...input(batch, step), diagnostics: step === 4 });
      expect(tf.memory().numTensors).toBe(numTensors);
      expect(tf.memory().numBytes).toBe(numBytes);
      engine.dispose();
    }
    expect(tf.memory().numTensors).toBe(0);
  });

  it("stop at a loss that is not finite, naming step, task and batch, with the weights as they were", () => {
    const initial = new Map([["head.like.1.bias", new Float32Array([NaN])]]);
    const engine = engineOf(model, pcgrad(), { initial });
    const before = weightsOf(engine, model);
    let error: unknown;
    try {
      engine.step(input(batch, 7));
    } catch (thrown) {
      error = thrown;
    }
    expect(isGradpoolError(error) && error.message).toMatch(/loss is NaN .*step 7.*task like.*impressions batch of 9/);
    expect(weightsOf(engine, model)).toEqual(before);
    const skipping = engineOf(model, pcgrad(), { initial, onNonFinite: "skip" });
    expect(skipping.step(input(batch)).skipped).toMatchObject({ task: "like", parameter: null });
  });

  it("lend a pool its state for writing only where no step can be left out after it has written", () => {
    for (const onNonFinite of ["stop", "skip"] as const) {
      const seen: unknown[] = [];
      const pool: GradientPool = {
        ...(multiBalance() as GradientPool),
        pool(gradients, context, state) {
          seen.push(context.donate);
          return (multiBalance() as GradientPool).pool(gradients, context, state);
        },
      };
      const engine = engineOf(model, pool, { onNonFinite });
      engine.step(input(batch, 1));
      expect(seen).toEqual([onNonFinite === "stop"]);
      engine.dispose();
    }
  });
});
