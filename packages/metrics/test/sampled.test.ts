import { createRandom } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import { evaluateRanking, evaluateSampled, type PairScores, parseMetric, rankTopK } from "@gradpool/metrics";

/** As many users as there are lists. */
const listsOf = (...lists: readonly (readonly number[])[]) => ({
  offsets: lists.reduce<number[]>((held, list) => [...held, (held.at(-1) ?? 0) + list.length], [0]),
  items: Int32Array.from(lists.flat()),
});

const nobody = (users: number) => listsOf(...Array.from({ length: users }, () => []));
const everyMetric = (sample: number) =>
  ["ndcg", "recall", "precision", "hr", "mrr", "map"].map((name) => `${name}@3/sampled${sample}`);

/** Notes what was asked, and scores an item by its number. */
function recorder(score: (user: number, item: number) => number) {
  const asked = new Map<number, number[]>();
  return {
    asked,
    score: ({ users, offsets, items }: PairScores) => {
      const scores = new Float32Array(items.length);
      users.forEach((user, k) => {
        for (let at = offsets[k]!; at < offsets[k + 1]!; at++) {
          asked.set(user, [...(asked.get(user) ?? []), items[at]!]);
          scores[at] = score(user, items[at]!);
        }
      });
      return scores;
    },
  };
}

