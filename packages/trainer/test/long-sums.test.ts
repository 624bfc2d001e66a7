/** Sums over a batch, or over a node's neighbours, keep 1e-6 of their terms' magnitudes, however many terms they have. */
import type { BprBatch } from "@gradpool/data";
import { ew } from "@gradpool/ew";
import { bpr, graphOf, lightgcn, ngcf, plainOps, type TaskBuilder } from "@gradpool/models";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { sumInBlocks } from "../src/backends/native-sums.js";
import { selectBackend } from "../src/backends/select.js";
import { createEngine } from "../src/create-engine.js";
import { embeddingOps } from "../src/embedding/ops.js";
import { graphOps } from "../src/graph/ops.js";
import { plainArena } from "../src/memory/plain-arena.js";
import { wasmArena } from "../src/memory/wasm-arena.js";

/** Equal terms round the same way each time, which is the worst that can happen; others round to either side. */
const equal = (length: number): Float32Array => new Float32Array(length).fill(0.1);
const varied = (length: number): Float32Array =>
  Float32Array.from({ length }, (_, k) => 0.5 + (Math.imul(k, 0x9e3779b1) >>> 0) / 2 ** 32);
const kinds = [
  ["equal", equal],
  ["varied", varied],
] as const;

const sumOf = (count: number, term: (k: number) => number): number => {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += term(k);
  return sum;
};
const lost = (got: number | undefined, want: number): number => Math.abs((got ?? NaN) / want - 1);

const pair = graphOf({
  users: 2,
  items: 2,
  interactions: [{ offsets: Int32Array.of(0, 1, 2), items: Int32Array.of(0, 1) }],
});

type Quadruple = [Float32Array, Float32Array, Float32Array, Float32Array];

describe.each(kinds)("sums of %s terms", (_, terms) => {
  it.each([33, 256, 1000, 200_000])("over %i rows: gradients of weights and biases of graph encoders", (rows) => {
    const arena = wasmArena(2 ** 28);
    const [m, n] = [5, 9];
    const [y, x, totals, sums] = [4 * rows * m, 4 * rows * n, 8 * m * n, 8 * m].map((bytes) => arena.allocate(bytes));
    y!.f32.set(terms(rows * m));
    x!.f32.set(terms(rows * n));
    const { outer, columnSums } = arena.kernels;
    outer(y!.f32, rows, m, x!.f32, n, totals!.f64);
    columnSums(y!.f32, rows, m, sums!.f64);
    // Corners of the tiles, and what is left beside them.
    for (const [i, j] of [[0, 0], [3, 7], [2, 8], [4, 3], [4, 8]] as const) {
      const want = sumOf(rows, (r) => y!.f32[r * m + i]! * x!.f32[r * n + j]!);
      expect(lost(totals!.f64[i * n + j], want)).toBeLessThan(1e-6);
    } // prettier-ignore
    for (const i of [0, 3, 4]) {
      expect(
        lost(
          sums!.f64[i],
          sumOf(rows, (r) => y!.f32[r * m + i]!),
        ),
      ).toBeLessThan(1e-6);
    }
  });

  it.each([33, 300, 1_000_000])("of a node with %i neighbours", (degree) => {
    const arena = wasmArena(2 ** 28);
    const width = 21;
    const nodes = 50;
    const regions = [4 * (nodes + 1), 4 * degree, 4 * degree, 4 * nodes * width, 4 * width];
    const [offsets, indices, values, x, out] = regions.map((bytes) => arena.allocate(bytes));
    offsets!.i32.fill(degree, 1, nodes + 1);
    for (let e = 0; e < degree; e++) indices!.i32[e] = e % nodes;
    values!.f32.set(terms(degree));
    x!.f32.set(terms(nodes * width));
    const rows = { offsets: offsets!.i32, indices: indices!.i32, values: values!.f32 };
    arena.kernels.propagate(rows, null, 1, x!.f32, width, null, 1, out!.f32);
    for (const c of [0, 15, 16, 20]) {
      const want = sumOf(degree, (e) => values!.f32[e]! * x!.f32[(e % nodes) * width + c]!);
      expect(lost(out!.f32[c], want)).toBeLessThan(1e-6);
    }
  });

  it("back from many nodes to one, which others hardly reach", () => {
    const [users, items, width] = [40_000, 3, 6];
    // All have the first item, few the second, nobody the third.
    const nodes = users + items;
    const lists = Array.from({ length: nodes }, (_node, u) =>
      u >= users ? [] : u % 1000 === 0 ? [users, users + 1] : [users],
    );
    const indices = Int32Array.from(lists.flat());
    const offsets = new Int32Array(nodes + 1);
    for (const [u, list] of lists.entries()) offsets[u + 1] = offsets[u]! + list.length;
    for (const arena of [wasmArena(2 ** 27), plainArena()]) {
      const held = [offsets, indices, indices].map(({ length }) => arena.allocate(4 * length));
      held[0]!.i32.set(offsets);
      held[1]!.i32.set(indices);
      held[2]!.f32.fill(1);
      const rows = () => ({ offsets: held[0]!.i32, indices: held[1]!.i32, values: held[2]!.f32 });
      const ops = graphOps(arena, { nodes, rows } as never, 1);
      const [g, out] = [ops.block(), ops.block()];
      g.shape(users, width).values.set(terms(users * width));
      out.shape(ops.nodes, width).values.fill(1);
      const region = arena.allocate(4 * users);
      for (let u = 0; u < users; u++) region.i32[u] = u;
      ops.spread(
        g,
        {
          count: users,
          get ids() {
            return region.i32;
          },
        },
        out,
      );
      const at = (node: number, c: number): number | undefined => out.values[node * width + c];
      for (const c of [0, 3, 4, 5]) {
        expect(lost(at(users, c), 1 + sumOf(users, (u) => g.values[u * width + c]!))).toBeLessThan(1e-6);
        const few = sumOf(users / 1000, (u) => g.values[1000 * u * width + c]!);
        expect(lost(at(users + 1, c), 1 + few)).toBeLessThan(1e-6);
        expect([at(users + 2, c), at(7, c)]).toEqual([1, 1]);
      }
    }
  });
});

