/** Dense layers on tfjs' WebAssembly, and the rows below them, on several threads. */
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { createRandom, type GradientPool, type Level } from "@gradpool/core";
import { ew } from "@gradpool/ew";
import { clickModel, sharedBottom, type TensorBatch, type TensorModel } from "@gradpool/models";
import { multiBalance } from "@gradpool/multibalance";
import { pcgrad } from "@gradpool/pcgrad";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, it } from "vitest";
import { sharedBy } from "../src/backends/beside.js";
import { selectBackend } from "../src/backends/select.js";
import { createEngine } from "../src/create-engine.js";
import type { TensorEngine } from "../src/engine/contract.js";
import { createCrew } from "../src/threads/crew.js";
import { impressions, jointBatch } from "./tensor-helpers.js";

const { tf } = await selectBackend("wasm", { log: null });
const tasks = ["a", "b", "c"];
const size = 600;

interface Case {
  readonly model: TensorModel;
  readonly batch: (step: number) => TensorBatch;
  readonly pool: GradientPool;
  readonly level?: Level;
}

const shape = { fields: 6, vocabulary: 3000, numerical: 2, size };
const clicks = clickModel({
  fields: impressions(tasks, shape).fields.map(({ name, kind }) => ({ name, kind, vocabulary: shape.vocabulary })),
  numerical: shape.numerical,
  tasks,
  dim: 16,
  interaction: "none",
  trunk: [64, 32],
});
const click = { model: clicks, batch: (step: number) => impressions(tasks, shape, step) };
const bottom = {
  model: sharedBottom({ users: 900, items: 700, tasks, dim: 32, mlp: [96, 64], tower: [32], dropout: 0.2 }),
  batch: (step: number) => jointBatch(tasks, 900, 700, size, step),
};

const cases: [string, Case][] = [
  ["click model, EW", { ...click, pool: ew() }],
  ["click model, PCGrad at the parameters", { ...click, pool: pcgrad(), level: "parameters" }],
  ["click model, MultiBalance at the representation", { ...click, pool: multiBalance(), level: "representation" }],
  ["shared bottom with dropout, PCGrad", { ...bottom, pool: pcgrad(), level: "parameters" }],
];

async function trained(threads: number, { model, batch, pool, level }: Case): Promise<unknown> {
  const engine: TensorEngine = createEngine({
    tf,
    model,
    pool,
    optimizer: { name: "adam", learningRate: 0.01 },
    seed: 3,
    threads,
    ...(level !== undefined && { level }),
  });
  const losses: unknown[] = [];
  for (let step = 1; step <= 4; step++) {
    losses.push(engine.step({ step, epoch: 1, joint: batch(step) }).losses);
    // The first steps are the leader's alone, until the others have come up.
    while (engine.threads < threads) await pause(5);
  }
  const predicted = engine.predict(batch(9));
  const arrays = [...engine.snapshot().arrays].map(([name, values]) => [
    name,
    createHash("sha256").update(values).digest("hex"),
  ]);
  engine.dispose();
  return { losses, predicted, arrays };
}

describe("the bits do not depend on the number of threads", () => {
  it.each(cases)("%s", async (_, own) => {
    const one = await trained(1, own);
    expect(await trained(2, own)).toEqual(one);
    expect(await trained(3, own)).toEqual(one);
  });
});

describe("a product of large matrices", () => {
  const crew = createCrew(3);
  afterAll(() => crew?.dispose());

  /** Terms one after the other, in float32. */
  function inOrder(
    a: Float32Array,
    b: Float32Array,
    [rows, inner, columns]: readonly [number, number, number],
  ): Float32Array {
    const out = new Float32Array(rows * columns);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let k = 0; k < inner; k++)
          sum = Math.fround(sum + Math.fround((a[r * inner + k] as number) * (b[k * columns + c] as number)));
        out[r * columns + c] = sum;
      }
    return out;
  }

  it.each([
    // On both sides of what is large enough to be done here, and with rows and columns beside the tiles.
    [600, 98, 67],
    [301, 33, 8],
    [130, 257, 12],
    [90, 30, 20],
    [2000, 40, 7],
  ] as const)(
    "%i × %i × %i adds up its terms in order, as the stock kernel does, on any number of threads",
    async (...of) => {
      const [rows, inner, columns] = of;
      const random = createRandom(rows);
      const [a, b] = [rows * inner, inner * columns].map((length) =>
        Float32Array.from({ length }, () => random.normal()),
      ) as [Float32Array, Float32Array];
      const product = (): Float32Array =>
        tf
          .tidy(
            () => tf.matMul(tf.tensor2d(a, [rows, inner]), tf.tensor2d(b, [inner, columns])).dataSync() as Float32Array,
          )
          .slice();
      const want = inOrder(a, b, of);
      expect(product()).toEqual(want);
      sharedBy(crew, product);
      while ((crew?.up ?? 3) < 3 && rows === 600) await pause(5);
      expect(sharedBy(crew, product)).toEqual(want);
      const turned = (): Float32Array =>
        tf
          .tidy(
            () =>
              tf
                .matMul(
                  tf.tensor2d(a, [rows, inner]),
                  tf.transpose(tf.tensor2d(b, [inner, columns])) as Tensor2D,
                  false,
                  true,
                )
                .dataSync() as Float32Array,
          )
          .slice();
      expect(sharedBy(crew, turned)).toEqual(want);
    },
  );
});
