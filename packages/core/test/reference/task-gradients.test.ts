import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnSums, createRandom, taskGradients } from "../../src/index.js";

describe("task gradients", () => {
  it("are the same from rows, repeated and unsorted, as from the dense tensor", () => {
    const touched = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 6 }),
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 2 }),
      ),
      { maxLength: 9 },
    );
    fc.assert(
      fc.property(fc.array(touched, { minLength: 1, maxLength: 4 }), fc.nat(), (perTask, seed) => {
        const ids = [...new Set(perTask.flatMap((list) => list.map(([id]) => id)))].sort((a, b) => a - b);
        const rows = perTask.map((list) => ({
          ids: list.map(([id]) => id),
          values: list.flatMap(([, values]) => values),
        }));
        const sparse = taskGradients({ parameters: [{ name: "t", width: 2, rows }] });
        const dense = perTask.map((list) => {
          const out = new Float64Array(ids.length * 2);
          for (const [id, values] of list)
            values.forEach((v, c) => {
              const at = ids.indexOf(id) * 2 + c;
              out[at] = (out[at] as number) + v;
            });
          return out;
        });
        const whole = taskGradients({ parameters: [{ name: "t", values: dense }] });
        expect([...(sparse.parameters[0]?.ids ?? [])]).toEqual(ids);
        expect(sparse.values("t")).toEqual(dense);
        expect(sparse.gram("model")).toEqual(whole.gram("model"));
        const random = createRandom(seed);
        const weights = Float64Array.from(perTask, () => random.normal());
        expect(sparse.combine({ granularity: "model", weights }).value("t")).toEqual(
          whole.combine({ granularity: "model", weights }).value("t"),
        );
        const perRow = Float64Array.from({ length: ids.length * perTask.length }, () => random.normal());
        const combined = sparse.combine({ granularity: "row", weights: perRow }).value("t");
        combined.forEach((x, k) => {
          const row = Math.floor(k / 2);
          const want = dense.reduce(
            (sum, v, i) => sum + (perRow[row * perTask.length + i] as number) * (v[k] as number),
            0,
          );
          expect(Math.abs(x - want)).toBeLessThanOrEqual(1e-12);
        });
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it("combine what they hold with weights per model, tensor and row", () => {
    const gradients = taskGradients({
      parameters: [
        {
          name: "a",
          values: [
            [1, 2],
            [10, 20],
          ],
        },
        {
          name: "t",
          width: 1,
          rows: [
            { ids: [5], values: [1] },
            { ids: [9], values: [1] },
          ],
        },
      ],
    });
    const of = (granularity: "model" | "parameter" | "row", weights: number[]) => {
      const combined = gradients.combine({ granularity, weights: Float64Array.from(weights) });
      return [[...combined.value("a")], [...combined.value("t")]];
    };
    expect(of("model", [1, 2])).toEqual([
      [21, 42],
      [1, 2],
    ]);
    expect(of("parameter", [1, 0, 3, 4])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(of("row", [0, 1, 3, 4, 5, 6])).toEqual([
      [10, 20],
      [3, 6],
    ]);
    expect(() => of("row", [1, 2])).toThrow("2 weights per row (combine): give 6");
  });

  it("keep float32 where every task's gradient is float32", () => {
    const values = [Float32Array.of(1), Float32Array.of(2)];
    const combined = taskGradients({ parameters: [{ name: "p", values }] }).combine({
      granularity: "model",
      weights: Float64Array.of(1, 1),
    });
    expect(combined.value("p")).toEqual(Float32Array.of(3));
  });

  it("take combined gradients of a pool's own making, of the right size", () => {
    const gradients = taskGradients({ parameters: [{ name: "p", values: [[1, 2]] }] });
    expect(gradients.assemble(new Map([["p", Float64Array.of(7, 8)]])).value("p")).toEqual(Float64Array.of(7, 8));
    expect(() => gradients.assemble(new Map([["p", Float64Array.of(7)]])).value("p")).toThrow(
      "1 coordinates (p): give 2",
    );
  });

  it.each([
    ["no parameters", { parameters: [] }],
    ["no tasks", { parameters: [{ name: "p", values: [] }] }],
    [
      "2 gradients",
      {
        parameters: [
          { name: "p", values: [[1], [1], [1]] },
          { name: "q", values: [[1], [1]] },
        ],
      },
    ],
    ["has 1 coordinates", { parameters: [{ name: "p", values: [[1, 2], [1]] }] }],
    [
      "parameter names repeat",
      {
        parameters: [
          { name: "p", values: [[1]] },
          { name: "p", values: [[1]] },
        ],
      },
    ],
    ["present has 1 entries", { parameters: [{ name: "p", values: [[1], [1]] }], present: [true] }],
    ["width is 0", { parameters: [{ name: "t", width: 0, rows: [null] }] }],
    ["row id -1", { parameters: [{ name: "t", width: 1, rows: [{ ids: [-1], values: [1] }] }] }],
    ["1 ids and 3 coordinates", { parameters: [{ name: "t", width: 2, rows: [{ ids: [1], values: [1, 2, 3] }] }] }],
  ])("refuse a wrong shape: %s", (message, input) => {
    expect(() => taskGradients(input)).toThrow(message);
  });

  it("turn a mixing matrix into weights by adding its rows", () => {
    const mixing = { granularity: "model", diagonal: false, matrices: Float64Array.of(1, 2, 3, 4) } as const;
    expect(columnSums(mixing, 2)).toEqual(Float64Array.of(4, 6));
  });
});
