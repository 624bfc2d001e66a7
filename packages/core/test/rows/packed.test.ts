import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { definePool, type PackedRows, poolContext, stateToJson, taskGradients, taskSet } from "../../src/index.js";
import { packedRows, writeRows } from "../../src/rows/packed.js";

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
