import { describeMetric, type MetricLike, type MetricRows, metricCases } from "@gradpool/testkit";
import { describe, expect, it } from "vitest";
import { failed } from "./failed.js";
import { metricOf } from "./metrics.js";

for (const name of [
  "ndcg@10",
  "recall@5",
  "precision@3",
  "hr@1",
  "mrr@10",
  "map@5",
  "auc",
  "gauc",
  "gauc:pos",
  "gauc:mean",
  "logloss",
  "ne",
])
  describeMetric(metricOf(name), { describe, it });

const auc = metricOf("auc");
const loss = metricOf("logloss");
const evaluate = (rows: MetricRows): number => auc.evaluate(rows) as number;
let calls = 0;

const mutants: readonly (readonly [string, MetricLike, RegExp])[] = [
  ["a direction turned round", { ...auc, higherIsBetter: false }, /never falls when a positive's score rises/],
  ["a range too small", { ...auc, range: [0.5, 1] }, /stays in its range/],
  ["a name with blanks", { ...auc, name: "Area under" }, /has a name/],
  [
    "the order of the rows counted in",
    { ...auc, evaluate: (rows) => evaluate(rows) * (1 - 0.01 * (rows.labels[0] ?? 0)) },
    /order of the rows/,
  ],
  [
    "the numbers of items counted in",
    { ...auc, evaluate: (rows) => evaluate(rows) * (1 - 0.01 * ((rows.items[0] ?? 0) % 2)) },
    /numbers of users and items/,
  ],
  [
    "ties broken by place",
    { ...auc, evaluate: (rows) => evaluate({ ...rows, scores: rows.scores.map((x, k) => x - 1e-9 * k) }) },
    /where scores are equal/,
  ],
  ["scores' values read by a metric of order", { ...loss, reads: "order" }, /stretched/],
  [
    "a half where there is one class",
    { ...auc, evaluate: (rows) => (Number.isNaN(evaluate(rows)) ? 0.5 : evaluate(rows)) },
    /undefined/,
  ],
  [
    "rows written to",
    {
      ...auc,
      evaluate(rows) {
        const value = evaluate(rows);
        rows.scores.sort();
        return value;
      },
    },
    /leaves its rows as they were/,
  ],
  [
    "a value that changes from call to call",
    { ...auc, evaluate: (rows) => evaluate(rows) + 1e-15 * calls++ },
    /same bits/,
  ],
  [
    "NaN scores taken",
    { ...auc, evaluate: (rows) => evaluate({ ...rows, scores: rows.scores.map((x) => (Number.isNaN(x) ? 0 : x)) }) },
    /refuses scores that are NaN/,
  ],
];

describe("the suite of metrics", () => {
  for (const [name, metric, expected] of mutants) {
    it(`catches ${name}`, async () => {
      expect((await failed(metricCases(metric))).join("; ")).toMatch(expected);
    });
  }
});
