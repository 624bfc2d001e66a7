import { describe, expect, it } from "vitest";
import {
  clipTasks,
  defineLossPool,
  definePool,
  type GradientPool,
  type Granularity,
  poolContext,
  type TaskGradients,
  taskGradients,
  taskSet,
} from "../../src/index.js";

const tasks = 3;
// ‖a‖ = 5, ‖b‖ = 1.118, ‖c‖ = 3.
const values = {
  w: [
    [3, 0, 0, 0],
    [0, 1, 0, 0],
    [-2, 1, 2, 0],
  ],
  v: [
    [4, 0],
    [0, 0.5],
    [0, 0],
  ],
};

const gradientsOf = (scales: readonly number[]): TaskGradients => {
  const by = (rows: readonly (readonly number[])[]) => rows.map((row, i) => row.map((x) => x * (scales[i] as number)));
  return taskGradients({
    parameters: [
      { name: "w", width: 2, rows: by(values.w).map((row) => ({ ids: [4, 7], values: row })) },
      { name: "v", values: by(values.v) },
    ],
  });
};

/** Weights from norms and cosines that no symmetry hides. */
const asking = (granularity: Granularity): GradientPool =>
  definePool({
    name: "asking",
    options: {},
    granularity,
    zeros: "keep",
    weigh: ({ norms, cosines, size }) => ({
      weights: Array.from({ length: size }, (_, i) => 1 + i + (norms[i] as number) * (cosines[i * size] as number)),
    }),
  }) as GradientPool;

/** Adds up coordinates, half of each. */
const coordinates: GradientPool = {
  ...asking("model"),
  needs: "gradients",
  pool(gradients, _context, state) {
    const sums = gradients.parameters.map(({ name, size }) => {
      const sum = new Float64Array(size);
      for (const own of gradients.values(name)) own.forEach((x, k) => (sum[k] = (sum[k] as number) + x / 2));
      return [name, sum] as const;
    });
    return { combined: gradients.assemble(new Map(sums)), state };
  },
};

const pooled = (pool: GradientPool, gradients: TaskGradients): number[] => {
  const { combined } = pool.pool(gradients, poolContext({ tasks }), pool.init(taskSet(tasks)));
  return ["w", "v"].flatMap((name) => [...combined.value(name)]);
};

describe("a limit of the tasks' norms", () => {
  it.each(["model", "parameter", "row"] as const)("is the pool on gradients of these norms, per %s", (granularity) => {
    const pool = asking(granularity);
    const clipped = pooled(clipTasks(pool, 2), gradientsOf([1, 1, 1]));
    const expected = pooled(pool, gradientsOf([2 / 5, 1, 2 / 3]));
    clipped.forEach((x, k) => expect(x).toBeCloseTo(expected[k] as number, 12));
  });

  it("holds for pools that look at coordinates", () => {
    const clipped = pooled(clipTasks(coordinates, 2), gradientsOf([1, 1, 1]));
    const expected = pooled(coordinates, gradientsOf([2 / 5, 1, 2 / 3]));
    clipped.forEach((x, k) => expect(x).toBeCloseTo(expected[k] as number, 12));
  });

  it("answers with weights of the gradients as they are", () => {
    const pool = clipTasks(asking("model"), 2);
    const gradients = gradientsOf([1, 1, 1]);
    const { combined } = pool.pool(gradients, poolContext({ tasks }), pool.init(taskSet(tasks)));
    const again = gradients.combine(combined.weights!);
    expect([...again.value("w")]).toEqual([...combined.value("w")]);
  });

  it("that no task reaches changes nothing, to the bit", () => {
    expect(pooled(clipTasks(asking("model"), 5.1), gradientsOf([1, 1, 1]))).toEqual(
      pooled(asking("model"), gradientsOf([1, 1, 1])),
    );
  });

  it("keeps the pool's name, level and state, and says the limit among its options", () => {
    const pool = clipTasks(asking("row"), 2);
    expect(pool).toMatchObject({ name: "asking", granularity: "row", options: { clipTasks: 2 } });
    expect(pool.mix).toBeUndefined();
  });

  it.each([0, -1, Number.NaN, Infinity])("is refused where it is %s", (limit) => {
    expect(() => clipTasks(asking("model"), limit)).toThrow(/limit is/);
  });

  it("is refused for a pool that sees no gradient", () => {
    const pool = defineLossPool({
      name: "losses",
      options: {},
      init: () => null,
      weigh: () => ({ weights: [1, 1, 1] }),
    } as never);
    expect(() => clipTasks(pool as GradientPool, 1)).toThrow(/losses sees no gradient/);
  });
});
