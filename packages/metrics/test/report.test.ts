import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeUndefined, evaluateClassification, evaluateRanking, meanOverTasks } from "@gradpool/metrics";

const metrics = ["auc", "gauc", "logloss", "ne"];
const rows = (labels: number[]) => ({ probabilities: labels.map((_, i) => (i + 1) / 9), labels, users: labels });

describe("undefined metrics", () => {
  it("have a reason each, and no defined one has", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 8 }), (labels) => {
        const report = evaluateClassification({ ...rows(labels), metrics });
        const missing = Object.keys(report.values).filter((name) => Number.isNaN(report.values[name]));
        expect(report.undefined.map(({ metric }) => metric)).toEqual(missing);
      }),
    );
  });

  it("are told by one class, by users of one class, by no rows and by no relevant item", () => {
    const reasons = (labels: number[]) =>
      Object.fromEntries(
        evaluateClassification({ ...rows(labels), metrics }).undefined.map(({ metric, reason }) => [metric, reason]),
      );
    const one = "all 3 labels are 1";
    expect(reasons([1, 1, 1])).toEqual({ auc: one, gauc: one, ne: one });
    expect(reasons([0])["auc"]).toBe("the only label is 0");
    expect(reasons([0, 1])).toEqual({ gauc: "no user has both classes" });
    const none = "there are no labelled rows";
    expect(reasons([])).toEqual({ auc: none, gauc: none, logloss: none, ne: none });
    const topK = { count: 2, k: 1, items: Int32Array.of(0, 0), scores: Float32Array.of(1, 1) };
    const relevant = { offsets: [0, 0, 0], items: new Int32Array(0) };
    expect(evaluateRanking({ topK, relevant, metrics: ["hr@1"] })).toMatchObject({
      values: { "hr@1": NaN },
      undefined: [{ metric: "hr@1", reason: "none of the 2 ranked users has a relevant item" }],
    });
  });

  it("are left out of the mean over tasks, which names them", () => {
    const click = evaluateClassification({ ...rows([0, 1, 0, 1]), metrics: ["auc", "logloss"] });
    const buy = evaluateClassification({ ...rows([1, 1, 1, 1]), metrics: ["auc", "logloss"] });
    const { values, undefined: missing } = meanOverTasks(["click", "buy"], [click, buy]);
    expect(Object.keys(values)).toEqual(["auc", "logloss", "auc/click", "logloss/click", "auc/buy", "logloss/buy"]);
    expect(values["auc"]).toBe(click.values["auc"]);
    expect(values["auc/buy"]).toBeNaN();
    expect(values["logloss"]).toBe((click.values["logloss"]! + buy.values["logloss"]!) / 2);
    expect(missing).toEqual([{ metric: "auc", task: "buy", reason: "all 4 labels are 1" }]);
    expect(describeUndefined({ ...missing[0]!, part: "test" })).toBe(
      "auc of buy on test is undefined: all 4 labels are 1",
    );
  });

  it("of every task have no mean", () => {
    const buy = evaluateClassification({ ...rows([1, 1]), metrics: ["auc"] });
    const { values, undefined: missing } = meanOverTasks(["buy", "pay"], [buy, buy]);
    expect(values["auc"]).toBeNaN();
    expect(missing.map(describeUndefined)).toEqual([
      "auc is undefined: it is undefined for every task",
      "auc of buy is undefined: all 2 labels are 1",
      "auc of pay is undefined: all 2 labels are 1",
    ]);
  });

  it("tasks and reports that do not match are refused", () => {
    const one = evaluateClassification({ ...rows([0, 1]), metrics: ["auc"] });
    const other = evaluateClassification({ ...rows([0, 1]), metrics: ["ne"] });
    expect(() => meanOverTasks(["a"], [one, one])).toThrow(/1 tasks, 2 reports/);
    expect(() => meanOverTasks([], [])).toThrow(/at least one/);
    expect(() => meanOverTasks(["a", "b"], [one, other])).toThrow(/b has no auc/);
  });
});
