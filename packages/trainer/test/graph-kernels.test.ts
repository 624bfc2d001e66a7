import { createRandom } from "@gradpool/core";
import { bpr, lightgcn } from "@gradpool/models";
import { describe, expect, it } from "vitest";
import { adjacency } from "../src/graph/adjacency.js";
import { graphOps } from "../src/graph/ops.js";
import type { Chance, Rows } from "../src/kernels/graph.js";
import type { Arena, Region } from "../src/memory/arena.js";
import { plainArena } from "../src/memory/plain-arena.js";
import { wasmArena } from "../src/memory/wasm-arena.js";
import { ids, noise, worst } from "./embedding-helpers.js";

/** Runs a computation on both arenas, and compares all it returns bit by bit. */
function both(compute: (arena: Arena) => Record<string, ArrayLike<number>>): void {
  const wasm = compute(wasmArena(64 * 1024 ** 2));
  const plain = compute(plainArena());
  for (const [name, value] of Object.entries(wasm)) {
    expect(Array.from(value), name).toEqual(Array.from(plain[name] as ArrayLike<number>));
  }
}

const f32 = (arena: Arena, values: ArrayLike<number>): Region => {
  const region = arena.allocate(4 * values.length);
  region.f32.set(values);
  return region;
};
const i32 = (arena: Arena, values: ArrayLike<number>): Region => {
  const region = arena.allocate(4 * values.length);
  region.i32.set(values);
  return region;
};

