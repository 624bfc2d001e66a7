import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateRanking, rankTopK, rankTopKBy, type RankingReport, type TopK } from "@gradpool/metrics";

const names = ["ndcg", "recall", "precision", "hr", "mrr", "map"];

interface Problem {
  /** One row of scores per user. */
  readonly scores: number[][];
  readonly relevant: number[][];
  readonly excluded: number[][];
  readonly grades: boolean;
  readonly k: number;
  readonly order: number[];
}

/** Few distinct scores, one only at times; exclusions; K before, within and beyond the catalogue. */
const problem: fc.Arbitrary<Problem> = fc
  .record({
    m: fc.integer({ min: 1, max: 14 }),
    n: fc.integer({ min: 1, max: 4 }),
    levels: fc.integer({ min: 1, max: 4 }),
    k: fc.integer({ min: 1, max: 16 }),
    grades: fc.boolean(),
  })
  .chain(({ m, n, levels, k, grades }) => {
    const rows = <T>(row: fc.Arbitrary<T>) => fc.array(row, { minLength: n, maxLength: n });
    const all = Array.from({ length: m }, (_, i) => i);
    return fc.record({
      scores: rows(fc.array(fc.integer({ min: 0, max: levels - 1 }), { minLength: m, maxLength: m })),
      relevant: rows(fc.subarray(all)),
      excluded: rows(fc.subarray(all, { maxLength: Math.ceil(m / 3) })),
      grades: fc.constant(grades),
      k: fc.constant(k),
      order: fc.shuffledSubarray(all, { minLength: m, maxLength: m }),
    });
  });

const listsOf = (rows: number[][]) => ({
  offsets: Int32Array.from([0, ...rows.map((_, u) => rows.slice(0, u + 1).flat().length)]),
  items: Int32Array.from(rows.flat()),
});

const metricsOf = (k: number) =>
  names.flatMap((name) => [...new Set([1, Math.ceil(k / 2), k])].map((depth) => `${name}@${depth}`));

/** The scores as products of unit vectors, so that the kernel ranks exactly these. */
function rankAll({ scores, relevant, excluded, k }: Problem): TopK {
  const n = scores.length;
  const m = scores[0]!.length;
  return rankTopK({
    users: Float32Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0)),
    items: Float32Array.from({ length: m * n }, (_, at) => scores[at % n]![Math.floor(at / n)]!),
    dim: n,
    k,
    exclude: listsOf(excluded),
    relevant: listsOf(relevant),
  });
}

function evaluate(p: Problem, topK: TopK): RankingReport {
  // A grade that travels with the item's old number: item % 4, so that some have none.
  const grades = p.relevant.flat().map((item) => p.order.indexOf(item) % 4);
  return evaluateRanking({
    topK,
    relevant: { ...listsOf(p.relevant), ...(p.grades && { grades }) },
    metrics: metricsOf(p.k),
  });
}

/** Item i becomes item order[i]. */
function renumber(p: Problem): Problem {
  const move = (row: number[]): number[] => row.map((item) => p.order[item]!);
  return {
    ...p,
    scores: p.scores.map((row) => row.map((_, item) => row[p.order.indexOf(item)]!)),
    relevant: p.relevant.map(move),
    excluded: p.excluded.map(move),
  };
}

const identity = (p: Problem): Problem => ({ ...p, order: p.order.map((_, i) => i) });

