import { createRandom } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import { averageRanks, readMonitor } from "../src/index.js";

const names = ["ndcg@10", "recall@10", "ne"] as const;
const monitor = readMonitor(`rank(${names.join(", ")})`);

type Epoch = Readonly<Record<(typeof names)[number], number>>;
/** Few values, so that many are equal; now and then a metric without one. */
const seriesOf = (seed: number, length: number, holes = 0.05): readonly Epoch[] => {
  const random = createRandom(seed);
  const value = (): number => (random.uniform() < holes ? Number.NaN : random.int(5));
  return Array.from({ length }, () => Object.fromEntries(names.map((name) => [name, value()])) as Epoch);
};
const series = Array.from({ length: 60 }, (_, seed) => seriesOf(seed, 3 + (seed % 12)));
const isWhole = (epoch: Epoch): boolean => !Object.values(epoch).some(Number.isNaN);

describe("epochs by their mean rank", () => {
  it("are ranked in each metric's own direction, equal ones sharing the mean of their ranks", () => {
    const all = [
      { "ndcg@10": 0.3, "recall@10": 0.5, ne: 0.9 },
      { "ndcg@10": 0.2, "recall@10": 0.5, ne: 0.8 },
      { "ndcg@10": 0.1, "recall@10": 0.6, ne: 0.7 },
    ];
    expect(monitor.scores(all)).toEqual([(1 + 2.5 + 3) / 3, (2 + 2.5 + 2) / 3, (3 + 1 + 1) / 3]);
    expect(monitor.leaders(all)).toEqual([0, 0, 2]);
    expect(monitor).toMatchObject({ ranked: true, direction: "min", names });
    expect([monitor.alone.text, monitor.alone.value(all[0] as Epoch)]).toEqual(["ndcg@10", 0.3]);
  });

  it("have the ranks of averageRanks, those without a value none", () => {
    for (const all of series) {
      const whole = all.filter(isWhole);
      const values = names.flatMap((name) => whole.map((epoch) => (name === "ne" ? -epoch[name] : epoch[name])));
      const expected = whole.length === 0 ? [] : averageRanks(values, whole.length);
      const scores = monitor.scores(all);
      expect(scores.map(Number.isNaN)).toEqual(all.map((epoch) => !isWhole(epoch)));
      scores.filter((score) => !Number.isNaN(score)).forEach((score, k) => expect(score).toBeCloseTo(expected[k]!, 12));
    }
  });

  it("have as the best of every beginning the first of those with the least mean rank", () => {
    for (const all of series)
      monitor.leaders(all).forEach((leader, k) => {
        const scores = monitor.scores(all.slice(0, k + 1));
        const least = Math.min(...scores.filter((score) => !Number.isNaN(score)));
        expect(leader).toBe(scores.indexOf(least));
      });
  });

  it("of which one will be the best are always among the candidates, whatever follows", () => {
    for (const all of series) {
      const leaders = monitor.leaders(all);
      for (let past = 1; past <= all.length; past++) {
        const candidates = monitor.candidates(all.slice(0, past));
        for (const leader of leaders.slice(past - 1))
          if (leader >= 0 && leader < past) expect(candidates).toContain(leader);
      }
    }
  });

  it("are no candidates in vain: for each there are epochs to follow that make it the best", () => {
    for (const all of series.filter((_, k) => k % 5 === 0))
      for (const candidate of monitor.candidates(all)) {
        const own = all[candidate] as Epoch;
        const rises = (name: (typeof names)[number]): 1 | -1 => (name === "ne" ? -1 : 1);
        // Below the candidate in one metric, above whoever is below it there too, and worst elsewhere.
        const below = (name: (typeof names)[number]): Epoch =>
          Object.fromEntries(names.map((one) => [one, one === name ? own[one] - 0.5 * rises(one) : -99 * rises(one)])) as Epoch; // prettier-ignore
        const more = names.flatMap((name) => Array.from({ length: 60 }, () => below(name)));
        expect(monitor.leaders([...all, ...more]).at(-1)).toBe(candidate);
      }
  });

  it("that no other is below are all that is kept: of a metric that only rises one, of two that go apart all", () => {
    const rising = Array.from({ length: 9 }, (_, k) => ({ "ndcg@10": k, "recall@10": 2 * k, ne: -k }));
    expect(monitor.candidates(rising)).toEqual([8]);
    const apart = readMonitor("rank(ndcg@10,recall@10)");
    const opposed = Array.from({ length: 9 }, (_, k) => ({ "ndcg@10": k, "recall@10": -k }));
    expect(apart.candidates(opposed)).toEqual(opposed.map((_, k) => k));
    expect(readMonitor("ndcg@10").candidates(opposed)).toEqual([8]);
    expect(readMonitor("ndcg@10").candidates([{ "ndcg@10": Number.NaN }])).toEqual([]);
  });

  it("take means over tasks, and metrics of nobody but the caller as they are told", () => {
    const tasks = readMonitor("RANK( mean(auc) , logloss/like )");
    expect(tasks.scores([{ "auc/like": 1, "auc/buy": 0, "logloss/like": 1 }, { "auc/like": 0.7, "auc/buy": 0.5, "logloss/like": 2 }])).toEqual([1.5, 1.5]); // prettier-ignore
    const mine = readMonitor("rank(mine,auc)", "min");
    expect(mine.leaders([{ mine: 2, auc: 1 }, { mine: 1, auc: 1 }])).toEqual([0, 1]); // prettier-ignore
  });

  it.each(["rank()", "rank(auc", "rank(auc,)", "rank(2*auc,ne)", "rank(auc + ne)", "rank(-auc)"])(
    "refuse %j",
    (text) => {
      expect(() => readMonitor(text)).toThrow(/cannot read/);
    },
  );

  it("name what there is where a metric is asked for that there is not", () => {
    expect(() => monitor.value({ "ndcg@10": 1 })).toThrow(/no recall@10.*watch one of ndcg@10/);
  });
});