interface Sparse {
  readonly nodes: number;
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** A random matrix with empty rows among the others; `long`: every seventh has an edge to about every other node. */
function sparse(nodes: number, seed: number, long = false): Sparse {
  const random = createRandom(seed);
  const offsets = new Int32Array(nodes + 1);
  const indices: number[] = [];
  for (let r = 0; r < nodes; r++) {
    const degree = r % 5 === 3 ? 0 : long && r % 7 === 0 ? nodes : 1 + random.int(6);
    const columns = new Set(Array.from({ length: degree }, () => random.int(nodes)));
    indices.push(...[...columns].sort((a, b) => a - b));
    offsets[r + 1] = indices.length;
  }
  return { nodes, offsets, indices: Int32Array.from(indices), values: noise(indices.length, seed + 1) };
}

/** Views are taken late: allocating may move the memory. */
function brought(arena: Arena, { offsets, indices, values }: Sparse): () => Rows {
  const held = [i32(arena, offsets), i32(arena, indices), f32(arena, values)] as const;
  return () => ({ offsets: held[0].i32, indices: held[1].i32, values: held[2].f32 });
}

/** S x in float64. */
function dense(
  { nodes, offsets, indices, values }: Sparse,
  x: Float32Array,
  dim: number,
  transposed = false,
): Float64Array {
  const out = new Float64Array(nodes * dim);
  for (let r = 0; r < nodes; r++) {
    for (let e = offsets[r] as number; e < (offsets[r + 1] as number); e++) {
      const [to, from] = transposed ? [indices[e] as number, r] : [r, indices[e] as number];
      for (let c = 0; c < dim; c++) {
        const cell = to * dim + c;
        out[cell] = (out[cell] as number) + (values[e] as number) * (x[from * dim + c] as number);
      }
    }
  }
  return out;
}

const dims = [1, 2, 3, 4, 7, 8, 13, 32, 36, 64, 75];

describe("sparse products", () => {
  it.each(dims)("equal their definition, at width %i, and give the same bits in both implementations", (dim) => {
    const matrix = sparse(40, dim);
    const x = noise(40 * dim, 3);
    const base = noise(40 * dim, 4);
    const wanted = Int32Array.from([7, 3, 39, 0, 7]);
    const g = noise(wanted.length * dim, 5);
    both((arena) => {
      const rows = brought(arena, matrix);
      const held = { x: f32(arena, x), base: f32(arena, base), g: f32(arena, g), nodes: i32(arena, wanted) };
      const [whole, some, back] = [40, 5, 40].map((count) => arena.allocate(4 * count * dim)) as [
        Region,
        Region,
        Region,
      ];
      const { kernels } = arena;
      kernels.propagate(rows(), null, 40, held.x.f32, dim, held.base.f32, 0.25, whole.f32);
      kernels.propagate(rows(), held.nodes.i32, 5, held.x.f32, dim, null, 1, some.f32);
      kernels.spread(rows(), held.nodes.i32, 5, held.g.f32, dim, back.f32);
      const product = dense(matrix, x, dim);
      expect(
        worst(
          whole.f32.slice(0, 40 * dim),
          product.map((value, k) => 0.25 * (value + (base[k] as number))),
        ),
      ).toBeLessThan(2e-6);
      wanted.forEach((node, k) => {
        const row = product.subarray(node * dim, (node + 1) * dim);
        expect(worst(some.f32.subarray(k * dim, (k + 1) * dim), row)).toBeLessThan(4e-6);
      });
      const scattered = new Float32Array(40 * dim);
      wanted.forEach((node, k) => {
        for (let c = 0; c < dim; c++) {
          scattered[node * dim + c] = (scattered[node * dim + c] as number) + (g[k * dim + c] as number);
        }
      });
      expect(worst(back.f32.subarray(0, 40 * dim), dense(matrix, scattered, dim, true))).toBeLessThan(4e-6);
      return {
        whole: whole.f32.slice(0, 40 * dim),
        some: some.f32.slice(0, 5 * dim),
        back: back.f32.slice(0, 40 * dim),
      };
    });
  });
});

describe("products of blocks in planes", () => {
  it.each([32, 48, 64])("are those of blocks in rows to the bit, at width %i, in both implementations", (dim) => {
    const count = 600;
    const matrix = sparse(count, dim, true);
    const [x, base] = [noise(count * dim, 3), noise(count * dim, 4)];
    const wanted = Int32Array.from([7, 3, 39, 0]);
    const g = noise(wanted.length * dim, 5);
    g.fill(0, dim, 2 * dim);
    both((arena) => {
      const { kernels } = arena;
      const rows = brought(arena, matrix);
      const held = { x: f32(arena, x), base: f32(arena, base), g: f32(arena, g), nodes: i32(arena, wanted) };
      const block = (): Region => arena.allocate(4 * count * dim);
      const [inPlanes, baseInPlanes, made, out, again, sum] = [block(), block(), block(), block(), block(), block()];
      kernels.toPlanes(held.x.f32, null, count, dim, count, inPlanes.f32);
      kernels.toPlanes(held.base.f32, null, count, dim, count, baseInPlanes.f32);
      const flat = (values: Float32Array): Float32Array => {
        const back = new Float32Array(count * dim);
        for (let n = 0; n < count; n++)
          for (let c = 0; c < dim; c++)
            back[n * dim + c] = values[(Math.floor(c / 16) * count + n) * 16 + (c % 16)] as number;
        return back;
      };
      expect(flat(inPlanes.f32)).toEqual(x);
      const planar = { base: false, out: false };
      kernels.propagatePlanes(rows(), null, count, inPlanes.f32, dim, count, baseInPlanes.f32, 0.5, made.f32, planar);
      kernels.propagate(rows(), null, count, held.x.f32, dim, held.base.f32, 0.5, out.f32);
      const [whole, flatly] = [flat(made.f32), out.f32.slice(0, count * dim)];
      expect(whole).toEqual(flatly);
      const mixed = { base: true, out: true };
      kernels.propagatePlanes(rows(), null, count, inPlanes.f32, dim, count, held.base.f32, 0.5, again.f32, mixed);
      expect(again.f32.slice(0, count * dim)).toEqual(flatly);
      kernels.propagatePlanes(rows(), held.nodes.i32, 4, inPlanes.f32, dim, count, null, 1, again.f32, mixed);
      kernels.propagate(rows(), held.nodes.i32, 4, held.x.f32, dim, null, 1, out.f32);
      const [some, someFlatly] = [again.f32.slice(0, 4 * dim), out.f32.slice(0, 4 * dim)];
      expect(some).toEqual(someFlatly);
      kernels.spreadPlanes(rows(), held.nodes.i32, 4, held.g.f32, dim, count, sum.f32, null);
      kernels.toPlanes(held.g.f32, held.nodes.i32, 4, dim, count, sum.f32);
      const expected = block();
      kernels.spread(rows(), held.nodes.i32, 4, held.g.f32, dim, expected.f32);
      wanted.forEach((node, k) => {
        for (let c = 0; c < dim; c++) {
          const cell = node * dim + c;
          expected.f32[cell] = (expected.f32[cell] as number) + (g[k * dim + c] as number);
        }
      });
      const back = flat(sum.f32);
      expect(back).toEqual(expected.f32.slice(0, count * dim));
      // Every third node's sums in float64.
      const places = i32(
        arena,
        Int32Array.from({ length: count }, (_, k) => (k % 3 === 0 ? k / 3 : -1)),
      );
      const [ours, theirs] = [arena.allocate(8 * 200 * dim), arena.allocate(8 * 200 * dim)];
      for (const region of [sum, expected]) region.f32.fill(0);
      const wide = (sums: Region) => ({ places: places.i32, sums: sums.f64 });
      kernels.spreadPlanes(rows(), held.nodes.i32, 4, held.g.f32, dim, count, sum.f32, wide(ours));
      kernels.spreadWide(rows(), held.nodes.i32, 4, held.g.f32, dim, expected.f32, wide(theirs));
      const [rest, totals] = [flat(sum.f32), ours.f64.slice(0, 200 * dim)];
      expect(rest).toEqual(expected.f32.slice(0, count * dim));
      expect(totals).toEqual(theirs.f64.slice(0, 200 * dim));
      return { whole, some, back, rest, totals };
    });
  });
});

describe("rows that are added", () => {
  it("are, though memory grows for it", () => {
    const count = 3000;
    const offsets = new Int32Array(2 * count + 1).map((_, k) => k);
    const neighbours = new Int32Array(2 * count).map((_, k) => (k < count ? k + count : k - count));
    const graph = { users: count, items: count, offsets, neighbours };
    const encoder = lightgcn({ graph, tasks: [bpr("a")] }).encoder;
    const arena = wasmArena(256 * 1024 ** 2);
    const held = adjacency(arena, graph, encoder);
    const only = {
      count,
      ids: i32(
        arena,
        new Int32Array(count).map((_, k) => k),
      ).i32.slice(),
    };
    // Each has scratch of its own, so that one of them is the first that asks for more than there is.
    for (let k = 0; k < 30; k++) {
      const ops = graphOps(arena, held, 1);
      const [g, out] = [ops.block().shape(count, 3), ops.block().shape(2 * count, 3)];
      (g.values as Float32Array).fill(2);
      (out.values as Float32Array).fill(1);
      const nodes = i32(arena, only.ids);
      ops.addRows(
        g,
        {
          count,
          get ids() {
            return nodes.i32;
          },
        },
        out,
      );
      expect(out.values.subarray(0, 3 * count).every((value) => value === 3)).toBe(true);
      expect(out.values.subarray(3 * count, 6 * count).every((value) => value === 1)).toBe(true);
    }
  });
});

describe("rows that are added to themselves", () => {
  it.each(dims)("are as often as is said, and a block is scaled, at width %i", (dim) => {
    both((arena) => {
      const x = noise(6 * dim, 1);
      const [from, out] = [f32(arena, x), f32(arena, x)];
      const [nodes, factors] = [i32(arena, [4, 1]), f32(arena, [2, 1])];
      arena.kernels.addScaled(from.f32, nodes.i32, factors.f32, 2, dim, 0.5, out.f32);
      const times = [0, 1, 0, 0, 2, 0];
      for (let k = 0; k < 6 * dim; k++)
        expect(out.f32[k]).toBeCloseTo((x[k] as number) * (1 + 0.5 * (times[Math.floor(k / dim)] as number)), 5);
      arena.kernels.scale(from.f32, 6 * dim - 1, 0.3);
      const scaled = from.f32.slice(0, 6 * dim);
      scaled.forEach((value, k) =>
        expect(value).toBe(k === 6 * dim - 1 ? x[k] : Math.fround(Math.fround(0.3) * (x[k] as number))),
      );
      return { out: out.f32.slice(0, 6 * dim), scaled };
    });
  });
});

const chance = (rate: number, first = 17, second = -5): Chance => ({
  first,
  second,
  threshold: Math.floor(rate * 2 ** 32),
  scale: 1 / (1 - rate),
});

describe("dropout", () => {
  it("drops edges in both directions, about as many as it is told, and scales the rest", () => {
    const neighbours = Array.from({ length: 100 }, () => new Set<number>());
    const ends = ids(4000, 100, 11);
    for (let k = 0; k < ends.length; k += 2) {
      const [a, b] = [ends[k] as number, ends[k + 1] as number];
      neighbours[a]?.add(b);
      neighbours[b]?.add(a);
    }
    const offsets = new Int32Array(101);
    const indices = Int32Array.from(neighbours.flatMap((set) => [...set].sort((a, b) => a - b)));
    neighbours.forEach((set, r) => (offsets[r + 1] = (offsets[r] as number) + set.size));
    const matrix: Sparse = { nodes: 100, offsets, indices, values: new Float32Array(indices.length).fill(1) };
    both((arena) => {
      const rows = brought(arena, matrix);
      const out = arena.allocate(4 * indices.length);
      arena.kernels.dropEdges(rows(), 100, chance(0.2), out.f32);
      const values = out.f32.slice(0, indices.length);
      const at = (r: number, c: number): number =>
        values[(offsets[r] as number) + Array.from(indices.subarray(offsets[r], offsets[r + 1])).indexOf(c)] as number;
      for (let r = 0; r < 100; r++) for (const c of neighbours[r] ?? []) expect(at(r, c)).toBe(at(c, r));
      const dropped = values.filter((value) => value === 0).length / values.length;
      expect(Math.abs(dropped - 0.2)).toBeLessThan(0.03);
      expect(new Set(values)).toEqual(new Set([0, 1.25]));
      return { values };
    });
  });

  it("drops coordinates by node, not by place in the block, and others with another key", () => {
    both((arena) => {
      const x = f32(arena, new Float32Array(50 * 20).fill(1));
      const nodes = i32(arena, Int32Array.from([4, 9]));
      const outs = [0, 1, 2].map(() => arena.allocate(4 * 1000)) as [Region, Region, Region];
      const { drop } = arena.kernels;
      drop(x.f32, null, 50, 20, chance(0.5), outs[0].f32);
      drop(x.f32, nodes.i32, 2, 20, chance(0.5), outs[1].f32);
      drop(x.f32, null, 50, 20, chance(0.5, 17, -4), outs[2].f32);
      const [all, some, other] = outs.map((out) => out.f32.slice(0, 1000)) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      expect(Array.from(some.subarray(0, 20))).toEqual(Array.from(all.subarray(80, 100)));
      expect(Array.from(some.subarray(20, 40))).toEqual(Array.from(all.subarray(180, 200)));
      const agree = all.filter((value, k) => value === other[k]).length;
      expect(Math.abs(agree - 500)).toBeLessThan(60);
      expect(Math.abs(all.filter((value) => value === 0).length - 500)).toBeLessThan(60);
      return { all, some: some.slice(0, 40) };
    });
  });
});

describe("dense layers", () => {
  it.each([
    [5, 3, 2],
    [4, 8, 8],
    [9, 13, 20],
    [600, 6, 9],
    [13, 64, 64],
  ])("of %i rows, %i × %i, equal their definitions, with the same bits in both", (count, inner, columns) => {
    const x = noise(count * inner, 1);
    const m = noise(inner * columns, 2);
    const bias = noise(columns, 3);
    const y = noise(count * columns, 4);
    both((arena) => {
      const { kernels } = arena;
      const h = { x: f32(arena, x), m: f32(arena, m), bias: f32(arena, bias), y: f32(arena, y) };
      const out = f32(arena, y);
      const fresh = arena.allocate(4 * count * columns);
      const gradient = arena.allocate(8 * columns * inner);
      const sums = arena.allocate(8 * columns);
      kernels.product(h.x.f32, count, inner, h.m.f32, columns, null, true, out.f32);
      kernels.product(h.x.f32, count, inner, h.m.f32, columns, h.bias.f32, false, fresh.f32);
      kernels.outer(h.y.f32, count, columns, h.x.f32, inner, gradient.f64);
      kernels.columnSums(h.y.f32, count, columns, sums.f64);
      const at = (r: number, c: number): number => {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += (x[r * inner + k] as number) * (m[k * columns + c] as number);
        return sum;
      };
      for (let r = 0; r < count; r++) {
        for (let c = 0; c < columns; c++) {
          const k = r * columns + c;
          expect(Math.abs((out.f32[k] as number) - at(r, c) - (y[k] as number))).toBeLessThan(2e-5);
          expect(Math.abs((fresh.f32[k] as number) - at(r, c) - (bias[c] as number))).toBeLessThan(2e-5);
        }
      }
      for (let i = 0; i < columns; i++) {
        let own = 0;
        for (let r = 0; r < count; r++) own += y[r * columns + i] as number;
        expect(Math.abs((sums.f64[i] as number) - own)).toBeLessThan(2e-5);
        for (let j = 0; j < inner; j++) {
          let sum = 0;
          for (let r = 0; r < count; r++) sum += (y[r * columns + i] as number) * (x[r * inner + j] as number);
          expect(Math.abs((gradient.f64[i * inner + j] as number) - sum)).toBeLessThan(5e-5);
        }
      }
      return {
        out: out.f32.slice(0, count * columns),
        fresh: fresh.f32.slice(0, count * columns),
        gradient: gradient.f64.slice(0, columns * inner),
        sums: sums.f64.slice(0, columns),
      };
    });
  });

  it.each([3, 8, 13])("elementwise, of unit rows and of columns, give the same bits in both at width %i", (dim) => {
    both((arena) => {
      const { kernels } = arena;
      const count = 7;
      const length = count * dim;
      const x = noise(length, 1);
      x.fill(0, 2 * dim, 3 * dim);
      const h = { x: f32(arena, x), g: f32(arena, noise(length, 2)) };
      const [units, inverse, back, wide, leaked, made] = [length, count, length, 2 * length, length, length].map(
        (cells) => arena.allocate(4 * cells),
      ) as [Region, Region, Region, Region, Region, Region];
      kernels.unit(h.x.f32, count, dim, units.f32, inverse.f32);
      kernels.unitBack(h.g.f32, units.f32, inverse.f32, count, dim, back.f32);
      kernels.columns(h.x.f32, dim, 1, count, dim - 1, false, wide.f32, 2 * dim, dim);
      kernels.columns(h.g.f32, dim, 0, count, dim, true, wide.f32, 2 * dim, 0);
      kernels.leaky(h.x.f32, h.g.f32, 0.2, length, leaked.f32);
      kernels.add(h.x.f32, h.g.f32, length, made.f32);
      kernels.multiply(h.x.f32, h.g.f32, length, true, made.f32);
      for (let k = 0; k < length; k++) {
        const [a, b] = [x[k] as number, h.g.f32[k] as number];
        expect(leaked.f32[k]).toBe(a > 0 ? b : Math.fround(Math.fround(0.2) * b));
        expect(Math.abs((made.f32[k] as number) - (a + b + a * b))).toBeLessThan(1e-6);
      }
      for (let r = 0; r < count; r++) {
        const square = units.f32.subarray(r * dim, (r + 1) * dim).reduce((sum, value) => sum + value * value, 0);
        expect(square).toBeCloseTo(r === 2 ? 0 : 1, 5);
      }
      return {
        units: units.f32.slice(0, length),
        back: back.f32.slice(0, length),
        wide: wide.f32.slice(0, 2 * length),
        leaked: leaked.f32.slice(0, length),
        made: made.f32.slice(0, length),
      };
    });
  });

  it("go back through unit rows as finite differences do", () => {
    const arena = wasmArena(1024 ** 2);
    const { kernels } = arena;
    const dim = 5;
    const x = noise(dim, 1);
    const g = noise(dim, 2);
    const regions = [x, g, x, x, x].map((values) => f32(arena, values)) as [Region, Region, Region, Region, Region];
    const [at, arriving, units, inverse, back] = regions;
    kernels.unit(at.f32, 1, dim, units.f32, inverse.f32);
    kernels.unitBack(arriving.f32, units.f32, inverse.f32, 1, dim, back.f32);
    const value = (values: readonly number[]): number => {
      const length = Math.hypot(...values);
      return values.reduce((sum, v, k) => sum + (v / length) * (g[k] as number), 0);
    };
    for (let k = 0; k < dim; k++) {
      const moved = (by: number): number => value(Array.from(x, (v, c) => v + (c === k ? by : 0)));
      expect(back.f32[k]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 5);
    }
  });
});

describe("weighted sums of the tasks' rows", () => {
  it.each([3, 8])("are written where they are wanted, in place too, at width %i", (dim) => {
    both((arena) => {
      const sums = [noise(4 * dim, 1), noise(4 * dim, 2)];
      const places = i32(arena, Int32Array.from([0, -1, 1, 1, -1, -1, 2, 0]));
      const weights = f32(arena, noise(8, 3));
      const targets = i32(arena, Int32Array.from([5, 0, 3, 2]));
      const order = i32(
        arena,
        ids(4, 1, 1).map((_, k) => [2, 0, 3, 1][k] as number),
      );
      const out = f32(arena, noise(6 * dim, 9));
      const held = sums.map((sum) => f32(arena, sum));
      const lists = held.map((one) => one.f32);
      const { combine, finite } = arena.kernels;
      combine(
        { positions: places.i32, tasks: 2, sums: lists, used: 4, dim },
        { weights: weights.f32, perRow: true },
        order.i32,
        targets.i32,
        out.f32,
      );
      // Slot 3 comes third in the order, and both tasks touched it: rows 2 and 0 of their accumulators.
      const [a, b] = sums as [Float32Array, Float32Array];
      for (let c = 0; c < dim; c++) {
        const first = Math.fround((weights.f32[4] as number) * (a[2 * dim + c] as number));
        const second = Math.fround((weights.f32[5] as number) * (b[c] as number));
        expect(out.f32[2 * dim + c]).toBe(Math.fround(first + second));
      }
      expect(Array.from(out.f32.subarray(3 * dim, 4 * dim))).toEqual(Array.from({ length: dim }, () => 0));
      expect(finite(out.f32, 6 * dim)).toBe(true);
      out.f32[dim] = Number.NaN;
      expect(finite(out.f32, 6 * dim)).toBe(false);
      out.f32[dim] = 0;
      return { out: out.f32.slice(0, 6 * dim) };
    });
  });
});
