/** Rows that are read in the order of their probabilities have the metrics of rows in memory. */
import { createRandom } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import {
  addRow,
  evaluateClassification,
  evaluateRatings,
  evaluateSorted,
  noRows,
  type SortedRows,
  valuesPerUser,
  valuesPerUserSorted,
} from "../src/index.js";

interface Rows {
  readonly probabilities: number[];
  readonly labels: number[];
  readonly users: number[];
}

/** Random rows: few or many users, ties or none, rates from rare to half. */
function rowsOf(seed: number): Rows {
  const random = createRandom(seed);
  const count = 50 + random.int(3000);
  const users = 1 + random.int(200);
  const steps = seed % 3 === 0 ? 1 + random.int(40) : 0;
  const rate = [0.01, 0.1, 0.5][seed % 3 === 1 ? 0 : random.int(3)] as number;
  const rows: Rows = { probabilities: [], labels: [], users: [] };
  for (let k = 0; k < count; k++) {
    const label = random.uniform() < rate ? 1 : 0;
    const p = 1 / (1 + Math.exp(-(random.normal() + label)));
    rows.probabilities.push(steps === 0 ? p : Math.round(p * steps) / steps);
    rows.labels.push(label);
    rows.users.push(7 * random.int(users));
  }
  return rows;
}

function sortedOf({ probabilities, labels, users }: Rows, chunk: number): SortedRows {
  const sums = noRows();
  probabilities.forEach((p, row) => addRow(sums, p, labels[row] as number));
  const ids = [...new Set(users)];
  const order = [...probabilities.keys()].sort((a, b) => (probabilities[a] as number) - (probabilities[b] as number));
  return {
    users: Int32Array.from(ids),
    sums,
    *chunks() {
      for (let at = 0; at < order.length; at += chunk) {
        const own = order.slice(at, at + chunk);
        yield {
          size: own.length,
          probabilities: Float64Array.from(own, (row) => probabilities[row] as number),
          labels: Uint8Array.from(own, (row) => labels[row] as number),
          places: Int32Array.from(own, (row) => ids.indexOf(users[row] as number)),
        };
      }
    },
  };
}

const classes = ["auc", "gauc", "gauc:pos", "gauc:mean", "logloss", "ne"];
const errors = ["rmse", "mae"];

describe("rows in the order of their probabilities", () => {
  it.each(Array.from({ length: 20 }, (_, k) => k))("have the metrics of rows in memory, to 1e-12 (case %i)", (seed) => {
    const rows = rowsOf(seed);
    const sorted = sortedOf(rows, 1 + seed * 37);
    const held = {
      ...evaluateClassification({ ...rows, metrics: classes }).values,
      ...evaluateRatings({ predictions: rows.probabilities, ratings: rows.labels, metrics: errors }).values,
    };
    const { values, undefined: missing } = evaluateSorted(sorted, [...classes, ...errors]);
    expect(missing).toEqual(evaluateClassification({ ...rows, metrics: classes }).undefined);
    for (const [name, value] of Object.entries(held)) {
      if (Number.isNaN(value)) expect(values[name]).toBeNaN();
      else expect(Math.abs((values[name] as number) - value), name).toBeLessThanOrEqual(1e-12);
    }
    // Counted in whole numbers, and added up in the order of the users.
    for (const name of classes.slice(0, 4)) expect(values[name], name).toBe(held[name]);

    const [own, other] = [
      valuesPerUserSorted(sorted, [...classes, ...errors]),
      valuesPerUser(rows, [...classes, ...errors]),
    ];
    expect(own.users).toEqual(other.users);
    expect(Object.keys(own.values)).toEqual(Object.keys(other.values));
    for (const [name, list] of Object.entries(own.values)) {
      const most = Math.max(1, ...(other.values[name] ?? []).map(Math.abs));
      list.forEach((value, k) =>
        expect(Math.abs(value - (other.values[name]?.[k] as number)) / most).toBeLessThan(1e-11),
      );
    }
  });

  it("say why there is no value, and refuse what is no metric of labelled rows", () => {
    const one = sortedOf({ probabilities: [0.1, 0.2], labels: [0, 0], users: [1, 2] }, 10);
    expect(evaluateSorted(one, ["auc", "ne"]).undefined).toEqual([
      { metric: "auc", reason: "all 2 labels are 0" },
      { metric: "ne", reason: "all 2 labels are 0" },
    ]);
    expect(evaluateSorted(sortedOf({ probabilities: [], labels: [], users: [] }, 1), ["auc"]).undefined).toEqual([
      { metric: "auc", reason: "there are no labelled rows" },
    ]);
    expect(() => evaluateSorted(one, ["ndcg@5"])).toThrow(/ndcg@5 is not computed from labelled rows/);
    expect(() => addRow(noRows(), Number.NaN, 1)).toThrow(/probability 0 is NaN/);
    expect(() => addRow(noRows(), 0.5, 2)).toThrow(/label 0 is 2/);
  });
});
