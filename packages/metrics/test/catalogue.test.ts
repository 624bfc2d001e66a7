import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateCatalogue, rankTopK, rankTopKBy } from "@gradpool/metrics";
import { expectClose, fixture } from "./fixture.js";

/** Users as unit vectors, so that the scores are exactly these. */
const rank = (scores: readonly (readonly number[])[], k: number, exposure: readonly number[], exclude?: number) => {
  const [n, m] = [scores.length, scores[0]!.length];
  return rankTopK({
    users: Float32Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0)),
    items: Float32Array.from({ length: m * n }, (_, at) => scores[at % n]![Math.floor(at / n)]!),
    dim: n,
    k,
    exposure,
    ...(exclude !== undefined && {
      exclude: { offsets: scores.map((_, u) => u).concat(n), items: new Int32Array(n).fill(exclude) },
    }),
  }).exposure!;
};

const metricsAt = (k: number) => [`coverage@${k}`, `gini@${k}`, `popularity@${k}`];

describe("catalogue metrics", () => {
  it.each(fixture.catalogue)("equal RecBole's formulas to 1e-12 on case $seed", ({ k, items, values, ...c }) => {
    const scores = Array.from({ length: c.users }, (_, u) => c.scores.slice(u * items, (u + 1) * items));
    const report = evaluateCatalogue({
      exposure: rank(scores, k, [k]),
      popularity: c.popularity,
      metrics: metricsAt(k),
    });
    for (const [name, expected] of Object.entries(values)) expectClose(report.values[name]!, expected, name);
    expect(report.undefined).toEqual([]);
  });

  it("renumbering the items changes none of them, however scores tie and wherever K cuts", () => {
    const problem = fc.integer({ min: 2, max: 9 }).chain((m) =>
      fc.record({
        scores: fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: m, maxLength: m }), {
          minLength: 1,
          maxLength: 4,
        }),
        order: fc.shuffledSubarray(
          Array.from({ length: m }, (_, i) => i),
          { minLength: m, maxLength: m },
        ),
        k: fc.integer({ min: 1, max: m }),
        depth: fc.integer({ min: 1, max: m }),
        excluded: fc.integer({ min: 0, max: m - 1 }),
      }),
    );
    fc.assert(
      fc.property(problem, ({ scores, order, k, depth, excluded }) => {
        const at = Math.min(k, depth);
        const metrics = [...metricsAt(at)];
        const moved = scores.map((row) => row.map((_, item) => row[order.indexOf(item)]!));
        const popularity = order.map((_, item) => item * item);
        const plain = evaluateCatalogue({ exposure: rank(scores, k, [at], excluded), popularity, metrics });
        const other = evaluateCatalogue({
          exposure: rank(moved, k, [at], order[excluded]!),
          popularity: order.map((_, item) => popularity[order.indexOf(item)]!),
          metrics,
        });
        for (const name of metrics) expectClose(other.values[name]!, plain.values[name]!, name);
      }),
      { numRuns: 300 },
    );
  });

  it("a model's scores give the same counts, each list K in all", async () => {
    const scores = [
      [1, 1, 1, 1, 0],
      [2, 2, 0, 0, 0],
    ];
    const { exposure } = await rankTopKBy({
      userCount: 2,
      itemCount: 5,
      k: 3,
      exposure: [1, 3],
      score: (ids) => Float32Array.from([...ids].flatMap((user) => scores[user]!)),
    });
    expect(exposure).toEqual(rank(scores, 3, [1, 3]));
    expect([...exposure![1]!.expected].map((e) => e.toFixed(4))).toEqual([
      "1.7500",
      "1.7500",
      "1.0833",
      "1.0833",
      "0.3333",
    ]);
  });

  it("name what is missing", () => {
    const exposure = rank([[1, 2]], 1, [1]);
    const run = (metric: string, popularity?: number[]) => () =>
      evaluateCatalogue({ exposure, metrics: [metric], ...(popularity && { popularity }) });
    expect(run("gini@2")).toThrow(/no exposure at 2/);
    expect(run("ndcg@1")).toThrow(/says nothing of the catalogue/);
    expect(run("popularity@1")).toThrow(/pass popularity/);
    expect(run("popularity@1", [1])).toThrow(/1 popularities for 2 items/);
    expect(run("popularity@1", [1, NaN])).toThrow(/popularity of item 1 is NaN/);
    expect(() => rank([[1, 2]], 1, [2])).toThrow(/exposure at 2 needs lists of 2/);
    const none = rankTopK({ users: new Float32Array(0), items: new Float32Array(2), dim: 1, k: 1, exposure: [1] });
    expect(evaluateCatalogue({ exposure: none.exposure!, metrics: ["coverage@1"] })).toEqual({
      values: { "coverage@1": NaN },
      undefined: [{ metric: "coverage@1", reason: "no list shows an item" }],
    });
  });
});
