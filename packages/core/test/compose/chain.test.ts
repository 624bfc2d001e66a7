import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chain,
  createRandom,
  definePool,
  type GradientPool,
  type Granularity,
  poolContext,
  taskGradients,
  taskSet,
} from "../../src/index.js";

/** A pool that answers with fixed pseudo-random matrices, one per group, and remembers nothing. */
function randomMixing(seed: number, granularity: Granularity, diagonal: boolean): GradientPool {
  const matrix = (size: number, group: string): number[] => {
    const random = createRandom(seed, ...[...group].map((c) => c.charCodeAt(0)));
    return Array.from({ length: diagonal ? size : size * size }, () => Math.round(random.normal() * 4) / 2);
  };
  const group = (parameter: string | null, row?: number): string => `${parameter ?? ""}:${row ?? ""}`;
  return definePool(
    diagonal
      ? {
          name: "d",
          options: {},
          granularity,
          zeros: "keep",
          weigh: ({ size }, { parameter, row }) => ({ weights: matrix(size, group(parameter, row)) }),
        }
      : {
          name: "m",
          options: {},
          granularity,
          zeros: "keep",
          mix: ({ size }, { parameter, row }) => ({ mixing: matrix(size, group(parameter, row)) }),
        },
  ) as GradientPool;
}

const tasks = 3;
const width = 2;
type Vectors = Record<string, number[][]>;

/** What a link does, spelled out on vectors: each group's rows are replaced by C times them. */
function applyOnVectors(vectors: Vectors, seed: number, granularity: Granularity, diagonal: boolean): Vectors {
  const out: Vectors = {};
  for (const [name, rows] of Object.entries(vectors)) {
    const size = (rows[0] as number[]).length;
    const mixed = rows.map(() => Array.from({ length: size }, () => 0));
    for (let p = 0; p < size; p++) {
      const isRow = name === "table" && granularity === "row";
      const key = granularity === "model" ? ":" : isRow ? `${name}:${10 + Math.floor(p / width)}` : `${name}:`;
      const random = createRandom(seed, ...[...key].map((c) => c.charCodeAt(0)));
      const c = Array.from({ length: diagonal ? tasks : tasks * tasks }, () => Math.round(random.normal() * 4) / 2);
      for (let i = 0; i < tasks; i++)
        for (let j = 0; j < tasks; j++) {
          const factor = diagonal ? (i === j ? (c[i] as number) : 0) : (c[i * tasks + j] as number);
          const row = mixed[i] as number[];
          row[p] = (row[p] as number) + factor * ((rows[j] as number[])[p] as number);
        }
    }
    out[name] = mixed;
  }
  return out;
}

function input(vectors: Vectors) {
  return taskGradients({
    parameters: Object.entries(vectors).map(([name, values]) =>
      name === "table"
        ? { name, width, rows: values.map((row) => ({ ids: [10, 11, 12], values: row })) }
        : { name, values },
    ),
  });
}

const vectorsOf = (seed: number): Vectors => {
  const random = createRandom(seed, 5);
  const rows = (size: number) =>
    Array.from({ length: tasks }, () => Array.from({ length: size }, () => random.normal()));
  return { dense: rows(4), table: rows(3 * width), bias: rows(1) };
};

const link = fc.record({
  seed: fc.integer({ min: 0, max: 1000 }),
  granularity: fc.constantFrom<Granularity>("model", "parameter", "row"),
  diagonal: fc.boolean(),
});

describe("a chain", () => {
  it("is its links applied to the vectors one after the other, at mixed granularities", () => {
    fc.assert(
      fc.property(fc.array(link, { minLength: 1, maxLength: 4 }), fc.nat(1000), (links, seed) => {
        let vectors = vectorsOf(seed);
        const pool = chain(...links.map((l) => randomMixing(l.seed, l.granularity, l.diagonal)));
        const { combined } = pool.pool(input(vectors), poolContext({ tasks }), pool.init(taskSet(tasks)));
        for (const l of links) vectors = applyOnVectors(vectors, l.seed, l.granularity, l.diagonal);
        for (const [name, rows] of Object.entries(vectors)) {
          const got = combined.value(name);
          const size = Math.max(1, ...rows.flat().map(Math.abs)) * 4 ** links.length;
          got.forEach((x, p) => {
            const want = rows.reduce((sum, row) => sum + (row[p] as number), 0);
            expect(Math.abs(x - want)).toBeLessThanOrEqual(1e-12 * size);
          });
        }
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it("shows each link the norms and cosines of the rows that the one before made", () => {
    fc.assert(
      fc.property(
        link,
        fc.constantFrom<Granularity>("model", "parameter", "row"),
        fc.nat(1000),
        (first, granularity, seed) => {
          const vectors = vectorsOf(seed);
          const seen: number[][] = [];
          const spy = definePool({
            name: "spy",
            options: {},
            granularity,
            zeros: "keep",
            weigh: ({ norms, cosines, size }) => {
              seen.push([...norms, ...cosines]);
              return { weights: new Float64Array(size).fill(1) };
            },
          });
          const pool = chain(randomMixing(first.seed, first.granularity, first.diagonal), spy);
          pool.pool(input(vectors), poolContext({ tasks }), pool.init(taskSet(tasks)));
          const made = applyOnVectors(vectors, first.seed, first.granularity, first.diagonal);
          const grams = input(made).gram(granularity);
          seen.forEach((numbers, g) => {
            const norms = [...grams.norms.subarray(g * tasks, (g + 1) * tasks)];
            const size = Math.max(...norms, 1);
            norms.forEach((norm, i) =>
              expect(Math.abs((numbers[i] as number) - norm)).toBeLessThanOrEqual(1e-7 * size),
            );
            for (let k = 0; k < tasks * tasks; k++) {
              const [i, j] = [Math.floor(k / tasks), k % tasks];
              // Rows that cancelled have no direction worth comparing.
              if ((norms[i] as number) < 1e-6 * size || (norms[j] as number) < 1e-6 * size) continue;
              const want = grams.cosines[g * tasks * tasks + k] as number;
              expect(Math.abs((numbers[tasks + k] as number) - want)).toBeLessThanOrEqual(1e-6);
            }
          });
          expect(seen.length).toBe(grams.size);
        },
      ),
      { numRuns: 1000, seed: 2 },
    );
  });

  it("carries each link's state apart", () => {
    const counting = (name: string) =>
      definePool<Float64Array>({
        name,
        options: {},
        init: () => new Float64Array(1),
        weigh(gram, _context, state) {
          state[0] = (state[0] as number) + 1;
          return { weights: gram.norms.map(() => 1), state };
        },
      }) as GradientPool;
    const pool = chain(counting("a"), counting("b"));
    let state = pool.init(taskSet(2));
    const gradients = taskGradients({ parameters: [{ name: "p", values: [[1], [2]] }] });
    for (let step = 1; step <= 3; step++) state = pool.pool(gradients, poolContext({ tasks: 2, step }), state).state;
    expect(state).toEqual([1, 2].map(() => ({ groups: { "": Float64Array.of(3) }, rows: {} })));
    expect(pool.name).toBe("a+b");
  });

  it("refuses to be empty, and links that need the gradients themselves", () => {
    expect(() => chain()).toThrow("an empty chain");
    const { mix: _mix, ...whole } = randomMixing(1, "model", true);
    expect(() => chain({ ...whole, needs: "gradients" })).toThrow("needs the gradients themselves");
  });
});
