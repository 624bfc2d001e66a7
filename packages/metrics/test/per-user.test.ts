import { createRandom } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import { auc, evaluateClassification, evaluateRatings, pairedT, summarize, valuesPerUser } from "../src/index.js";

interface Rows {
  readonly probabilities: number[];
  readonly labels: number[];
  readonly users: number[];
}

/** Users of 1 to 8 rows whose level of both label and score differs, so that rows of a user are alike; scores have ties. */
function drawn(seed: number, userCount: number, noise: number): Rows {
  const random = createRandom(seed, 1);
  const rows: Rows = { probabilities: [], labels: [], users: [] };
  for (let user = 0; user < userCount; user++) {
    const level = random.uniform();
    const count = 1 + Math.floor(8 * random.uniform());
    for (let k = 0; k < count; k++) {
      const label = random.uniform() < 0.15 + 0.6 * level ? 1 : 0;
      const score = 0.35 * level + 0.25 * label + noise * random.uniform();
      rows.users.push(7 * user);
      rows.labels.push(label);
      rows.probabilities.push(Math.round(50 * Math.min(0.98, Math.max(0.02, score))) / 50);
    }
  }
  return rows;
}

const metrics = ["auc", "gauc", "gauc:pos", "gauc:mean", "logloss", "ne", "rmse", "mae"];
const valuesOf = (rows: Rows): Record<string, number> => ({
  ...evaluateClassification({ ...rows, metrics: metrics.slice(0, 6) }).values,
  ...evaluateRatings({ predictions: rows.probabilities, ratings: rows.labels, metrics: ["rmse", "mae"] }).values,
});
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

describe("values of users", () => {
  const rows = drawn(1, 300, 0.5);

  it("have the metric as their mean, exactly as it is computed of the rows", () => {
    const { users, values } = valuesPerUser(rows, metrics);
    expect(users).toHaveLength(300);
    const expected = valuesOf(rows);
    for (const metric of metrics)
      expect(mean(values[metric] as Float64Array)).toBeCloseTo(expected[metric] as number, 12);
  });

  it("give with a row for each user the variance of AUC of DeLong, DeLong and Clarke-Pearson", () => {
    const alone = { ...rows, users: rows.users.map((_, k) => k) };
    const { auc: own } = valuesPerUser(alone, ["auc"]).values;
    const { sd, n } = summarize(own as Float64Array);
    const positives = rows.probabilities.filter((_, k) => rows.labels[k] === 1);
    const negatives = rows.probabilities.filter((_, k) => rows.labels[k] === 0);
    const wins = (a: number, b: number): number => (a > b ? 1 : a === b ? 0.5 : 0);
    const variance = (values: readonly number[]): number => summarize(values).sd ** 2;
    const v10 = variance(positives.map((p) => mean(negatives.map((q) => wins(p, q)))));
    const v01 = variance(negatives.map((q) => mean(positives.map((p) => wins(p, q)))));
    const delong = v10 / positives.length + v01 / negatives.length;
    expect(sd ** 2 / n / delong).toBeCloseTo(1, 2);
  });

  it("spread as the metric does when users are drawn again, with their rows", () => {
    const { values } = valuesPerUser(rows, metrics);
    const byUser = new Map<number, number[]>();
    rows.users.forEach((user, row) => byUser.set(user, [...(byUser.get(user) ?? []), row]));
    const all = [...byUser.values()];
    const random = createRandom(2, 1);
    const again = Array.from({ length: 400 }, () => {
      const picked = Array.from(
        { length: all.length },
        () => all[Math.floor(all.length * random.uniform())] as number[],
      );
      const kept = picked.flatMap((own, user) => own.map((row) => [row, user] as const));
      return valuesOf({
        probabilities: kept.map(([row]) => rows.probabilities[row] as number),
        labels: kept.map(([row]) => rows.labels[row] as number),
        users: kept.map(([, user]) => user),
      });
    });
    for (const metric of metrics) {
      const bootstrap = summarize(again.map((one) => one[metric] as number)).sd;
      const { sd, n } = summarize(values[metric] as Float64Array);
      expect(sd / Math.sqrt(n) / bootstrap, metric).toBeGreaterThan(0.88);
      expect(sd / Math.sqrt(n) / bootstrap, metric).toBeLessThan(1.12);
    }
  });

  it("tell a worse model from a better one on the same rows, and no model from itself", () => {
    const better = valuesPerUser(rows, ["auc"]).values["auc"] as Float64Array;
    const blurred = { ...rows, probabilities: rows.probabilities.map((p, k) => (k % 3 === 0 ? 0.5 : p)) };
    const worse = valuesPerUser(blurred, ["auc"]).values["auc"] as Float64Array;
    const { difference, p } = pairedT(worse, better);
    expect(difference).toBeCloseTo(auc(blurred.probabilities, rows.labels) - auc(rows.probabilities, rows.labels), 12);
    expect(p).toBeLessThan(1e-4);
    expect(pairedT(better, better).p).toBe(1);
  });

  it("are right about no difference: of 200 pairs of equally good models, some 5 % differ at the level .05", () => {
    let found = 0;
    for (let seed = 0; seed < 200; seed++) {
      const truth = drawn(100 + seed, 60, 0);
      const random = createRandom(1000 + seed, 1);
      const noisy = (): Float64Array => {
        const probabilities = truth.probabilities.map((p) => 0.7 * p + 0.3 * random.uniform());
        return valuesPerUser({ ...truth, probabilities }, ["auc"]).values["auc"] as Float64Array;
      };
      if (pairedT(noisy(), noisy()).p < 0.05) found++;
    }
    expect(found).toBeGreaterThan(2);
    expect(found).toBeLessThan(22);
  });

  it("are left out where the metric is undefined, and refused for users that do not match", () => {
    const one = { probabilities: [0.2, 0.7], labels: [1, 1], users: [0, 1] };
    expect(Object.keys(valuesPerUser(one, metrics).values)).toEqual(["logloss", "rmse", "mae"]);
    expect(() => valuesPerUser({ ...one, users: [0] }, ["auc"])).toThrow(/1 users for 2 labels/);
  });
});
