import { createRandom } from "@gradpool/core";
import type { Lookup } from "@gradpool/models";
import { describe, expect, it } from "vitest";
import { createTableStore } from "../src/tables/create-store.js";

const dim = 5;
const rows = 300;
const tasks = 2;

interface Entries {
  readonly lookup: Lookup;
  readonly task: number;
  readonly gradient: Float32Array;
  readonly scale: number;
}

/** What the tasks' gradients of the rows come to: tasks × (touched rows × dim), and the ids of the rows. */
function addedUp(kernels: "wasm" | "plain", blocks: readonly Entries[]): { ids: Int32Array; values: Float32Array[] } {
  const store = createTableStore({
    tables: [{ name: "items", rows, dim, init: { kind: "normal", std: 0.1 } }],
    optimizer: { name: "sgd", learningRate: 0.1 },
    seed: 1,
    memory: { kernels },
  });
  let out: { ids: Int32Array; values: Float32Array[] } | undefined;
  // Twice: what a step counted is forgotten in the next one.
  for (let step = 0; step < 2; step++) {
    store.begin(tasks, () => "tasks");
    const gathered = blocks.map(({ lookup }) => store.gather(lookup));
    for (const [k, { task, gradient, scale }] of blocks.entries())
      expect(store.scatter(gathered[k] as (typeof gathered)[number], task, gradient, scale)).toBe(true);
    const part = store.part(["items"]);
    const [{ ids } = { ids: undefined }] = part.parameters;
    out = {
      ids: Int32Array.from(ids as Int32Array),
      values: part.values("items").map((values) => Float32Array.from(values)),
    };
  }
  store.dispose();
  return out as NonNullable<typeof out>;
}

/** For each block and entry: its row, the row of its gradient, and the factor on it. */
function* each(blocks: readonly Entries[], task: number): Generator<[number, Float32Array, number, number]> {
  for (const { lookup, task: own, gradient, scale } of blocks) {
    if (own !== task) continue;
    for (let r = 0; r < lookup.size; r++) {
      const start = lookup.offsets?.[r] ?? r;
      const end = lookup.offsets?.[r + 1] ?? r + 1;
      const mean = lookup.offsets !== undefined && lookup.pooling !== "sum";
      const factor = mean ? Math.fround(Math.fround(scale) / (end - start)) : Math.fround(scale);
      for (let o = start; o < end; o++) yield [lookup.ids[o] as number, gradient, r * dim, factor];
    }
  }
}

function exact(
  blocks: readonly Entries[],
  task: number,
): { sums: Float64Array; sizes: Float64Array; counts: number[] } {
  const sums = new Float64Array(rows * dim);
  const sizes = new Float64Array(rows * dim);
  const counts = Array.from({ length: rows }, () => 0);
  for (const [id, gradient, from, factor] of each(blocks, task)) {
    counts[id] = (counts[id] as number) + 1;
    for (let c = 0; c < dim; c++) {
      const x = factor * (gradient[from + c] as number);
      sums[id * dim + c] = (sums[id * dim + c] as number) + x;
      sizes[id * dim + c] = (sizes[id * dim + c] as number) + Math.abs(x);
    }
  }
  return { sums, sizes, counts };
}

/** One after the other in float32, as rows have always been added up. */
function inFloat32(blocks: readonly Entries[], task: number): Float32Array {
  const sums = new Float32Array(rows * dim);
  for (const [id, gradient, from, factor] of each(blocks, task)) {
    for (let c = 0; c < dim; c++) {
      const at = id * dim + c;
      sums[at] = (sums[at] as number) + Math.fround(factor * (gradient[from + c] as number));
    }
  }
  return sums;
}

/** Largest |error| of the rows that more than 1024 entries meet, over the sum of their entries' sizes. */
function largestError(blocks: readonly Entries[], task: number, { ids, values }: ReturnType<typeof addedUp>): number {
  const { sums, sizes, counts } = exact(blocks, task);
  let most = 0;
  ids.forEach((id, k) => {
    if ((counts[id] as number) <= 1024) return;
    for (let c = 0; c < dim; c++) {
      const error = Math.abs((values[task]?.[k * dim + c] as number) - (sums[id * dim + c] as number));
      most = Math.max(most, error / (sizes[id * dim + c] as number));
    }
  });
  return most;
}

const filled = (size: number, value: (k: number) => number): Float32Array =>
  Float32Array.from({ length: size * dim }, (_, k) => value(k));

const plainLookup = (ids: Int32Array): Lookup => ({ table: "items", ids, size: ids.length });

/** Row 7 has most of the entries, rows up to 200 some. */
function skewed(size: number, share: number, seed: number): Int32Array {
  const random = createRandom(seed);
  return Int32Array.from({ length: size }, () => (random.uniform() < share ? 7 : random.int(200)));
}

function sameBits(blocks: readonly Entries[]): ReturnType<typeof addedUp> {
  const wasm = addedUp("wasm", blocks);
  const plain = addedUp("plain", blocks);
  expect(wasm.ids).toEqual(plain.ids);
  for (let t = 0; t < tasks; t++) {
    const bits = [wasm, plain].map(({ values }) => Buffer.from((values[t] as Float32Array).buffer).toString("base64"));
    expect(bits[0]).toBe(bits[1]);
  }
  return wasm;
}