type Ops = Awaited<ReturnType<typeof selectBackend>>["tf"];

/** All that a model adds up over `rows`: [what tfjs made of it, what it is]. */
function tensorSums(tf: Ops, rows: number, terms: (length: number) => Float32Array): (readonly [Tensor, number])[] {
  const [a, b] = [terms(rows * 6), terms(rows * 5)];
  const [x, y] = [tf.tensor2d(a, [rows, 6]), tf.tensor2d(b, [rows, 5])];
  const column = sumOf(rows, (r) => a[r * 6]!);
  const product = sumOf(rows, (r) => a[r * 6]! * b[r * 5]!);
  const half = rows / 2;
  const upper = sumOf(half, (r) => a[r * 6]! * b[r * 5]!);
  // prettier-ignore
  return [
    [tf.sum(x, 0), column],
    [tf.mean(x, 0), column / rows],
    [tf.sum(x, 0, true), column],
    [tf.sum(x), a.reduce((sum, value) => sum + value, 0)],
    [tf.mean(x), sumOf(rows * 6, (k) => a[k]!) / (rows * 6)],
    [tf.sum(tf.reshape(x, [1, rows, 6]), 1), column],
    [tf.sum(tf.reshape(x, [half, 2, 6]), [0, 1]), column],
    [tf.sum(tf.reshape(x, [half, 2, 2, 3]), [0, 2]), sumOf(half, (r) => a[r * 12]! + a[r * 12 + 3]!)],
    [tf.sum(tf.transpose(x), 1), column],
    [tf.matMul(x, y, true, false), product],
    [tf.matMul(tf.reshape(x, [2, half, 6]), tf.reshape(y, [2, half, 5]), true, false), upper],
    [tf.matMul(tf.transpose(x), y), product],
    [tf.matMul(tf.transpose(x), tf.transpose(y), false, true), product],
    [tf.grad((w) => tf.sum(tf.matMul(x, w as Tensor2D)))(tf.ones([6, 2])), column],
  ];
}

const shapes = [
  [6], [6], [1, 6], [], [], [1, 6], [6], [2, 3], [6], [6, 5], [2, 6, 5], [6, 5], [6, 5], [6, 2],
]; // prettier-ignore

