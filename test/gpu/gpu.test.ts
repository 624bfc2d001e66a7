import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom, type GradientPool } from "@gradpool/core";
import { clickModel, type TensorModel, type TensorOps } from "@gradpool/models";
import { multiBalance } from "@gradpool/multibalance";
import { createEngine, selectBackend } from "@gradpool/trainer";
import { describe, expect, it } from "vitest";
import { bundle } from "../../packages/trainer/test/bundle.js";
import { bitsOf, checkpoints, train } from "../../packages/trainer/test/killed.js";
import { impressions, input, weightsOf } from "../../packages/trainer/test/tensor-helpers.js";
import { models, pools } from "./models.js";

const name = process.env["GRADPOOL_TEST_BACKEND"] === "node" ? "node" : "node-gpu";
const selected = await selectBackend(name, { log: null }).catch((error: unknown) => error as Error);
const missing = selected instanceof Error ? ` (skipped: ${selected.message.split(" (selectBackend)")[0]})` : "";
const gpu = async (): Promise<TensorOps> => (await selectBackend(name, { log: null })).tf;

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** The pooled gradients: one step of descent, so long that what it started from rounds away. */
function gradients(tf: TensorOps, model: TensorModel, pool: GradientPool, batch: Parameters<typeof input>[0]) {
  const rate = 2 ** 30;
  const engine = createEngine({ tf, model, pool, optimizer: { name: "sgd", learningRate: rate }, seed: 3 });
  const before = weightsOf(engine, model);
  const { losses } = engine.step(input(batch));
  const moved = [...weightsOf(engine, model)].map(([parameter, after]) => {
    const start = before.get(parameter) as Float32Array;
    return [parameter, Float64Array.from(after, (w, k) => ((start[k] as number) - w) / rate)] as const;
  });
  engine.dispose();
  return { losses: [...losses], moved: new Map(moved) };
}

describe.skipIf(missing !== "")(`a GPU${missing}`, () => {
  it("multiplies and adds float32 as float32, and not in ten bits of mantissa", async () => {
    const tf = await gpu();
    const random = createRandom(1);
    const [n, k] = [512, 768];
    const matrix = (): Float32Array => Float32Array.from({ length: n * k }, () => random.normal());
    const [a, b] = [matrix(), matrix()];
    for (const transposed of [false, true]) {
      const found = tf.tidy(() => {
        const [x, y] = [tf.tensor2d(a, [n, k]), tf.tensor2d(b, [n, k])];
        const product = transposed ? tf.matMul(tf.transpose(x), y, true, true) : tf.matMul(x, y, false, true);
        return product.dataSync() as Float32Array;
      });
      for (let at = 0; at < n * n; at += 997) {
        const [i, j] = [Math.floor(at / n), at % n];
        let [sum, size] = [0, 0];
        for (let c = 0; c < k; c++) {
          const term = (a[i * k + c] as number) * (b[j * k + c] as number);
          sum += term;
          size += Math.abs(term);
        }
        expect(Math.abs((found[at] as number) - sum) / size).toBeLessThan(1e-6);
      }
    }
  });

  it.each(models)("has the losses and pooled gradients of the WebAssembly backend: %s", async (what, model, batch) => {
    const { tf: plain } = await selectBackend("wasm", { log: null });
    const wanted = pools.map((pool) => gradients(plain, model, pool, batch));
    const tf = await gpu();
    pools.forEach((pool, p) => {
      const { losses, moved } = gradients(tf, model, pool, batch);
      const reference = wanted[p] as (typeof wanted)[number];
      losses.forEach((loss, t) => expect(Math.abs(loss / (reference.losses[t] as number) - 1)).toBeLessThan(1e-5));
      // Where a gradient cancels (a bias under a normalisation has none), what is left is the rounding of its terms.
      const least = 1e-2 * Math.max(...[...reference.moved.values()].map(largest));
      const off = [...moved].map(([parameter, found]) => {
        const own = reference.moved.get(parameter) as Float64Array;
        const difference = largest(found.map((x, k) => x - (own[k] as number)));
        return [parameter, difference / Math.max(least, largest(own))] as const;
      });
      const [worst, most] = off.reduce((a, b) => (b[1] > a[1] ? b : a));
      console.log(`${what}, ${pool.name}: ${most.toExponential(1)} of the largest, in ${worst}`);
      expect(most, `${what}, ${pool.name}, ${worst}`).toBeLessThan(1e-4);
    });
  });

  it.each(models)("gives the same bits for the same seed, and leaves no tensor behind: %s", async (_, model, batch) => {
    const tf = await gpu();
    const before = tf.memory().numTensors;
    for (const pool of pools) expect(trained(tf, model, pool, batch, 3)).toEqual(trained(tf, model, pool, batch, 3));
    expect(tf.memory().numTensors).toBe(before);
  });

  it("gives the same bits at sizes at which products are split over the card", async () => {
    const tf = await gpu();
    const fields = Array.from({ length: 8 }, (_, f) => ({ name: `f${f}`, vocabulary: 5000 }));
    const tasks = ["a", "b", "c"];
    for (const size of [2048, 8192]) {
      const model = clickModel({ fields, tasks, dim: 16, trunk: [256, 128], head: [32], interaction: "none" });
      const { fields: drawn, ...rest } = impressions(tasks, { fields: 8, vocabulary: 5000, numerical: 0, size });
      const batch = { ...rest, fields: drawn.slice(0, 8) };
      const pool = multiBalance() as GradientPool;
      expect(trained(tf, model, pool, batch, 10)).toEqual(trained(tf, model, pool, batch, 10));
    }
  });

  it.each(["bottom", "experts"] as const)(
    "ends a killed and resumed run with the bits of an unbroken one: %s",
    async (kind) => {
      const folder = mkdtempSync(join(tmpdir(), "gradpool-gpu-"));
      const built = fileURLToPath(new URL(`../../packages/trainer/test/generated/gpu-${kind}`, import.meta.url));
      await bundle(fileURLToPath(new URL("../../packages/trainer/test/killed-child.ts", import.meta.url)), built);
      const run = (at: string, killAfter?: Parameters<typeof train>[2]) =>
        train(join(built, "child.mjs"), { kind, backend: name, folder: join(folder, at) }, killAfter);
      const once = await run("whole");
      expect(once.code, once.stderr).toBe(0);
      for (const steps of [4, 8, 5])
        expect(await run("broken", { steps, delay: 2 })).toMatchObject({ signal: "SIGKILL" });
      const last = await run("broken");
      expect(last.code, last.stderr).toBe(0);
      expect(last.result).toEqual(once.result);
      expect(readdirSync(join(folder, "broken")).sort()).toEqual(checkpoints);
      for (const file of ["best.gradpool", "newest.gradpool"])
        expect(bitsOf(join(folder, "broken", file))).toEqual(bitsOf(join(folder, "whole", file)));
      rmSync(folder, { recursive: true, force: true });
    },
  );
});

/** Weights and moments after some steps of Adam, bit by bit. */
function trained(
  tf: TensorOps,
  model: TensorModel,
  pool: GradientPool,
  batch: Parameters<typeof input>[0],
  steps: number,
) {
  const engine = createEngine({ tf, model, pool, optimizer: { name: "adam", learningRate: 0.01 }, seed: 3 });
  for (let step = 1; step <= steps; step++) engine.step(input(batch, step));
  const { arrays } = engine.snapshot();
  const bits = [...arrays].map(([parameter, array]) => [
    parameter,
    Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64"),
  ]);
  engine.dispose();
  return bits;
}
