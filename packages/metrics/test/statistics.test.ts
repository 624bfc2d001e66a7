import { describe, expect, it } from "vitest";
import { averageRanks, holm, pairedT, summarize, wilcoxon } from "@gradpool/metrics";
import { expectClose, fixture } from "./fixture.js";

describe("statistics over seeds", () => {
  it.each(fixture.statistics)("equal SciPy's to 1e-12 on case $seed", ({ a, b, ...expected }) => {
    // Five times 0.0554 is not 0.277 in floating point: equal values scatter by nothing all the same.
    for (const value of [0.0554, 0.1, 1 / 3]) expect(summarize([value, value, value, value, value])).toMatchObject({ mean: value, sd: 0, lower: value, upper: value }); // prettier-ignore
    const summary = summarize(a);
    expectClose(summary.mean, expected.summary.mean, "mean");
    expectClose(summary.sd, expected.summary.sd, "sd");
    expectClose(summary.lower, expected.summary.interval95[0], "lower");
    expectClose(summary.upper, expected.summary.interval95[1], "upper");
    const wide = summarize(a, 0.9);
    expectClose(wide.lower, expected.summary.interval90[0], "lower at 90 %");
    const t = pairedT(a, b);
    expectClose(t.t, expected.t.t, "t");
    expectClose(t.p, expected.t.p, "p of t");
    expectClose(t.lower, expected.t.lower, "lower of the difference");
    expectClose(t.upper, expected.t.upper, "upper of the difference");
    // Small p-values keep their digits too.
    expect(t.p / expected.t.p).toBeCloseTo(1, 9);
    const w = wilcoxon(a, b);
    expectClose(w.statistic, expected.wilcoxon.statistic, "signed-rank statistic");
    expectClose(w.p, expected.wilcoxon.p, "p of signed ranks");
  });

  it.each(fixture.corrections)("Holm's correction and average ranks equal their definitions on case %$", (c) => {
    holm(c.p).forEach((value, i) => expectClose(value, c.holm[i]!, `p ${i}`));
    averageRanks(c.table, c.methods).forEach((value, i) => expectClose(value, c.ranks[i]!, `rank ${i}`));
  });

  it("one seed has a mean but no spread, interval or p-value", () => {
    expect(summarize([0.5])).toEqual({ n: 1, mean: 0.5, sd: NaN, lower: NaN, upper: NaN });
    const t = pairedT([0.5], [0.4]);
    expect([t.t, t.p, t.lower]).toEqual([NaN, NaN, NaN]);
    expect(wilcoxon([0.5], [0.4])).toEqual({ n: 1, statistic: 0, p: 1, method: "exact" });
  });

  it("methods that always agree have p = 1; a constant difference has t = Infinity and p = 0", () => {
    const same = [0.5, 0.25, 0.75];
    expect(pairedT(same, same)).toMatchObject({ t: 0, p: 1, lower: 0, upper: 0 });
    expect(wilcoxon(same, same)).toEqual({ n: 0, statistic: 0, p: 1, method: "exact" });
    expect(pairedT([2, 3, 4], [1, 2, 3])).toMatchObject({ t: Infinity, p: 0, difference: 1, lower: 1, upper: 1 });
    expect(pairedT([1, 2, 3], [2, 3, 4])).toMatchObject({ t: -Infinity, p: 0 });
  });

  it("signed ranks of five seeds that all improve reach p = 1/16 and no less", () => {
    expect(wilcoxon([2, 3, 4, 5, 6], [1, 1, 1, 1, 1]).p).toBe(0.0625);
  });

  it("a test that could not be made stays NaN and is not counted by Holm", () => {
    expect([...holm([0.01, NaN, 0.04])]).toEqual([0.02, NaN, 0.04]);
    expect([...holm([])]).toEqual([]);
  });

  it("lower can be better in average ranks", () => {
    expect([...averageRanks([0.1, 0.2, 0.3, 0.1, 0.1, 0.5], 3, false)]).toEqual([1.25, 1.75, 3]);
  });

  it("refuses what cannot be compared", () => {
    expect(() => summarize([])).toThrow(/no values/);
    expect(() => summarize([1, NaN])).toThrow(/value 1 is NaN/);
    expect(() => summarize([1, 2], 95)).toThrow(/confidence is 95/);
    expect(() => pairedT([1], [1, 2])).toThrow(/1 values against 2/);
    expect(() => wilcoxon([], [])).toThrow(/no pairs/);
    expect(() => holm([2])).toThrow(/p-value 0 is 2/);
    expect(() => averageRanks([1, 2, 3], 2)).toThrow(/3 values for 2 methods/);
  });
});