describe.each(["wasm", "cpu"] as const)("tfjs on %s", (name) => {
  it.each(kinds.flatMap(([kind, terms]) => [100, 20_000].map((rows) => [rows, kind, terms] as const)))(
    "adds up %i rows of %s terms",
    async (rows, _kind, terms) => {
      const { tf } = await selectBackend(name, { log: null });
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const sums = tensorSums(tf, rows, terms);
        expect(sums.map(([tensor]) => tensor.shape)).toEqual(shapes);
        sums.forEach(([tensor, want], k) => expect(lost(tensor.dataSync()[0], want), `sum ${k}`).toBeLessThan(1e-6));
      });
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

describe("sums in blocks, for TensorFlow", () => {
  it.each([100, 4098, 20_000])("of %i rows have the values and shapes of those at once", async (rows) => {
    const { tf } = await selectBackend("cpu", { log: null });
    sumInBlocks(tf, "cpu");
    tf.tidy(() => {
      const sums = tensorSums(tf, rows, varied);
      expect(sums.map(([tensor]) => tensor.shape)).toEqual(shapes);
      sums.forEach(([tensor, want], k) => expect(lost(tensor.dataSync()[0], want), `sum ${k}`).toBeLessThan(1e-6));
    });
  });

  it("of 100,000 equal rows are right there", async ({ skip }) => {
    const native = await selectBackend("node", { log: null }).catch(() => null);
    if (native === null) return skip("no native library");
    const { tf } = native;
    tf.tidy(() => {
      const x = tf.fill([100_000, 4], 0.1) as Tensor2D;
      for (const sum of [tf.mean(x, 0), tf.mean(x), tf.div(tf.matMul(x, tf.onesLike(x), true, false), 100_000)])
        expect(lost(sum.dataSync()[0], Math.fround(0.1))).toBeLessThan(1e-6);
    });
  });
});

describe("uniformity", () => {
  it("of 2,000 rows of which one lies apart keeps the digits of what pulls it", () => {
    const [size, dim] = [2000, 6];
    const arena = wasmArena(2 ** 26);
    const regions = Array.from({ length: 4 }, () => arena.allocate(4 * size * dim));
    for (const { f32 } of regions.slice(0, 2))
      for (let k = 0; k < size * dim; k++) f32[k] = k < dim ? k - 2 : 1 + ((k % dim) % 3);
    const ops = embeddingOps(arena);
    const views = () => regions.map(({ f32 }) => f32.subarray(0, size * dim)) as Quadruple;
    const plain = views().map((view) => view.slice()) as Quadruple;
    // Once for its room: after memory has grown, views are new.
    for (let k = 0; k < 2; k++) {
      const [left, right, dLeft, dRight] = views();
      ops.alignUniform(left, right, 1, size, dim, dLeft, dRight);
    }
    plainOps.alignUniform(plain[0], plain[1], 1, size, dim, plain[2], plain[3]);
    const largest = plain[2].reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    views()[2].forEach((x, k) => expect(Math.abs(x - plain[2][k]!) / largest).toBeLessThan(1e-6));
  });
});

describe("the decay of rows that a batch repeats", () => {
  // One positive and one negative that are the same item: no gradient but the decay's, λ times the one user's row.
  it.each([
    ["E0, of lightgcn", (tasks: TaskBuilder[]) => lightgcn({ graph: pair, tasks, dim: 4, layers: 0, l2: 0.5 })],
    ["Z, of ngcf", (tasks: TaskBuilder[]) => ngcf({ graph: pair, tasks, dim: 4, layers: [], l2: 0.5 })],
  ])("is right for 20,000 repeats: %s", (_, make) => {
    for (const kernels of ["wasm", "plain"] as const) {
      const optimizer = { name: "sgd", learningRate: 1 } as const;
      const engine = createEngine({ model: make([bpr("a")]), pool: ew(), optimizer, memory: { kernels } });
      const before = engine.table("users").slice();
      const size = 20_000;
      const [users, positives, negatives] = [0, 1, 1].map((id) => new Int32Array(size).fill(id)) as [
        Int32Array,
        Int32Array,
        Int32Array,
      ];
      const batch: BprBatch = { kind: "bpr", size, users, positives, negatives, negativesPerPositive: 1 };
      engine.step({ step: 1, epoch: 1, batches: [batch] });
      engine.table("users").forEach((after, k) => {
        expect(lost(after, (before[k] as number) * (k < 4 ? 0.5 : 1))).toBeLessThan(1e-6);
      });
    }
  });
});