describe("ties", () => {
  it("renumbering the items changes no metric", () => {
    fc.assert(
      fc.property(problem, (p) => {
        const plain = evaluate(identity(p), rankAll(p));
        const moved = renumber(p);
        const other = evaluate(moved, rankAll(moved));
        expect(other.users).toEqual(plain.users);
        for (const metric of metricsOf(p.k)) {
          plain.perUser[metric]!.forEach((value, i) => {
            expect(Math.abs(other.perUser[metric]![i]! - value), metric).toBeLessThanOrEqual(1e-12);
          });
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is the mean over every order of the tied items", () => {
    const small = problem.filter(({ scores, grades }) => scores[0]!.length <= 6 && !grades);
    fc.assert(
      fc.property(small, (p) => {
        const report = evaluate(identity(p), rankAll(p));
        report.users.forEach((user, at) => {
          const candidates = p.scores[user]!.map((_, item) => item).filter((item) => !p.excluded[user]!.includes(item));
          const orders = permutations(candidates).filter((order) =>
            order.every((item, i) => i === 0 || p.scores[user]![order[i - 1]!]! >= p.scores[user]![item]!),
          );
          const relevant = listsOf([p.relevant[user]!]);
          const sums: Record<string, number> = {};
          for (const order of orders) {
            // A list whose scores descend strictly: the plain metric of this order.
            const items = Int32Array.from({ length: p.k }, (_, i) => order[i] ?? -1);
            const scores = Float32Array.from(items, (item, i) => (item < 0 ? -Infinity : -i));
            const one = evaluateRanking({
              topK: { count: 1, k: p.k, items, scores },
              relevant,
              metrics: metricsOf(p.k),
            });
            for (const metric of metricsOf(p.k))
              sums[metric] = (sums[metric] ?? 0) + one.values[metric]! / orders.length;
          }
          for (const metric of metricsOf(p.k)) {
            expect(Math.abs(report.perUser[metric]![at]! - sums[metric]!), metric).toBeLessThanOrEqual(1e-12);
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  it("are found alike in scores that a model gives", async () => {
    await fc.assert(
      fc.asyncProperty(problem, async (p) => {
        const top = await rankTopKBy({
          userCount: p.scores.length,
          itemCount: p.scores[0]!.length,
          k: p.k,
          exclude: listsOf(p.excluded),
          relevant: listsOf(p.relevant),
          score: (ids) => Float32Array.from([...ids].flatMap((user) => p.scores[user]!)),
        });
        expect(top).toEqual(rankAll(p));
      }),
    );
  });

  it("equal scores everywhere give what drawing items blindly would", () => {
    const [m, k] = [400, 10];
    const relevant = { offsets: [0, 1], items: Int32Array.of(399) };
    const topK = rankTopK({ users: new Float32Array(1), items: new Float32Array(m), dim: 1, k, relevant });
    expect(topK.ties!.count[0]).toBe(m - k);
    const { values } = evaluateRanking({ topK, relevant, metrics: ["recall@10", "hr@10", "mrr@10", "ndcg@10"] });
    const ranks = Array.from({ length: k }, (_, i) => i + 1);
    expect(values["recall@10"]).toBeCloseTo(k / m, 15);
    expect(values["hr@10"]).toBeCloseTo(k / m, 15);
    expect(values["mrr@10"]).toBeCloseTo(ranks.reduce((sum, rank) => sum + 1 / rank, 0) / m, 15);
    expect(values["ndcg@10"]).toBeCloseTo(ranks.reduce((sum, rank) => sum + 1 / Math.log2(rank + 1), 0) / m, 15);
  });

  it("lists ranked without relevant items are refused, since K may have cut some off", () => {
    const topK = rankTopK({ users: new Float32Array(1), items: new Float32Array(3), dim: 1, k: 1 });
    const relevant = { offsets: [0, 1], items: Int32Array.of(2) };
    expect(() => evaluateRanking({ topK, relevant, metrics: ["hr@1"] })).toThrow(/pass relevant to rankTopK/);
  });

  it("lists whose scores are no ranking are refused, with the user", () => {
    const run = (items: number[], scores: number[]) => () =>
      evaluateRanking({
        topK: { count: 1, k: 2, items: Int32Array.from(items), scores: Float32Array.from(scores) },
        relevant: { offsets: [0, 0, 0, 1], items: Int32Array.of(1) },
        userIds: Int32Array.of(2),
        metrics: ["hr@2"],
      });
    expect(run([0, 1], [1, 2])).toThrow(/the scores of user 2 are not descending at rank 2/);
    expect(run([0, 1], [1, NaN])).toThrow(/not descending at rank 2/);
    expect(run([0, 1], [NaN, 1])).toThrow(/a score of user 2 is NaN/);
    expect(run([1, 1], [2, 1])).toThrow(/user 2 holds a relevant item twice/);
    expect(run([0, 1], [Infinity, -Infinity])().values).toEqual({ "hr@2": 1 });
  });
});

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}
