import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  auc,
  aucPerUser,
  averageOverTasks,
  evaluateClassification,
  LOG_LOSS_CLIP,
  logLoss,
  logLossFromLogits,
  neGain,
  neGainRelative,
  normalizedEntropy,
  qpsDrop,
  relativeImprovement,
} from "@gradpool/metrics";
import { expectClose, fixture } from "./fixture.js";

describe("classification metrics", () => {
  it.each(fixture.classification)("equal scikit-learn's to 1e-12 on case $seed", (c) => {
    const { values } = evaluateClassification({
      probabilities: Float64Array.from(c.probabilities),
      labels: Uint8Array.from(c.labels),
      users: Int32Array.from(c.users),
      metrics: Object.keys(c.values),
    });
    for (const [name, expected] of Object.entries(c.values)) expectClose(values[name]!, expected, name);
    const perUser = aucPerUser(c.probabilities, c.labels, c.users);
    expect([...perUser.users]).toEqual(c.counted);
    c.perUser.forEach((value, i) => expectClose(perUser.auc[i]!, value, `user ${c.counted[i]}`));
  });

  it("auc counts pairs, ties one half", () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 1 })), { maxLength: 40 });
    fc.assert(
      fc.property(rows, (data) => {
        let wins = 0;
        let pairs = 0;
        for (const [s, y] of data) {
          for (const [r, z] of data) {
            if (y !== 1 || z !== 0) continue;
            pairs++;
            wins += s > r ? 1 : s === r ? 0.5 : 0;
          }
        }
        const value = auc(
          data.map(([s]) => s),
          data.map(([, y]) => y),
        );
        if (pairs === 0) expect(value).toBeNaN();
        else expect(value).toBe(wins / pairs);
      }),
    );
  });

  it("auc takes -0 and 0 for a tie, and infinities in order", () => {
    expect(auc([-0, 0], [1, 0])).toBe(0.5);
    expect(auc([Infinity, 1, -Infinity], [1, 1, 0])).toBe(1);
  });

  it("log loss clips to the float64 epsilon, so that one sure mistake costs 36.04", () => {
    expect(LOG_LOSS_CLIP).toBe(2 ** -52);
    expect(logLoss([0], [1])).toBeCloseTo(52 * Math.LN2, 12);
    expect(logLoss([1], [0])).toBeCloseTo(52 * Math.LN2, 12);
    expect(logLoss([1, 0], [1, 0])).toBeLessThan(1e-15);
  });

  it("log loss from logits equals log loss of their sigmoid, and stays finite far out", () => {
    const logits = [-3, -0.5, 0, 0.25, 6];
    const labels = [1, 0, 1, 1, 0];
    const probabilities = logits.map((z) => 1 / (1 + Math.exp(-z)));
    expect(logLossFromLogits(logits, labels)).toBeCloseTo(logLoss(probabilities, labels), 13);
    expect(logLossFromLogits([1000, -1000], [0, 1])).toBe(1000);
    expect(logLossFromLogits([1000, -1000], [1, 0])).toBe(0);
  });

  it("names the row that is wrong", () => {
    expect(() => auc([1], [0, 1])).toThrow(/1 scores for 2 labels/);
    expect(() => auc([1, 2], [0, 0.5])).toThrow(/label 1 is 0.5/);
    expect(() => auc([1, Number.NaN], [0, 1])).toThrow(/score 1 is NaN/);
    expect(() => logLoss([1.5], [1])).toThrow(/probability 0 is 1.5/);
    expect(() => aucPerUser([1], [1], [])).toThrow(/0 users for 1 scores/);
    expect(() => aucPerUser([1, 2], [1, 0], [3, NaN])).toThrow(/the user of row 1 is NaN/);
    expect(() => aucPerUser([1, 2], [1, 0], [2 ** 40, 1])).toThrow(/the user of row 0 is 1099511627776/);
    for (const wrong of [NaN, Infinity, -Infinity]) {
      expect(() => logLoss([0.5, wrong], [1, 0])).toThrow(/(score|probability) 1 is/);
      expect(() => logLossFromLogits([0.5, wrong], [1, 0])).toThrow(/(score|logit) 1 is/);
      expect(() => normalizedEntropy(wrong, [1, 0])).toThrow(/loss is/);
    }
    for (const wrong of [NaN, 0.5, -1, 2]) {
      expect(() => normalizedEntropy(0.5, [1, 0, wrong])).toThrow(/label 2 is/);
      expect(() => auc([1, 2, 3], [1, 0, wrong])).toThrow(/label 2 is/);
    }
    expect(() => evaluateClassification({ probabilities: [1], labels: [1], metrics: ["gauc"] })).toThrow(
      /needs the user/,
    );
    expect(() => evaluateClassification({ probabilities: [1], labels: [1], metrics: ["hr@1"] })).toThrow(
      /evaluateRanking/,
    );
  });
});

describe("comparisons between methods", () => {
  it("RI is the mean over tasks of the relative improvement, AV the plain mean", () => {
    // Two tasks at +1 % and +3 % of Single.
    expect(relativeImprovement([0.707, 0.515], [0.7, 0.5])).toBeCloseTo(0.02, 14);
    expect(averageOverTasks([0.6, 0.8])).toBeCloseTo(0.7, 14);
    expect(() => relativeImprovement([1], [1, 2])).toThrow(/1 tasks against 2/);
    expect(() => averageOverTasks([0.5, NaN])).toThrow(/value of task 1 is NaN/);
    expect(() => averageOverTasks([])).toThrow(/no tasks/);
    expect(() => relativeImprovement([0.5, 0.5], [0.5, NaN])).toThrow(/value of task 1 is NaN/);
    expect(() => relativeImprovement([0.5], [0])).toThrow(/baseline of task 0 is 0/);
  });

  it("NE gain is positive for a lower NE, QPS drop positive for a slower method", () => {
    expect(neGain(0.79, 0.8)).toBeCloseTo(0.01, 14);
    expect(neGainRelative(0.79, 0.8)).toBeCloseTo(0.0125, 14);
    expect(qpsDrop(950, 1000)).toBeCloseTo(0.05, 14);
    expect(qpsDrop(1000, 1000)).toBe(0);
  });
});
