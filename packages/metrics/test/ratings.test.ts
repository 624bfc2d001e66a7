import { describe, expect, it } from "vitest";
import { evaluateRatings, mae, rmse } from "@gradpool/metrics";
import { expectClose, fixture } from "./fixture.js";

describe("rating metrics", () => {
  it.each(fixture.ratings)("equal scikit-learn's to 1e-12 on case $seed", ({ predictions, ratings, values }) => {
    const report = evaluateRatings({ predictions, ratings, metrics: ["rmse", "mae"] });
    for (const [name, expected] of Object.entries(values)) expectClose(report.values[name]!, expected, name);
  });

  it("without rows have no value, and say so", () => {
    const report = evaluateRatings({ predictions: [], ratings: [], metrics: ["mae"] });
    expect(report).toEqual({ values: { mae: NaN }, undefined: [{ metric: "mae", reason: "there are no rated rows" }] });
  });

  it("name the row that is wrong", () => {
    for (const wrong of [NaN, Infinity]) {
      expect(() => rmse([1, wrong], [1, 2])).toThrow(/prediction 1 is/);
      expect(() => mae([1, 2], [1, wrong])).toThrow(/rating 1 is/);
    }
    expect(() => rmse([1], [])).toThrow(/1 predictions for 0 ratings/);
    expect(() => evaluateRatings({ predictions: [1], ratings: [1], metrics: ["auc"] })).toThrow(/use rmse or mae/);
  });
});
