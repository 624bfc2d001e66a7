/** Rankings by a shared bottom: the kernel for pairs against the same network in tensors, and lists against their definition. */
import { setTimeout as pause } from "node:timers/promises";
import { createRandom, type GradientPool } from "@gradpool/core";
import { ew } from "@gradpool/ew";
import type { ItemLists } from "@gradpool/metrics";
import { sharedBottom, type TensorModel } from "@gradpool/models";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { selectBackend } from "../src/backends/select.js";
import { createEngine } from "../src/create-engine.js";
import type { TensorEngine } from "../src/engine/contract.js";
import { itemRanker } from "../src/evaluate/rank-items.js";
import { input, jointBatch } from "./tensor-helpers.js";

const { tf } = await selectBackend("wasm", { log: null });

interface Shape {
  readonly users: number;
  readonly items: number;
  readonly dim: number;
  readonly mlp: readonly number[];
  readonly tower: readonly number[];
  readonly seed: number;
  /** Small whole numbers for weights: many scores are the same. */
  readonly whole: boolean;
}

const widths = fc.array(fc.integer({ min: 1, max: 19 }), { minLength: 1, maxLength: 3 });
const shapes: fc.Arbitrary<Shape> = fc.record({
  users: fc.integer({ min: 1, max: 9 }),
  items: fc.integer({ min: 1, max: 150 }),
  dim: fc.integer({ min: 1, max: 18 }),
  mlp: widths,
  tower: fc.oneof(fc.constant([]), widths),
  seed: fc.nat(),
  whole: fc.boolean(),
});

/** An engine whose weights are as the shape has them. */
function engineOf({ seed, whole, ...sizes }: Shape, threads = 1): { engine: TensorEngine; model: TensorModel } {
  const model = sharedBottom({ ...sizes, tasks: ["a", "b"] });
  const random = createRandom(seed);
  const value = (): number => (whole ? random.int(3) - 1 : random.normal());
  const initial = new Map(
    [
      ...model.tables.map(({ name, rows, dim }) => [name, rows * dim] as const),
      ...model.variables.map(({ name, shape }) => [name, shape.reduce((a, b) => a * b, 1)] as const),
    ].map(([name, length]) => [name, Float32Array.from({ length }, value)] as const),
  );
  const optimizer = { name: "sgd", learningRate: 0.1 } as const;
  return { engine: createEngine({ tf, model, pool: ew() as GradientPool, optimizer, initial, threads }), model };
}

/** The same network in tensors: what the model gives where there is no kernel. */
function inTensors(engine: TensorEngine, model: TensorModel, users: Int32Array): Float32Array {
  const weights = { table: (name: string) => engine.table(name), variable: (name: string) => engine.variable(name) };
  const scorer = model.ranking!.scorer(tf, "b", weights);
  const out = new Float32Array(users.length * model.ranking!.items);
  scorer.score(users, out);
  scorer.dispose();
  return out;
}

function byKernel(engine: TensorEngine, model: TensorModel, users: Int32Array): Float32Array {
  const scorer = engine.scorer("b");
  const out = new Float32Array(users.length * model.ranking!.items);
  scorer.score(users, out);
  scorer.dispose();
  return out;
}

const everybody = ({ users }: Shape): Int32Array =>
  Int32Array.from({ length: users + 1 }, (_, k) => (users - k + users) % users);

describe("scores of pairs", () => {
  it("are those of the network in tensors, to the last bit, whatever its widths", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { engine, model } = engineOf(shape);
        const users = everybody(shape);
        expect(byKernel(engine, model, users)).toEqual(inTensors(engine, model, users));
        engine.dispose();
      }),
      { numRuns: 60 },
    );
  });

  it("are the same on several threads, of more users than are scored at a time, and of the weights that were there", async () => {
    const shape = { users: 300, items: 9000, dim: 16, mlp: [12, 9], tower: [11], seed: 5, whole: false };
    const { engine, model } = engineOf(shape);
    const other = engineOf(shape, 3);
    const users = everybody(shape);
    const want = inTensors(engine, model, users);
    byKernel(other.engine, model, users.subarray(0, 20));
    while (other.engine.threads < 3) await pause(5);
    const scorer = other.engine.scorer("b");
    // What a step changes, and memory that grows with it, are not the scorer's.
    other.engine.step(input(jointBatch(["a", "b"], 300, 9000, 5000)));
    const got = new Float32Array(want.length);
    scorer.score(users, got);
    expect(Buffer.compare(Buffer.from(got.buffer), Buffer.from(want.buffer))).toBe(0);
    expect(byKernel(other.engine, model, users)).not.toEqual(want);
    scorer.dispose();
    for (const own of [engine, other.engine]) own.dispose();
  });
});

/** The definition: items that are not left out, by score, and by number where scores are equal. */
function listed(scores: Float32Array, left: ReadonlySet<number>, k: number): [number, number][] {
  return [...scores]
    .map((score, item): [number, number] => [item, score])
    .filter(([item]) => !left.has(item))
    .sort(([i, a], [j, b]) => b - a || i - j)
    .slice(0, k);
}

describe("lists", () => {
  it("and their scores are those of the definition: ties, exclusions, exclusions of everything", async () => {
    await fc.assert(
      fc.asyncProperty(
        shapes,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 4 }),
        async (shape, k, share) => {
          const { engine, model } = engineOf(shape);
          const { users, items } = shape;
          const random = createRandom(shape.seed, 1);
          const left = Array.from({ length: users }, () =>
            Array.from({ length: items }, (_, i) => i).filter(() => random.int(4) < share),
          );
          const offsets = Int32Array.from([0, ...left.map((_, u) => left.slice(0, u + 1).flat().length)]);
          const exclude: ItemLists = { offsets, items: Int32Array.from(left.flat()) };
          const userIds = Int32Array.from({ length: users }, (_, u) => u);
          const ranker = itemRanker({ engine, model, task: "b" });
          const top = await ranker.rank({ k, exclude, userIds });
          ranker.dispose();
          const scores = inTensors(engine, model, userIds);
          for (let u = 0; u < users; u++) {
            const want = listed(scores.subarray(u * items, (u + 1) * items), new Set(left[u]), k);
            const got = [...top.items.subarray(u * k, (u + 1) * k)].map((item, n): [number, number] => [
              item,
              top.scores[u * k + n] as number,
            ]);
            expect(got.filter(([item]) => item >= 0)).toEqual(want);
          }
          engine.dispose();
        },
      ),
      { numRuns: 40 },
    );
  });
});