describe("sampled rankings", () => {
  it("are named so, apart from rankings of all items", () => {
    expect(parseMetric("Hit@5/Sampled99")).toEqual({
      family: "ranking",
      name: "hr@5/sampled99",
      metric: "hr",
      k: 5,
      sampled: 99,
      higherIsBetter: true,
    });
    expect(() => parseMetric("auc/sampled99")).toThrow("unknown metric");
    expect(() => parseMetric("coverage@5/sampled99")).toThrow("unknown metric");
  });

  it("rank a relevant item among its negatives: known values at each rank", async () => {
    // One user; the relevant item 0 of five has exactly four possible negatives. Two of them score more.
    const { score } = recorder((_, item) => [5, 9, 7, 1, 2][item]!);
    const { values } = await evaluateSampled({
      relevant: listsOf([0]),
      known: nobody(1),
      itemCount: 5,
      metrics: everyMetric(4),
      score,
    });
    expect(values).toEqual({
      "ndcg@3/sampled4": 0.5,
      "recall@3/sampled4": 1,
      "precision@3/sampled4": 1 / 3,
      "hr@3/sampled4": 1,
      "mrr@3/sampled4": 1 / 3,
      "map@3/sampled4": 1 / 3,
    });
  });

  it("average a user's relevant items before users", async () => {
    const { score } = recorder((user, item) => (user === 0 && item === 0 ? 1 : 0.5 - item));
    const { values, perUser, users } = await evaluateSampled({
      relevant: listsOf([0, 3], [], [0]),
      known: nobody(3),
      itemCount: 4,
      metrics: ["hr@1/sampled2"],
      score,
    });
    expect([...users]).toEqual([0, 2]);
    expect([...perUser["hr@1/sampled2"]!]).toEqual([0.5, 1]);
    expect(values["hr@1/sampled2"]).toBe(0.75);
  });

  it.each([5, 60])("draw %i different items that the user is not known to have chosen", async (wanted) => {
    const known = listsOf([1, 2, 3, 50], [99]);
    const relevant = listsOf([4, 7], [0]);
    const { asked, score } = recorder(() => 0);
    const metrics = [`hr@1/sampled${wanted}`];
    await evaluateSampled({ relevant, known, itemCount: 100, metrics, score });
    const mine = asked.get(0)!;
    expect(mine).toHaveLength(2 * (1 + wanted));
    for (const start of [0, 1 + wanted]) {
      const negatives = mine.slice(start + 1, start + 1 + wanted);
      expect(new Set(negatives).size).toBe(wanted);
      for (const item of [1, 2, 3, 50, 4, 7]) expect(negatives).not.toContain(item);
    }
    expect([mine[0], mine[1 + wanted]]).toEqual([4, 7]);
  });

  it("take all that there are where a user leaves fewer", async () => {
    const { asked, score } = recorder((_, item) => -item);
    const options = { relevant: listsOf([3]), known: listsOf([0]), itemCount: 5, score };
    const { values } = await evaluateSampled({ ...options, metrics: ["mrr@9/sampled99"] });
    expect([...asked.get(0)!].sort()).toEqual([1, 2, 3, 4]);
    expect(values["mrr@9/sampled99"]).toBe(1 / 3);
  });

  it("draw the same for a user whoever else is judged, and other ones with another seed", async () => {
    const relevant = listsOf([0], [1], [2]);
    const drawn = async (userIds: readonly number[], seed?: number) => {
      const { asked, score } = recorder(() => 0);
      const metrics = ["hr@1/sampled20"];
      await evaluateSampled({
        relevant,
        known: nobody(3),
        itemCount: 1000,
        metrics,
        userIds: Int32Array.from(userIds),
        score,
        ...(seed !== undefined && { seed }),
      });
      return asked.get(2);
    };
    expect(await drawn([2])).toEqual(await drawn([0, 1, 2]));
    expect(await drawn([2], 1)).not.toEqual(await drawn([2]));
  });

  it("equal rankings of all items where every other item is a negative, ties included", async () => {
    const [users, items, dim] = [12, 9, 2];
    const random = createRandom(3);
    const draw = (size: number) => Float32Array.from({ length: size }, () => Math.floor(random.uniform() * 3));
    const vectors = { users: draw(users * dim), items: draw(items * dim), dim };
    const relevant = listsOf(...Array.from({ length: users }, (_, u) => [u % items]));
    const topK = rankTopK({ ...vectors, k: 3, relevant });
    const whole = evaluateRanking({ topK, relevant, metrics: everyMetric(8).map((name) => name.split("/")[0]!) });
    const { score } = recorder(
      (u, i) =>
        vectors.users[u * dim]! * vectors.items[i * dim]! + vectors.users[u * dim + 1]! * vectors.items[i * dim + 1]!,
    );
    const sampled = await evaluateSampled({
      relevant,
      known: nobody(users),
      itemCount: items,
      metrics: everyMetric(8),
      score,
    });
    for (const [name, value] of Object.entries(whole.values))
      expect(sampled.values[`${name}/sampled8`]).toBeCloseTo(value, 12);
  });

  it("draw uniformly: the expected rank of a middling item is its share of the catalogue", async () => {
    const users = 400;
    const relevant = listsOf(...Array.from({ length: users }, () => [250]));
    const { score } = recorder((_, item) => item);
    const metrics = ["hr@1/sampled1"];
    const { values } = await evaluateSampled({ relevant, known: nobody(users), itemCount: 1000, metrics, score });
    // 250 of 999 negatives lose; four standard errors are .087.
    expect(Math.abs(values["hr@1/sampled1"]! - 250 / 999)).toBeLessThan(0.087);
  });

  it("say why there is no value, refuse NaN and names without a sample", async () => {
    const options = { relevant: nobody(2), known: nobody(2), itemCount: 3, score: () => [] };
    const { values, undefined: missing } = await evaluateSampled({ ...options, metrics: ["hr@1/sampled2"] });
    expect(values["hr@1/sampled2"]).toBeNaN();
    expect(missing).toEqual([{ metric: "hr@1/sampled2", reason: "none of the 2 ranked users has a relevant item" }]);
    await expect(evaluateSampled({ ...options, metrics: ["hr@1"] })).rejects.toThrow(
      "hr@1 is not computed among samples",
    );
    await expect(
      evaluateSampled({
        ...options,
        relevant: listsOf([0], []),
        metrics: ["hr@1/sampled2"],
        score: ({ items }) => Float32Array.from(items, () => NaN),
      }),
    ).rejects.toThrow("a score of user 0 is NaN");
  });

  it("are refused among lists of all items", () => {
    const topK = rankTopK({ users: Float32Array.of(1), items: Float32Array.of(1, 2), dim: 1, k: 2 });
    expect(() => evaluateRanking({ topK, relevant: listsOf([0]), metrics: ["ndcg@2/sampled99"] })).toThrow(
      "ndcg@2/sampled99 is not computed from lists of all items",
    );
  });
});
