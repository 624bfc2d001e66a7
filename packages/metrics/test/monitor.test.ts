import { describe, expect, it } from "vitest";
import { readMonitor } from "../src/index.js";

const metrics = {
  auc: 0.7,
  "auc/like": 0.8,
  "auc/add-to-cart": 0.6,
  logloss: 0.5,
  "logloss/like": 0.4,
  "auc/like|cart": 0.1,
};

describe("what a run watches", () => {
  it.each([
    ["auc", "max", 0.7],
    ["AUC/like", "max", 0.8],
    ["auc/add-to-cart", "max", 0.6],
    ["logloss", "min", 0.5],
    ["mean(auc)", "max", 0.7],
    ["mean(logloss)", "min", 0.4],
    ["auc/like + 0.5*auc/add-to-cart", "max", 1.1],
    ["auc/like+auc/add-to-cart", "max", 1.4],
    ["auc/like - 0.1*logloss/like", "max", 0.76],
    ["logloss - auc", "min", -0.2],
    ["-logloss", "max", -0.5],
    ["2 * mean( auc ) + auc", "max", 2.1],
  ] as const)("%s", (text, direction, value) => {
    const monitor = readMonitor(text);
    expect(monitor.direction).toBe(direction);
    expect(monitor.value(metrics)).toBeCloseTo(value, 12);
  });

  it("takes a metric of nobody but the caller to rise, unless it is told", () => {
    expect(readMonitor("Mine").direction).toBe("max");
    expect(readMonitor("mine", "min").direction).toBe("min");
    expect(readMonitor("Mine").value({ Mine: 3 })).toBe(3);
  });

  it("has no value where one of its metrics has none; a mean leaves it out", () => {
    const some = { "auc/a": 0.5, "auc/b": Number.NaN, "auc/c": null };
    expect(readMonitor("auc/a+auc/b").value(some)).toBeNaN();
    expect(readMonitor("auc/c").value(some)).toBeNaN();
    expect(readMonitor("mean(auc)").value(some)).toBe(0.5);
    expect(readMonitor("mean(auc)").value({ "auc/b": Number.NaN })).toBeNaN();
  });

  it.each([
    ["", /cannot read/],
    ["auc +", /cannot read/],
    ["auc like", /cannot read/],
    ["0*auc", /cannot read/],
    ["mean(auc", /cannot read/],
    ["auc + logloss", /auc to rise and logloss to fall.*subtract/],
  ])("refuses %j", (text, words) => {
    expect(() => readMonitor(text)).toThrow(words);
  });

  it("names what there is where it asks for what there is not", () => {
    expect(() => readMonitor("auc/buy").value(metrics)).toThrow(/no auc\/buy.*auc\/like/);
    expect(() => readMonitor("mean(ndcg@10)").value(metrics)).toThrow(/no ndcg@10/);
  });
});
