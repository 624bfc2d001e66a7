import { readFileSync } from "node:fs";
import { atLevel, type GradientPool, taskGradients, poolContext } from "@gradpool/core";
import { ew } from "@gradpool/ew";
import { graddrop } from "@gradpool/graddrop";
import { metaBalance } from "@gradpool/metabalance";
import { pcgrad } from "@gradpool/pcgrad";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { pooledOptimizer } from "../src/tfjs.js";
import { largestDifference } from "./tensor-helpers.js";

/** Two heads on one hidden layer, as a tf.layers model, with data on which the tasks conflict. */
function twoHeads() {
  const x = tf.input({ shape: [4] });
  const init = (seed: number) => tf.initializers.glorotUniform({ seed });
  const hidden = tf.layers.dense({ units: 6, activation: "tanh", kernelInitializer: init(1) });
  const h = hidden.apply(x) as tf.SymbolicTensor;
  const head = (seed: number) => tf.layers.dense({ units: 1, kernelInitializer: init(seed) });
  const heads = [head(2), head(3)];
  const model = tf.model({ inputs: x, outputs: heads.map((layer) => layer.apply(h) as tf.SymbolicTensor) });
  const inputs = tf.randomNormal([12, 4], 0, 1, "float32", 5) as tf.Tensor2D;
  const a = tf.randomNormal([12, 1], 0, 1, "float32", 6);
  const targets = [a, tf.mul(a, -1)];
  const losses = () => {
    const outputs = model.apply(inputs) as tf.Tensor[];
    return outputs.map((output, t) => tf.losses.meanSquaredError(targets[t] as tf.Tensor, output) as tf.Scalar);
  };
  const shared = hidden.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const all = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const free = (): void => {
    model.dispose();
    tf.dispose([inputs, ...targets]);
  };
  return { model, hidden, heads, losses, shared, all, free };
}

