import { createRandom } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import type { Arena, Region } from "../src/memory/arena.js";
import { plainArena } from "../src/memory/plain-arena.js";
import { wasmArena } from "../src/memory/wasm-arena.js";
import type { Hyperparameters } from "../src/kernels/contract.js";
import { ids, noise } from "./embedding-helpers.js";

/** Runs a computation on both arenas, and compares all it returns bit by bit. */
function both(compute: (arena: Arena) => Record<string, ArrayLike<number> | number>): void {
  const wasm = compute(wasmArena(64 * 1024 ** 2));
  const plain = compute(plainArena());
  for (const [name, value] of Object.entries(wasm)) {
    expect(typeof value === "number" ? value : Array.from(value), name).toEqual(
      typeof value === "number" ? plain[name] : Array.from(plain[name] as ArrayLike<number>),
    );
  }
}

const f32 = (arena: Arena, values: Float32Array): Region => {
  const region = arena.allocate(values.byteLength);
  region.f32.set(values);
  return region;
};
const i32 = (arena: Arena, values: Int32Array): Region => {
  const region = arena.allocate(values.byteLength);
  region.i32.set(values);
  return region;
};

const dims = [1, 3, 4, 6, 8, 13, 32];

describe("the wasm kernels and their plain twins give the same bits", () => {
  it("for the slots of ids, whatever the hash's size, and the order of slots by id", () => {
    both((arena) => {
      const { kernels } = arena;
      const list = ids(3000, 500, 3);
      const given = i32(arena, list);
      const hash = arena.allocate(8 * 2048);
      hash.i32.fill(-1);
      const slotIds = arena.allocate(4 * 1024);
      const slots = arena.allocate(4 * 3000);
      const used = kernels.locate(
        given.i32,
        3000,
        500,
        { cells: hash.i32, shift: 32 - 11, slotIds: slotIds.i32, used: 0 },
        slots.i32,
      );
      const order = arena.allocate(4 * used);
      const temp = arena.allocate(4 * used);
      const histogram = arena.allocate(4 * 2048);
      kernels.sortSlots(slotIds.i32, used, 500, order.i32, temp.i32, histogram.i32);
      const sorted = Array.from(order.i32.subarray(0, used), (slot) => slotIds.i32[slot] as number);
      expect(sorted).toEqual([...new Set(list)].sort((a, b) => a - b));
      for (let k = 0; k < 3000; k++) expect(slotIds.i32[slots.i32[k] as number]).toBe(list[k]);
      return { used, slots: slots.i32.slice(0, 3000), ids: slotIds.i32.slice(0, used) };
    });
  });

  it("and both refuse an id outside of the table", () => {
    both((arena) => {
      const hash = arena.allocate(8 * 16);
      hash.i32.fill(-1);
      const cells = arena.allocate(64);
      const locate = (list: number[]): number =>
        arena.kernels.locate(
          i32(arena, Int32Array.from(list)).i32,
          list.length,
          5,
          { cells: hash.i32, shift: 28, slotIds: cells.i32, used: 0 },
          cells.i32,
        );
      expect([locate([0, 1, 5]), locate([-1])]).toEqual([-3, -1]);
      return {};
    });
  });

  it.each(dims)("for gather, pooled gather, scatter, Gram and expansion at width %i", (dim) => {
    both((arena) => {
      const { kernels } = arena;
      const rows = 40;
      const count = 120;
      const tasks = 3;
      const table = f32(arena, noise(rows * dim, 1));
      const given = i32(arena, ids(count, rows, 2));
      const block = arena.allocate(4 * count * dim);
      kernels.gather(table.f32, given.i32, count, dim, block.f32);
      const offsets = i32(arena, Int32Array.from([0, 3, 3, 10, 50, 120]));
      const pooled = arena.allocate(4 * 5 * dim);
      kernels.gatherPooled(table.f32, given.i32, { offsets: offsets.i32, mean: true }, 5, dim, pooled.f32);
      const means = pooled.f32.slice(0, 5 * dim);
      kernels.gatherPooled(table.f32, given.i32, { offsets: offsets.i32, mean: false }, 5, dim, pooled.f32);
      const positions = arena.allocate(4 * rows * tasks);
      positions.i32.fill(-1);
      const sums = [0, 1, 2].map(() => arena.allocate(4 * rows * dim));
      const used: number[] = [];
      for (let t = 0; t < tasks; t++) {
        const gradient = f32(arena, noise(count * dim, 10 + t));
        const sum = (sums[t] as Region).f32;
        const into = { positions: positions.i32, tasks, task: t, sum };
        const block = { gradient: gradient.f32, slots: given.i32, dim };
        const first = kernels.scatter({ ...block, count: 30 + 20 * t, scale: 0.7 }, { ...into, used: 0 });
        const pooling = { offsets: offsets.i32, mean: t > 0 };
        used[t] = kernels.scatterPooled({ ...block, count: 3, scale: 1.3 }, pooling, { ...into, used: first });
      }
      const order = i32(
        arena,
        Int32Array.from({ length: rows }, (_, k) => (k * 7) % rows),
      );
      const of = () => ({ positions: positions.i32, tasks, sums: sums.map((sum) => sum.f32), used: rows, dim });
      const gram = (perRow: boolean, normsOnly: boolean): Float64Array => {
        const cells = arena.allocate(8 * rows * 9);
        cells.f64.fill(0);
        kernels.gram(of(), { normsOnly, ranks: perRow ? order.i32 : null }, cells.f64);
        return cells.f64.slice(0, perRow ? rows * 9 : 9);
      };
      const norms = arena.allocate(8 * rows * tasks);
      kernels.rowNorms(of(), order.i32, norms.f64);
      const out = arena.allocate(4 * rows * dim);
      kernels.expand(of(), 1, order.i32, out.f32);
      return {
        block: block.f32.slice(0, count * dim),
        means,
        pooled: pooled.f32.slice(0, 5 * dim),
        used,
        positions: positions.i32.slice(0, rows * tasks),
        whole: gram(false, false),
        rowNorms: norms.f64.slice(0, rows * tasks),
        norms: gram(false, true),
        rows: gram(true, false),
        expanded: out.f32.slice(0, rows * dim),
      };
    });
  });

  it.each(dims)("for weighted entries that are added to rows, and whose gradients go back, at width %i", (dim) => {
    both((arena) => {
      const { kernels } = arena;
      const rows = 30;
      const entries = 2600;
      const table = f32(arena, noise(rows * dim, 1));
      const listed = i32(arena, ids(entries, rows, 2));
      const weights = f32(arena, noise(entries, 3));
      // Nothing, a few, and more than are added up in float32.
      const offsets = i32(arena, Int32Array.from([0, 0, 4, 9, 1400, entries]));
      const pooling = () => ({ offsets: offsets.i32, weights: weights.f32, mean: false });
      const out = f32(arena, noise(5 * dim, 4));
      const before = out.f32.slice(0, 5 * dim);
      kernels.addPooled(table.f32, listed.i32, pooling(), 5, dim, out.f32);
      const added = out.f32.slice(0, 5 * dim);
      expect(added.subarray(0, dim)).toEqual(before.subarray(0, dim));
      for (let r = 1; r < 5; r++) {
        let sum = before[r * dim] as number;
        for (let o = offsets.i32[r] as number; o < (offsets.i32[r + 1] as number); o++)
          sum += (weights.f32[o] as number) * (table.f32[(listed.i32[o] as number) * dim] as number);
        expect(added[r * dim]).toBeCloseTo(sum, 4);
      }
      const gradient = f32(arena, noise(5 * dim, 5));
      const block = () => ({ gradient: gradient.f32, slots: listed.i32, count: 4, dim, scale: 0.7 });
      const sums = [0, 1].map(() => {
        const positions = arena.allocate(4 * rows);
        positions.i32.fill(-1);
        const sum = arena.allocate(4 * rows * dim);
        return { positions, sum, into: () => ({ positions: positions.i32, tasks: 1, task: 0, sum: sum.f32, used: 0 }) };
      });
      const [narrow, wide] = sums as [(typeof sums)[0], (typeof sums)[0]];
      const places = i32(
        arena,
        Int32Array.from({ length: rows }, (_, k) => (k < 3 ? k : -1)),
      );
      const inWide = arena.allocate(8 * 3 * dim);
      inWide.f64.fill(0);
      const used = kernels.scatterPooled(block(), pooling(), narrow.into());
      const usedWide = kernels.scatterWide(block(), pooling(), wide.into(), { places: places.i32, sums: inWide.f64 });
      expect(usedWide).toBe(used);
      const place = narrow.positions.i32[1] as number;
      expect(inWide.f64[dim]).toBeCloseTo(narrow.sum.f32[place * dim] as number, 3);
      return {
        added,
        used,
        narrow: narrow.sum.f32.slice(0, used * dim),
        wide: inWide.f64.slice(0, 3 * dim),
      };
    });
  });

  it("and both say when a sum is not finite", () => {
    both((arena) => {
      const positions = arena.allocate(64);
      const sum = arena.allocate(256);
      const scatter = (values: number[]): number => {
        positions.i32.fill(-1);
        const gradient = f32(arena, Float32Array.from(values)).f32;
        const slots = i32(arena, new Int32Array(values.length / 2)).i32;
        const block = { gradient, slots, count: values.length / 2, dim: 2, scale: 1 };
        return arena.kernels.scatter(block, { positions: positions.i32, tasks: 1, task: 0, sum: sum.f32, used: 0 });
      };
      expect(scatter([1, 2, 3, 4])).toBe(1);
      expect(scatter([1, Number.NaN])).toBe(-1);
      expect(scatter([Infinity, 1])).toBe(-1);
      expect(scatter([3e38, 1, 3e38, 1])).toBe(-1);
      return {};
    });
  });

  const base = { rate: 0.1, decay: 0, keep: 1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, momentum: 0 };
  const cases: Hyperparameters[] = [
    { ...base, kind: "sgd" },
    { ...base, kind: "sgd", momentum: 0.8, decay: 0.01 },
    { ...base, kind: "adam" },
    { ...base, kind: "adam", decay: 0.05 },
    { ...base, kind: "adam", keep: 0.98 },
    { ...base, kind: "adagrad", decay: 0.02 },
  ];
  it.each(cases.flatMap((h) => [3, 8].map((dim) => ({ h, dim, text: `${h.kind}, decay ${h.decay}, keep ${h.keep}` }))))(
    "for fused updates and skipped steps: $text, width $dim",
    ({ h, dim }) => {
      both((arena) => {
        const { kernels } = arena;
        const rows = 12;
        const tasks = 2;
        const state = [0, 1, 2].map((k) => f32(arena, k === 0 ? noise(rows * dim, 5) : new Float32Array(rows * dim)));
        const [table, first, second] = state as [Region, Region, Region];
        const last = i32(arena, new Int32Array(rows));
        const slotIds = i32(arena, Int32Array.from([7, 0, 3, 11, 5]));
        const positions = i32(arena, Int32Array.from([0, -1, 1, 0, -1, 1, 2, 2, -1, -1]));
        const sums = [0, 1].map((t) => f32(arena, noise(3 * dim, 20 + t, 0.1)));
        const order = i32(arena, Int32Array.from([4, 2, 0, 1, 3]));
        const weights = f32(arena, noise(10, 30));
        const buffer = arena.allocate(8 * dim);
        const sizes = f32(
          arena,
          Float32Array.from({ length: 400 }, (_, s) => 0.1 / (1 - 0.9 ** s)),
        );
        const roots = f32(
          arena,
          Float32Array.from({ length: 400 }, (_, s) => 1 / Math.sqrt(1 - 0.99 ** s)),
        );
        kernels.configure(h);
        kernels.correct(sizes.f32[1] as number, roots.f32[1] as number);
        const of = { positions: positions.i32, tasks, sums: sums.map((sum) => sum.f32), used: 5, dim };
        const optimized = { weights: table.f32, first: first.f32, second: second.f32, dim };
        const visited = (o: Int32Array | null) => ({ slotIds: slotIds.i32, used: 5, order: o });
        const run = (o: Int32Array | null, perRow: boolean): void =>
          kernels.applyTasks(optimized, visited(o), of, { weights: weights.f32, perRow }, buffer.f32);
        run(null, false);
        run(order.i32, true);
        kernels.applyValues(optimized, visited(order.i32), f32(arena, noise(5 * dim, 40)).f32);
        // Within a bound: by tasks, and scaled values, which it is written over.
        kernels.applyTasks(optimized, visited(order.i32), of, { weights: weights.f32, perRow: true }, buffer.f32, 0.03);
        const limited = f32(arena, noise(5 * dim, 41));
        kernels.applyValues(optimized, visited(null), limited.f32, 0.7, 0.3);
        const lag = (until: number) => ({ last: last.i32, until, stepSizes: sizes.f32, roots: roots.f32 });
        kernels.catchUp(optimized, lag(25), slotIds.i32, 3, buffer.f32);
        kernels.catchUp(optimized, lag(h.decay === 0 ? 300 : 40), null, rows, buffer.f32);
        return {
          ...Object.fromEntries(state.map((one, k) => [k, one.f32.slice(0, rows * dim)])),
          last: last.i32.slice(0, rows),
          limited: limited.f32.slice(0, 5 * dim),
        };
      });
    },
  );

  // Rows are touched in blocks of 4 to 64, by their width.
  it.each([3, 32, 200])("over many rows, more than are touched ahead at a time, at width %i", (dim) => {
    both((arena) => {
      const { kernels } = arena;
      const [rows, used, tasks] = [260, 200, 2];
      const state = [0, 1, 2].map((k) =>
        f32(
          arena,
          noise(rows * dim, 5 + k, 0.1).map((x) => (k === 2 ? x * x : x)),
        ),
      );
      const [table, first, second] = state as [Region, Region, Region];
      const random = createRandom(3);
      const slotIds = i32(arena, random.shuffle(Int32Array.from({ length: rows }, (_, row) => row)).slice(0, used));
      const order = i32(arena, random.shuffle(Int32Array.from({ length: used }, (_, slot) => slot)));
      const positions = i32(
        arena,
        Int32Array.from({ length: used * tasks }, (_, k) => (k % 5 === 0 ? -1 : k >> 1)),
      );
      const gradients = [0, 1].map((t) => f32(arena, noise(used * dim, 20 + t, 0.1)));
      const by = f32(arena, noise(used * tasks, 30));
      const row = arena.allocate(8 * dim);
      const last = i32(arena, new Int32Array(rows));
      const sizes = f32(arena, new Float32Array(20).fill(0.01));
      const ones = f32(arena, new Float32Array(20).fill(1));
      const out = arena.allocate(4 * used * dim);
      const offsets = i32(arena, Int32Array.of(0, 0, 1, 90, 90, 199, 200));
      // Memory grows no more: views stay.
      const [sums, weights, buffer] = [gradients.map((one) => one.f32), by.f32, row.f32];
      const [stepSizes, roots] = [sizes.f32, ones.f32];
      const optimized = { weights: table.f32, first: first.f32, second: second.f32, dim };
      const touched = { slotIds: slotIds.i32, used, order: order.i32 };
      kernels.configure({ ...base, kind: "adam", decay: 0.01 });
      kernels.correct(0.1, 1);
      const of = { positions: positions.i32, tasks, sums, used, dim };
      kernels.applyTasks(optimized, touched, of, { weights, perRow: true }, buffer);
      kernels.applyValues(optimized, touched, sums[0] as Float32Array);
      kernels.catchUp(optimized, { last: last.i32, until: 3, stepSizes, roots }, slotIds.i32, used, buffer);
      kernels.gather(table.f32, slotIds.i32, used, dim, out.f32);
      const gathered = out.f32.slice(0, used * dim);
      kernels.gatherPooled(table.f32, slotIds.i32, { offsets: offsets.i32, mean: true }, 6, dim, out.f32);
      return {
        gathered,
        pooled: out.f32.slice(0, 6 * dim),
        ...Object.fromEntries(state.map((one, k) => [k, one.f32.slice(0, rows * dim)])),
      };
    });
  });

  it("and steps in closed form equal the steps one by one, to rounding", () => {
    const arena = wasmArena(1024 ** 2);
    const { kernels } = arena;
    const dim = 5;
    const h: Hyperparameters = { ...base, kind: "adam", keep: 0.999 };
    kernels.configure(h);
    const steps = 3000;
    const sizes = f32(
      arena,
      Float32Array.from({ length: steps + 1 }, (_, s) => 0.1 / (1 - 0.9 ** s)),
    );
    const roots = f32(
      arena,
      Float32Array.from({ length: steps + 1 }, (_, s) => 1 / Math.sqrt(1 - 0.99 ** s)),
    );
    const make = (): Region[] =>
      [noise(dim, 1), noise(dim, 2, 0.1), noise(dim, 3).map((x) => x * x)].map((x) => f32(arena, x));
    const [leap, walk] = [make(), make()] as [Region[], Region[]];
    const buffer = arena.allocate(8 * dim);
    const go = (state: Region[], last: Region, until: number): void => {
      const [weights, first, second] = state.map((one) => one.f32) as [Float32Array, Float32Array, Float32Array];
      const lag = { last: last.i32, until, stepSizes: sizes.f32, roots: roots.f32 };
      kernels.catchUp({ weights, first, second, dim }, lag, null, 1, buffer.f32);
    };
    go(leap, i32(arena, new Int32Array(1)), steps);
    const last = i32(arena, new Int32Array(1));
    for (let s = 1; s <= steps; s++) go(walk, last, s);
    for (let k = 0; k < 3; k++) {
      for (let c = 0; c < dim; c++) {
        const x = (leap[k] as Region).f32[c] as number;
        const y = (walk[k] as Region).f32[c] as number;
        // Float32 rounds 3,000 times in the walk and a few times in the leap.
        expect(Math.abs(x - y)).toBeLessThanOrEqual(Math.abs(y) * 2e-4 + 1e-30);
      }
    }
  });
});

describe("an arena", () => {
  it("keeps its contents when it grows, and shows them through fresh views", () => {
    const arena = wasmArena(8 * 1024 ** 2);
    const values = noise(1000, 1);
    const region = f32(arena, values);
    const before = region.f32;
    const random = createRandom(1);
    for (let k = 0; k < 20; k++) arena.allocate(65_536 + random.int(65_536));
    expect(before.length).toBe(0);
    expect(Array.from(region.f32.subarray(0, 1000))).toEqual(Array.from(values));
  });

  it("reuses what was freed, and says so when nothing more fits", () => {
    const arena = wasmArena(1024 ** 2);
    const first = arena.allocate(600_000);
    expect(() => arena.allocate(600_000)).toThrow(/do not fit a memory/);
    arena.free(first);
    expect(arena.allocate(500_000).f32.length).toBeGreaterThan(0);
    expect(arena.used()).toBeLessThan(600_000);
  });
});