describe("a pooled lookup of very many rows", () => {
  it.each(["mean", "sum"] as const)("keeps its digits: the %s of two million, beside one of 1024", (pooling) => {
    const ids = Int32Array.from({ length: 2_001_024 }, (_, o) => o % 200);
    const offsets = Int32Array.of(0, 1024, 2_001_024);
    const lookup: Lookup = { table: "items", ids, size: 2, offsets, pooling };
    const answers = (["wasm", "plain"] as const).map((kernels) => {
      const store = createTableStore({
        tables: [{ name: "items", rows, dim, init: { kind: "constant", value: 0 } }],
        optimizer: { name: "sgd", learningRate: 0.1 },
        seed: 1,
        memory: { kernels },
        initial: new Map([["items", Float32Array.from({ length: rows * dim }, (_, k) => 0.1 + (k % 7) / 70)]]),
      });
      store.begin(1, () => "sum");
      const values = store.gather(lookup).rows.slice();
      const table = store.table("items").slice();
      store.dispose();
      return { values, table };
    });
    expect(answers[0]).toEqual(answers[1]);
    const { values, table } = answers[0] as (typeof answers)[number];
    for (let c = 0; c < dim; c++) {
      const few = Math.fround(pooling === "mean" ? 1 / 1024 : 1);
      let short = 0;
      let long = 0;
      for (const [o, id] of ids.entries()) {
        const value = table[id * dim + c] as number;
        if (o < 1024) short = Math.fround(short + Math.fround(few * value));
        else long += pooling === "mean" ? value / 2_000_000 : value;
      }
      expect(values[c]).toBe(short);
      expect(Math.abs((values[dim + c] as number) / long - 1)).toBeLessThan(2e-7);
    }
  });
});

describe("a popular row's gradient", () => {
  it("is right to 1e-6 over two million entries, which float32 misses by a per cent", () => {
    const size = 2_000_000;
    const ids = new Int32Array(size).fill(7);
    const blocks = [{ lookup: plainLookup(ids), task: 0, gradient: filled(size, () => 0.1), scale: 1 }];
    const { sums } = exact(blocks, 0);
    const naive = inFloat32(blocks, 0)[7 * dim] as number;
    expect(Math.abs(naive / (sums[7 * dim] as number) - 1)).toBeGreaterThan(1e-3);
    expect(largestError(blocks, 0, sameBits(blocks))).toBeLessThan(1e-7);
  });

  it.each([1, 0.3, 0.01])("is right whatever its share of the entries, in lookups one after the other: %d", (share) => {
    const random = createRandom(2);
    const blocks = [900, 700, 40_000, 2000, 300_000].map((size, k) => ({
      lookup: plainLookup(skewed(size, share, k)),
      task: k % 4 === 3 ? 1 : 0,
      gradient: filled(size, () => random.uniform()),
      scale: 1 + k,
    }));
    const { counts } = exact(blocks, 0);
    expect(counts[7]).toBeGreaterThan(1024);
    expect(largestError(blocks, 0, sameBits(blocks))).toBeLessThan(1e-6);
  });

  it.each(["mean", "sum"] as const)("is right for pooled lookups: %s", (pooling) => {
    const random = createRandom(3);
    const ids = skewed(60_000, 0.5, 4);
    const offsets = Int32Array.from({ length: 20_001 }, (_, r) => 3 * r);
    const lookup: Lookup = { table: "items", ids, size: 20_000, offsets, pooling };
    const blocks = [{ lookup, task: 1, gradient: filled(20_000, () => random.uniform()), scale: 0.3 }];
    expect(largestError(blocks, 1, sameBits(blocks))).toBeLessThan(1e-7);
  });

  it("leaves every row of up to 1024 entries the bits that it had", () => {
    const random = createRandom(5);
    const popular = skewed(150_000, 0.3, 6);
    const few = Int32Array.from({ length: 1024 }, () => 250);
    const blocks = [few, popular, new Int32Array(900).fill(251)].map((ids) => ({
      lookup: plainLookup(ids),
      task: 0,
      gradient: filled(ids.length, () => random.normal()),
      scale: 0.7,
    }));
    const { ids, values } = sameBits(blocks);
    const expected = inFloat32(blocks, 0);
    const { counts } = exact(blocks, 0);
    expect(counts.filter((count) => count > 1024)).toHaveLength(1);
    ids.forEach((id, k) => {
      if ((counts[id] as number) > 1024) return;
      expect(values[0]?.slice(k * dim, (k + 1) * dim), `row ${id}`).toEqual(expected.slice(id * dim, (id + 1) * dim));
    });
  });

  it("is refused where it is not finite", () => {
    for (const kernels of ["wasm", "plain"] as const) {
      for (const value of [Number.NaN, Infinity, 1e38]) {
        const store = createTableStore({
          tables: [{ name: "items", rows, dim, init: { kind: "constant", value: 0 } }],
          optimizer: { name: "sgd", learningRate: 0.1 },
          seed: 1,
          memory: { kernels },
        });
        store.begin(1, () => "sum");
        const gathered = store.gather(plainLookup(new Int32Array(5000).fill(7)));
        expect(
          store.scatter(
            gathered,
            0,
            filled(5000, (k) => (value > 0 || k === 99 ? value : 1)),
          ),
        ).toBe(false);
        store.dispose();
      }
    }
  });
});
