import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createRandom,
  definePool,
  type JsonValue,
  type PackedRows,
  poolContext,
  restoreRandom,
  stateFromJson,
  stateToJson,
  taskGradients,
  taskSet,
} from "../src/index.js";
import { packedRows, writeRows } from "../src/rows/packed.js";

const roundTrip = (state: unknown): unknown =>
  stateFromJson(JSON.parse(JSON.stringify(stateToJson(state))) as JsonValue);

describe("state as JSON", () => {
  it("keeps every bit of numbers, typed arrays and what holds them", () => {
    const leaf = fc.oneof(
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.float64Array(),
      fc.float32Array(),
      fc.int32Array(),
      fc.constantFrom(-0, NaN, Infinity, -Infinity),
    );
    const plain = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(
          fc.string().filter((key) => !key.startsWith("$") && key !== "__proto__"),
          tie("node"),
          { maxKeys: 3, noNullPrototype: true },
        ),
      ),
    }));
    fc.assert(
      fc.property(plain.node, (state) => {
        expect(roundTrip(state)).toEqual(state);
      }),
      { numRuns: 1000, seed: 1 },
    );
    expect(Object.is(roundTrip(-0), -0)).toBe(true);
  });

  it("refuses what JSON cannot bring back", () => {
    for (const bad of [new Map(), new Set(), new Date(0), () => 1, undefined, 1n, new Uint8Array(1)]) {
      expect(() => stateToJson({ a: [bad] })).toThrow("state holds");
    }
    expect(() => stateToJson({ $f64: "not ours" })).toThrow("$f64");
  });
});

describe("packed rows", () => {
  it("hold what was written last, whatever the ids, and leave what they were made from alone", () => {
    const writes = fc.array(
      fc.tuple(
        fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 2_147_483_647 })),
        fc.double({ noNaN: true }),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(writes, writes, fc.boolean(), (first, second, donate) => {
        const expected = new Map<number, number>();
        const start = writeRows(packedRows(2), true);
        for (const [id, value] of first) {
          start.write(id, [value, id]);
          expected.set(id, value);
        }
        const held = start.done();
        const before = JSON.stringify(stateToJson(held));
        const next = writeRows(held, donate);
        for (const [id, value] of second) {
          next.write(id, [value, id]);
          expected.set(id, value);
        }
        if (!donate) expect(JSON.stringify(stateToJson(held))).toBe(before);
        const out = new Float64Array(2);
        for (const [id, value] of expected) {
          expect(next.read(id, out)).toBe(true);
          expect([...out]).toEqual([value, id]);
        }
        expect(next.done().count).toBe(expected.size);
        const absent = [1, 2, 3, 77].find((id) => !expected.has(id)) ?? 5_000_000;
        expect(next.read(absent, out)).toBe(expected.has(absent));
      }),
      { numRuns: 1000, seed: 2 },
    );
  });

  it("carry a pool's state of rows that come and go, ids up to 2³¹ − 1", () => {
    const pool = definePool<Float64Array>({
      name: "count",
      options: {},
      granularity: "row",
      init: () => new Float64Array(1),
      weigh(gram, _context, state) {
        state[0] = (state[0] as number) + 1;
        return { weights: gram.norms.map(() => 1), state };
      },
    });
    let state = pool.init(taskSet(1));
    for (const ids of [[1, 2_147_483_647], [1], [2, 1]]) {
      const rows = [{ ids, values: ids.map(() => 1) }];
      state = pool.pool(
        taskGradients({ parameters: [{ name: "t", width: 1, rows }] }),
        poolContext({ tasks: 1 }),
        state,
      ).state;
    }
    const packed = state?.rows["t"] as PackedRows;
    const counts = [...packed.keys].flatMap((id, slot) => (id < 0 ? [] : [[id, packed.values[slot]]]));
    expect(counts.sort(([a], [b]) => (a as number) - (b as number))).toEqual([
      [1, 3],
      [2, 1],
      [2_147_483_647, 1],
    ]);
  });
});

describe("random numbers", () => {
  it("go on from a saved state with the same bits", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(50), (seed, skip) => {
        const random = createRandom(seed, 3);
        for (let k = 0; k < skip; k++) random.normal();
        const restored = restoreRandom(JSON.parse(JSON.stringify(random.getState())) as number[]);
        for (let k = 0; k < 20; k++) expect(restored.uniform()).toBe(random.uniform());
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it("differ between seeds and between streams", () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 100; seed++)
      for (let step = 0; step < 100; step++) seen.add(createRandom(seed, step).uniform());
    expect(seen.size).toBe(10_000);
  });

  it("are uniform: χ² over 64 cells, of one stream and of the first draws of many", () => {
    const streams = [
      (() => {
        const random = createRandom(11);
        return () => random.uniform();
      })(),
      (
        (step: number) => () =>
          createRandom(5, step++).uniform()
      )(1),
    ];
    for (const draw of streams) {
      const cells = new Float64Array(64);
      const n = 64_000;
      for (let k = 0; k < n; k++) cells[Math.floor(draw() * 64)]! += 1;
      const chi = cells.reduce((sum, count) => sum + (count - n / 64) ** 2 / (n / 64), 0);
      // 63 degrees of freedom: 1 in 10⁶ lies outside.
      expect(chi).toBeGreaterThan(22);
      expect(chi).toBeLessThan(130);
    }
  });

  it("have the moments of a normal distribution, and shuffle without preference", () => {
    const random = createRandom(3);
    const n = 100_000;
    const z = Float64Array.from({ length: n }, () => random.normal());
    const mean = (power: number): number => z.reduce((sum, x) => sum + x ** power, 0) / n;
    expect(Math.abs(mean(1))).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(mean(2) - 1)).toBeLessThan((5 * Math.SQRT2) / Math.sqrt(n));
    expect(Math.abs(mean(4) - 3)).toBeLessThan((5 * Math.sqrt(96)) / Math.sqrt(n));
    const orders = new Map<string, number>();
    for (let k = 0; k < 24_000; k++) {
      const order = random.shuffle([0, 1, 2, 3]).join("");
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    const chi = [...orders.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi).toBeLessThan(66);
  });

  it("refuse bad bounds, seeds and states", () => {
    expect(() => createRandom(NaN)).toThrow("seed or stream is NaN");
    expect(() => createRandom(1).int(0)).toThrow("bound is 0");
    expect(() => restoreRandom([1, 2])).toThrow("[1,2]");
  });
});