describe("pooledOptimizer", () => {
  it("pools the shared variables' gradients as the reference does, and leaves the heads theirs", () => {
    const pools = [pcgrad(), metaBalance(), graddrop(), ew()] as GradientPool[];
    for (const pool of pools) {
      const { losses, shared, all, free } = twoHeads();
      const explicit = [0, 1].map((t) => tf.variableGrads(() => losses()[t] as tf.Scalar, all).grads);
      const reference = pool.pool(
        taskGradients({
          parameters: shared.map(({ name }) => ({
            name,
            values: explicit.map((grads) => grads[name]?.dataSync() as Float32Array),
          })),
        }),
        poolContext({ tasks: 2, losses: losses().map((loss) => loss.dataSync()[0] as number) }),
        pool.init({ names: ["a", "b"], target: 0 }),
      ).combined;
      const { grads, values } = pooledOptimizer(tf.train.sgd(1), pool, { shared }).computeGradients(losses);
      expect(Object.keys(grads).sort()).toEqual(all.map(({ name }) => name).sort());
      for (const variable of all) {
        const { name } = variable;
        const mine = grads[name]?.dataSync() as Float32Array;
        const head = explicit.map((one) => one[name]).find((gradient) => gradient !== undefined);
        const expected = shared.includes(variable) ? reference.value(name) : (head?.dataSync() as Float32Array);
        expect(largestDifference(mine, expected), `${pool.name} ${name}`).toBeLessThan(2e-6);
      }
      expect(values).toHaveLength(2);
      free();
    }
  });

  it("lets T losses, the T × T Gram and its T scales come to the host, and T weights go back", () => {
    const { losses, shared, free } = twoHeads();
    const optimizer = pooledOptimizer(tf.train.adam(0.01), pcgrad(), { shared });
    optimizer.minimize(losses);
    expect(optimizer.crossed).toEqual({ toHost: 2 + (4 + 2), toDevice: 2 });
    expect(optimizer.weights).toHaveLength(2);
    const perTensor = pooledOptimizer(tf.train.adam(0.01), metaBalance(), { shared });
    perTensor.minimize(losses);
    expect(perTensor.crossed).toEqual({ toHost: 2 + 2 * (4 + 2), toDevice: 2 * 2 });
    const equal = pooledOptimizer(tf.train.adam(0.01), ew(), { shared });
    equal.minimize(losses);
    // Beside the losses, one number that says whether all gradients are finite.
    expect(equal.crossed).toEqual({ toHost: 2 + 1, toDevice: 2 });
    free();
  });

  it("keeps the digits of long gradients: of two million coordinates, in stretches that float32 can add up", () => {
    const size = 2_000_000;
    const v = tf.variable(tf.zeros([size]), true, "long");
    const a = tf.fill([size], 0.1);
    const b = tf.randomUniform([size], -0.2, 1, "float32", 7);
    let gram: readonly number[] = [];
    const look = {
      ...pcgrad(),
      pool: (gradients, context, state) => {
        const { norms, cosines } = gradients.gram("model");
        gram = [norms[0], norms[1], cosines[1]] as number[];
        return pcgrad().pool(gradients, context, state as never);
      },
    } as GradientPool;
    const optimizer = pooledOptimizer(tf.train.sgd(1), look, { shared: [v] });
    tf.dispose(optimizer.computeGradients(() => [a, b].map((g) => tf.sum(tf.mul(v, g)) as tf.Scalar)).grads);
    const [x, y] = [a.dataSync(), b.dataSync()];
    const dot = (p: ArrayLike<number>, q: ArrayLike<number>): number => {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += (p[k] as number) * (q[k] as number);
      return sum;
    };
    const exact = [Math.sqrt(dot(x, x)), Math.sqrt(dot(y, y)), dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))];
    exact.forEach((value, k) => expect(Math.abs((gram[k] as number) / value - 1)).toBeLessThan(3e-6));
    expect(optimizer.crossed.toHost).toBe(2 + Math.ceil(size / 2 ** 14) * 4 + 2);
    tf.dispose([v, a, b]);
  });

  it("keeps its eyes at any scale of the gradients", () => {
    for (const factor of [1e-15, 1e15]) {
      const v = tf.variable(tf.tensor1d([0, 0]), true, `scaled${factor}`);
      const a = tf.tensor1d([factor, 0]);
      const b = tf.tensor1d([-0.5 * factor, factor]);
      const optimizer = pooledOptimizer(tf.train.sgd(1), pcgrad(), { shared: [v] });
      const { grads } = optimizer.computeGradients(() => [a, b].map((g) => tf.sum(tf.mul(v, g)) as tf.Scalar));
      const [x, y] = [...(grads[v.name]?.dataSync() ?? [])].map((value) => value / factor);
      // a without its part along b, plus b without its part along a.
      expect(x).toBeCloseTo(1 - 0.2, 5);
      expect(y).toBeCloseTo(0.4 + 1, 5);
      tf.dispose([v, a, b]);
    }
  });

  it("trains, leaks no tensor, takes absent tasks and says which gradient is not finite", () => {
    const { losses, hidden, free } = twoHeads();
    const optimizer = pooledOptimizer(tf.train.adam(0.05), atLevel(pcgrad(), "parameters"), {
      shared: hidden.trainableWeights as never,
    });
    const cost = (): number => tf.tidy(() => losses().reduce((sum, loss) => sum + (loss.dataSync()[0] as number), 0));
    const before = cost();
    optimizer.minimize(losses);
    const { numTensors } = tf.memory();
    for (let step = 0; step < 20; step++) optimizer.minimize(losses);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(cost()).toBeLessThan(before);
    optimizer.minimize(() => [losses()[0] as tf.Scalar, null]);
    expect(optimizer.weights?.[1]).toBe(0);
    expect(() => optimizer.minimize(() => [losses()[0] as tf.Scalar])).toThrow(/1 losses/);
    const saved = optimizer.state();
    optimizer.restore(saved);
    const held = tf.memory().numTensors;
    expect(() => optimizer.minimize(() => losses().map((loss) => tf.mul(loss, NaN) as tf.Scalar))).toThrow(
      /not finite/,
    );
    expect(tf.memory().numTensors).toBe(held);
    free();
  });

  it("refuses pools per embedding row", () => {
    expect(() => pooledOptimizer(tf.train.sgd(1), pcgrad({ granularity: "row" }), { shared: [] })).toThrow(/row/);
  });

  it("does what the README shows", async () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const code = /```js drop-in\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    const lines = code.split("\n").filter((line) => line.trim() !== "");
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.length).toBeLessThanOrEqual(14);
    const body = code.replace(/^import .*$/gm, "");
    const run = new Function("tf", "pooledOptimizer", "pcgrad", "xs", "ya", "yb", `${body}\nreturn { pooled, model };`);
    const xs = tf.randomNormal([32, 8], 0, 1, "float32", 1);
    const ya = tf.cast(tf.greater(tf.sum(xs, 1, true), 0), "float32");
    const yb = tf.cast(tf.greater(tf.slice(xs, [0, 0], [32, 1]), 0), "float32");
    const { pooled, model } = run(tf, pooledOptimizer, pcgrad, xs, ya, yb);
    expect(pooled.crossed).toEqual({ toHost: 8, toDevice: 2 });
    expect((model.predict(xs) as tf.Tensor[])[0]?.shape).toEqual([32, 1]);
  });
});
