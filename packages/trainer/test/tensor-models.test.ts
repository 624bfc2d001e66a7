import { readFileSync } from "node:fs";
import { atLevel, atRepresentation, type GradientPool, poolContext, taskGradients } from "@gradpool/core";
import { dbMtl } from "@gradpool/db-mtl";
import { ew } from "@gradpool/ew";
import { gradCraft } from "@gradpool/gradcraft";
import { graddrop } from "@gradpool/graddrop";
import { metaBalance } from "@gradpool/metabalance";
import { moco } from "@gradpool/moco";
import { sharedBottom, type TensorModel } from "@gradpool/models";
import { multiBalance } from "@gradpool/multibalance";
import { pcgrad } from "@gradpool/pcgrad";
import { pmtRec } from "@gradpool/pmtrec";
import { rlw } from "@gradpool/rlw";
import { describe, expect, it } from "vitest";
import { selectBackend } from "../src/backends/select.js";
import type { EngineSettings } from "../src/engine/options.js";
import { createEngine } from "../src/create-engine.js";
import { input, jointBatch, largestDifference, tf, weightsOf } from "./tensor-helpers.js";

/** The model of the models' README: the code that stands there. */
const readme = readFileSync(new URL("../../models/README.md", import.meta.url), "utf8");
const code = /```js own-model\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
const linear = new Function(`${code}\nreturn linear;`)() as TensorModel;
const batch = jointBatch(["click", "buy"], 10, 100, 16);

const tasks = ["buy", "cart", "view"];
const bottom = sharedBottom({ users: 9, items: 8, tasks, dim: 4, mlp: [6, 4], tower: [5], dropout: 0.5 });
const joint = jointBatch(tasks, 9, 8, 12);
const options = { optimizer: { name: "adam", learningRate: 0.01 }, seed: 3 } as const;
const engineOf = (model: TensorModel, pool: GradientPool, more: Partial<EngineSettings> = {}, on = tf) =>
  createEngine({ tf: on, model, pool, ...options, ...more });

describe("the model of the models' README", () => {
  it("trains: its losses fall", () => {
    const engine = engineOf(linear, pcgrad());
    const losses = Array.from({ length: 30 }, (_, k) => engine.step(input(batch, k + 1)).losses);
    expect(losses[29]?.[0]).toBeLessThan(losses[0]?.[0] as number);
    expect(engine.predict(batch).map((logits) => logits.length)).toEqual([16, 16]);
    engine.dispose();
  });

  it("has a linear trunk, for which pooling at the representation equals pooling explicit per-task gradients there", () => {
    // Φ = X W: the pooled gradient of Φ, D, gives Xᵀ D for W and D Wᵀ for the rows.
    for (const pool of [pcgrad(), gradCraft(), multiBalance(), metaBalance()] as GradientPool[]) {
      const sgd = { optimizer: { name: "sgd", learningRate: 1 } } as const;
      const engine = engineOf(linear, atRepresentation(pool), sgd);
      const before = weightsOf(engine, linear);
      const get = (name: string): Float32Array => before.get(name) as Float32Array;
      engine.step(input(batch));
      const after = weightsOf(engine, linear);
      engine.dispose();
      const x = tf.tensor2d(
        [...batch.items].map((id) => [...get("items").subarray(4 * id, 4 * id + 4)]),
        [16, 4],
      );
      const w = tf.tensor2d(get("trunk"), [4, 3]);
      const phi = tf.matMul(x, w);
      const explicit = ["click", "buy"].map((task, t) => {
        const h = tf.tensor2d(get(`head.${task}`), [3, 1]);
        const y = tf.tensor2d(batch.labels[t] as Float32Array, [16, 1]);
        const m = tf.tensor2d(Float32Array.from(batch.masks[t] as Uint8Array), [16, 1]);
        const loss = (p: typeof phi) => {
          const z = tf.matMul(p, h);
          const each = tf.sub(tf.softplus(z), tf.mul(y, z));
          return tf.div(tf.sum(tf.mul(each, m)), tf.sum(m));
        };
        return tf
          .grad(loss as never)(phi)
          .dataSync() as Float32Array;
      });
      const { combined } = pool.pool(
        taskGradients({ parameters: [{ name: "representation", values: explicit }] }),
        poolContext({ tasks: ["click", "buy"], seed: 3, losses: [1, 1] }),
        pool.init({ names: ["click", "buy"], target: 0 }),
      );
      const d = tf.tensor2d(Float32Array.from(combined.value("representation")), [16, 3]);
      const dw = tf.matMul(x, d, true, false).dataSync();
      const moved = get("trunk").map((value, k) => value - (after.get("trunk")?.[k] as number));
      expect(largestDifference(moved, dw), pool.name).toBeLessThan(2e-6);
      const rows = tf.matMul(d, w, false, true).dataSync();
      const expected = new Float32Array(400);
      batch.items.forEach((id, r) => {
        for (let c = 0; c < 4; c++)
          expected[4 * id + c] = (expected[4 * id + c] as number) + (rows[4 * r + c] as number);
      });
      const movedRows = get("items").map((value, k) => value - (after.get("items")?.[k] as number));
      expect(largestDifference(movedRows, expected), pool.name).toBeLessThan(2e-6);
      tf.disposeVariables();
    }
  });
});

describe("the tensor engine", () => {
  const run = (pool: GradientPool, more: Partial<EngineSettings> = {}, model: TensorModel = bottom, on = tf) => {
    const engine = engineOf(model, pool, more, on);
    for (let step = 1; step <= 4; step++) engine.step(input(joint, step));
    const weights = weightsOf(engine, model);
    engine.dispose();
    return weights;
  };

  it("runs every kind of pool at every level that it has", () => {
    const pools = [pcgrad(), metaBalance(), gradCraft(), pmtRec(), multiBalance(), graddrop(), moco(), dbMtl(), rlw()];
    for (const pool of pools as GradientPool[]) {
      for (const level of ["representation", "parameters"] as const) {
        // Running averages of gradients have no place for a table's rows: dense variables only.
        const dense = level === "parameters" && ["moco", "db-mtl"].includes(pool.name);
        const balance = ["mlp.0.weight", "mlp.0.bias", "mlp.1.weight", "mlp.1.bias"];
        const weights = run(atLevel(pool, level), dense ? { balance } : {});
        for (const [name, w] of weights) expect(w.every(Number.isFinite), `${pool.name} ${level} ${name}`).toBe(true);
      }
    }
  });

  it("goes on from a snapshot with the bits of an unbroken run, dropout, moments and pool state included", () => {
    for (const pool of [ew(), metaBalance(), multiBalance(), atRepresentation(moco())] as GradientPool[]) {
      const whole = run(pool);
      const first = engineOf(bottom, pool);
      first.step(input(joint, 1));
      first.step(input(joint, 2));
      const { arrays, json } = first.snapshot();
      const kept = {
        arrays: new Map([...arrays].map(([k, a]) => [k, a.slice()])),
        json: JSON.parse(JSON.stringify(json)),
      };
      const second = engineOf(bottom, pool, { seed: 3 });
      second.step(input(jointBatch(tasks, 9, 8, 12, 5), 1));
      second.restore(kept);
      second.step(input(joint, 3));
      second.step(input(joint, 4));
      for (const [name, w] of weightsOf(second, bottom)) expect(w, `${pool.name} ${name}`).toEqual(whole.get(name));
      first.dispose();
      second.dispose();
    }
  });

  it("leaves an absent task's head, its moments and everybody's view of it alone", () => {
    const absent = { ...joint, masks: joint.masks.map((m, t) => (t === 1 ? new Uint8Array(m.length) : m)) };
    for (const pool of [ew(), pcgrad(), atRepresentation(metaBalance())] as GradientPool[]) {
      const engine = engineOf(bottom, pool);
      engine.step(input(joint, 1));
      const before = engine.snapshot().arrays;
      const held = ["dense/head/cart", "m/dense/head/cart", "v/dense/head/cart"].map((key) => before.get(key)?.slice());
      const { losses, weights } = engine.step(input(absent, 2));
      expect(losses[1]).toBeNaN();
      expect(weights?.weights[1]).toBe(0);
      const after = engine.snapshot();
      ["dense/head/cart", "m/dense/head/cart", "v/dense/head/cart"].forEach((key, k) =>
        expect(after.arrays.get(key)).toEqual(held[k]),
      );
      expect(after.json["denseSteps"]).toMatchObject({ "head/cart": 1, "head/buy": 2, shared: 2 });
      engine.dispose();
    }
  });

  for (const [depth, tower] of [
    ["linear", []],
    ["shallow", [5]],
    ["deep", [5, 3]],
  ] as const) {
    it(`gives ${depth} heads that are run one by one the same gradients as heads run at once`, () => {
      const { uniformHeads: _, ...apart } = sharedBottom({ ...sizes, tower, dropout: 0 });
      const together = sharedBottom({ ...sizes, tower, dropout: 0 });
      const pools = [ew(), pcgrad(), multiBalance(), atRepresentation(pcgrad()), atRepresentation(metaBalance())];
      for (const pool of pools as GradientPool[]) {
        const a = run(pool, {}, together);
        for (const [name, w] of run(pool, {}, apart)) {
          expect(largestDifference(w, a.get(name) ?? []), `${pool.name} ${name}`).toBeLessThan(2e-5);
        }
      }
    });
  }

  it("finds the inner products of what arrives at Φ to float32's accuracy, also where their terms cancel", () => {
    // Two hidden units with opposite weights and nearly the same gradient: what is left is a thousandth of the terms.
    const model = sharedBottom({ ...sizes, tower: [2], dropout: 0 });
    const { uniformHeads: _, ...apart } = model;
    const first = engineOf(model, ew());
    const initial = new Map(
      [...weightsOf(first, model)].map(([name, w]) => {
        if (!name.startsWith("tower")) return [name, w] as const;
        if (name.endsWith("0.weight")) return [name, w.map((_, k) => (k % 2 === 0 ? 1 : -0.9999))] as const;
        return [name, name.endsWith("bias") ? w.map(() => 3) : w.map(() => 1)] as const;
      }),
    );
    const norms = [model, apart].map((m) => {
      const engine = engineOf(m, atRepresentation(pcgrad()), { initial });
      const { diagnostics } = engine.step({ ...input(joint), diagnostics: true });
      engine.dispose();
      return diagnostics?.norms as Float64Array;
    });
    tasks.forEach((task, t) => {
      const [joined, alone] = norms.map((n) => n[t] as number) as [number, number];
      expect(alone, task).toBeGreaterThan(0);
      expect(Math.abs(joined / alone - 1), task).toBeLessThan(1e-4);
    });
    first.dispose();
  });
  const sizes = {
    users: 9,
    items: 8,
    tasks,
    dim: 4,
    mlp: [6, 4],
    tower: [5, 3],
    init: { kind: "normal", std: 0.5 },
  } as const;

  it("balances only what `balance` names: the rest moves by the plain sum", () => {
    const still = sharedBottom({ ...sizes, dropout: 0 });
    const sgd = { optimizer: { name: "sgd", learningRate: 0.1 } } as const;
    const one = (pool: GradientPool, more: Partial<EngineSettings>): Map<string, Float32Array> => {
      const engine = engineOf(still, pool, { ...sgd, ...more });
      engine.step(input(joint));
      return weightsOf(engine, still);
    };
    const equal = one(ew(), {});
    const all = one(metaBalance(), {});
    const part = one(metaBalance(), { balance: ["mlp"] });
    for (const name of ["mf.users", "mf.items"]) {
      expect(largestDifference(part.get(name) ?? [], equal.get(name) ?? [])).toBeLessThan(1e-6);
    }
    for (const name of ["mlp.users", "mlp.0.weight"]) expect(part.get(name)).toEqual(all.get(name));
    expect(largestDifference(all.get("mf.users") ?? [], equal.get("mf.users") ?? [])).toBeGreaterThan(1e-6);
  });

  it.each([
    ["one block of items", 8, [5, 3]],
    ["a tower without hidden layers", 8, []],
    ["more items than are scored at a time", 8_200, [5, 3]],
  ] as const)("ranks as it predicts: %s", (_name, items, tower) => {
    const engine = engineOf(sharedBottom({ ...sizes, items, tower }), ew());
    for (let step = 1; step <= 3; step++) engine.step(input(joint, step));
    // The last item sits in the last block.
    const asked = { ...joint, items: joint.items.map((item, r) => (r === 0 ? items - 1 : item)) };
    const predicted = engine.predict(asked)[1] as Float32Array;
    const before = tf.memory();
    const scorer = engine.scorer("cart");
    const scores = new Float32Array(12 * items);
    scorer.score(joint.users, scores);
    asked.items.forEach((item, r) => expect(scores[r * items + item]).toBeCloseTo(predicted[r] as number, 4));
    scorer.dispose();
    expect(tf.memory()).toEqual(before);
    engine.dispose();
  });

  it("has no ranking where the model has none", () => {
    expect(() => engineOf(linear, ew()).scorer("click")).toThrow(/does not rank/);
  });
});

const native = await selectBackend("node", { log: null }).catch((error: unknown) => error as Error);
const missing = native instanceof Error ? " (skipped: tfjs-node does not load here)" : "";

describe("backends", () => {
  const close = async (name: "wasm" | "node"): Promise<void> => {
    const still = sharedBottom({ users: 9, items: 8, tasks, dim: 4, mlp: [6, 4], tower: [5], dropout: 0.5 });
    for (const pool of [ew(), pcgrad(), multiBalance()] as GradientPool[]) {
      const { tf: cpu } = await selectBackend("cpu", { log: null });
      const engine = engineOf(still, pool, {}, cpu);
      engine.step(input(joint, 1));
      const here = weightsOf(engine, still);
      engine.dispose();
      const { tf: other } = await selectBackend(name, { log: null });
      const { numTensors } = other.memory();
      const again = engineOf(still, pool, {}, other);
      again.step(input(joint, 1));
      for (const [key, w] of weightsOf(again, still)) {
        expect(largestDifference(w, here.get(key) ?? []), `${name} ${pool.name} ${key}`).toBeLessThan(1e-4);
      }
      again.dispose();
      expect(other.memory().numTensors).toBe(numTensors);
    }
    await selectBackend("cpu", { log: null });
  };

  it("agree: wasm and cpu", () => close("wasm"));
  it.skipIf(missing !== "")(`agree: tfjs-node and cpu${missing}`, () => close("node"));
});
