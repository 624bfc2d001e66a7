import { describe, expect, it } from "vitest";
import { evaluateRanking, rankTopK } from "@gradpool/metrics";
import { expectClose, fixture, lists } from "./fixture.js";

describe("ranking metrics", () => {
  it.each(fixture.ranking)("equal NumPy's to 1e-12 on case $seed", (c) => {
    const relevant = { ...lists(c.relevant), ...(c.relevant.grades && { grades: c.relevant.grades }) };
    const topK = rankTopK({
      users: Float32Array.from(c.users),
      items: Float32Array.from(c.items),
      dim: c.dim,
      k: c.k,
      exclude: lists(c.exclude),
      ...(c.bias && { bias: Float32Array.from(c.bias) }),
      relevant,
    });
    expect([...topK.items]).toEqual(c.top);
    const report = evaluateRanking({ topK, relevant, metrics: Object.keys(c.mean) });
    expect([...report.users]).toEqual(c.counted);
    for (const [name, expected] of Object.entries(c.mean)) {
      expectClose(report.values[name]!, expected, name);
      c.perUser[name]!.forEach((value, i) => expectClose(report.perUser[name]![i]!, value, `${name} of user ${i}`));
    }
  });

  it("the cases hold ties, users without relevant items, a K above the catalogue and grades", () => {
    expect(fixture.ranking.length).toBeGreaterThanOrEqual(20);
    expect(fixture.ranking.some((c) => c.counted.length < c.users.length / c.dim)).toBe(true);
    expect(fixture.ranking.some((c) => c.k > c.items.length / c.dim)).toBe(true);
    expect(fixture.ranking.some((c) => c.relevant.grades)).toBe(true);
    expect(fixture.ranking.some((c) => c.counted.length === 0)).toBe(true);
  });

  const topK = {
    count: 2,
    k: 3,
    items: Int32Array.of(5, 1, 2, 0, 3, -1),
    scores: Float32Array.of(3, 2, 1, 3, 2, -Infinity),
  };
  const relevant = { offsets: Int32Array.of(0, 2, 2, 3), items: Int32Array.of(2, 1, 3) };

  it("computes ndcg, recall, precision and hr of a list worked out by hand", () => {
    const { values: mean, users } = evaluateRanking({
      topK,
      relevant,
      metrics: ["NDCG@3", "recall@2", "precision@3", "hr@1"],
    });
    expect([...users]).toEqual([0]);
    const dcg = 1 / Math.log2(3) + 1 / Math.log2(4);
    expect(mean["ndcg@3"]).toBeCloseTo(dcg / (1 + 1 / Math.log2(3)), 14);
    expect(mean["recall@2"]).toBe(0.5);
    expect(mean["precision@3"]).toBeCloseTo(2 / 3, 14);
    expect(mean["hr@1"]).toBe(0);
  });

  it("reads the user of each list from userIds", () => {
    const report = evaluateRanking({ topK, relevant, userIds: Int32Array.of(1, 2), metrics: ["recall@3"] });
    expect([...report.users]).toEqual([2]);
    expect(report.values["recall@3"]).toBe(1);
  });

  it("refuses a K above the lists' length, other metrics, duplicates and negative grades", () => {
    const run = (options: object) => () => evaluateRanking({ topK, relevant, metrics: ["ndcg@3"], ...options });
    expect(run({ metrics: ["ndcg@4"] })).toThrow(/ndcg@4 needs lists of 4, these have 3/);
    expect(run({ metrics: ["auc"] })).toThrow(/evaluateClassification/);
    expect(run({ relevant: { offsets: [0, 2, 2], items: Int32Array.of(1, 1) } })).toThrow(/lists item 1 twice/);
    expect(run({ relevant: { ...relevant, grades: [1, -1, 1] } })).toThrow(/grade of -1/);
    expect(run({ relevant: { ...relevant, grades: [1, 1024, 1] } })).toThrow(/user 0 has a grade of 1024/);
    // 2^1e-20 is 1: no gain, so not relevant.
    expect([...run({ relevant: { ...relevant, grades: [1e-20, 1e-20, 1] } })().users]).toEqual([]);
    expect(run({ relevant: { ...relevant, grades: [1] } })).toThrow(/1 grades for 3/);
    expect(run({ userIds: Int32Array.of(1) })).toThrow(/1 userIds for 2 lists/);
    expect(run({ userIds: Int32Array.of(1, 9) })).toThrow(/user 9 of 3/);
  });
});
