import { isGradpoolError } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import { metricNames, parseMetric } from "@gradpool/metrics";

describe("parseMetric", () => {
  it("reads ranking metrics with their K, in any case", () => {
    expect(parseMetric(" NDCG@10 ")).toEqual({
      family: "ranking",
      name: "ndcg@10",
      metric: "ndcg",
      k: 10,
      higherIsBetter: true,
    });
    expect(parseMetric("hr@5")).toMatchObject({ metric: "hr", k: 5 });
    expect(parseMetric("Hit@5")).toEqual(parseMetric("hr@5"));
  });

  it("keeps the variant in the name", () => {
    expect(parseMetric("gauc")).toMatchObject({ name: "gauc", weighting: "impressions" });
    expect(parseMetric("gauc:pos")).toMatchObject({ name: "gauc:pos", weighting: "positives" });
    expect(parseMetric("gauc:mean")).toMatchObject({ name: "gauc:mean", weighting: "mean" });
    expect(parseMetric("logloss").higherIsBetter).toBe(false);
    expect(parseMetric("ne").higherIsBetter).toBe(false);
  });

  it("knows every name it lists", () => {
    for (const name of metricNames) expect(parseMetric(name.replace("K", "7")).name).toBe(name.replace("K", "7"));
  });

  it.each(["ndcg", "ndcg@0", "ndcg@-1", "ndcg@1.5", "mapp@10", "gauc:max", "", "constructor", "auc@10"])(
    "refuses %j and lists what it knows",
    (name) => {
      let caught: unknown;
      try {
        parseMetric(name);
      } catch (error) {
        caught = error;
      }
      expect(isGradpoolError(caught) && caught.code).toBe("unknown-option");
      expect(String(caught)).toContain(
        "ndcg@K, recall@K, precision@K, hr@K, mrr@K, map@K, coverage@K, gini@K, popularity@K, auc, gauc, gauc:pos, gauc:mean, logloss, ne, rmse, mae",
      );
    },
  );
});
