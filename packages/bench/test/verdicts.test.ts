import type { UndefinedMetric } from "@gradpool/metrics";
import { type DataFacts, defaultConfig } from "@gradpool/runs";
import { describe, expect, it } from "vitest";
import { elided, nameAt, namesOf } from "../src/plan/label.js";
import { checkPlan } from "../src/search/check-plan.js";
import type { Contender, Plan, RecordedMetrics, Summary, TrialRecord, TrialSpec } from "../src/index.js";
import { loadRecipe } from "../src/recipes/recipe.js";
import { unequalChances } from "../src/search/chances.js";
import { chooseOnValidation } from "../src/search/choose.js";
import { finalTrials, tuningTrials } from "../src/search/trials.js";
import { summarizeSweep } from "../src/statistics/summarize.js";
import { planFor } from "./plan-for.js";

const facts: DataFacts = {
  target: "buy",
  tasks: { behaviors: ["buy", "cart"], itemPairs: [], impressions: [] },
  offers: (task) => ["buy", "cart"].includes(task),
  values: "none",
};

const plan = (contenders: readonly Contender[], change: Partial<Plan> = {}): Plan => ({
  name: "p",
  title: "",
  description: "",
  base: { ...defaultConfig, tasks: ["click", "buy"], metrics: ["auc"], model: "click" },
  contenders,
  grid: {},
  seeds: [1, 2, 3],
  tuningSeeds: [1],
  baseline: contenders[0]?.label as string,
  published: [],
  single: {},
  ...change,
});

interface Outcome {
  readonly best?: RecordedMetrics;
  readonly test: RecordedMetrics;
  readonly missing?: readonly UndefinedMetric[];
  readonly missingOnValid?: readonly UndefinedMetric[];
}

const ended = (spec: TrialSpec, { best, test, missing = [], missingOnValid = [] }: Outcome): TrialRecord => ({
  ...spec,
  status: "ok",
  environment: {},
  result: {
    best: best ?? null,
    bestEpoch: best === undefined ? null : 1,
    test,
    undefined: missing,
    history: [{ epoch: 1, step: 1, losses: [], metrics: best ?? { auc: null }, undefined: missingOnValid }],
    steps: 1,
    samples: 1,
    skipped: 0,
    stopped: "epochs",
  },
});

/** Every contender at its only point with every seed, each ending as `outcome` says. */
function summaryOf(made: Plan, outcome: (label: string, seed: number) => Outcome): Summary {
  const chosen = new Map(made.contenders.map(({ label }) => [label, {}]));
  const records = finalTrials(made, chosen, "h").map((spec) => ended(spec, outcome(spec.label, spec.config.seed)));
  return summarizeSweep(made, records);
}

const both = [
  { label: "EW", pool: "ew" },
  { label: "PCGrad", pool: "pcgrad" },
  { label: "Single click", pool: "ew", overrides: { tasks: ["click"] } },
  { label: "Single buy", pool: "ew", overrides: { tasks: ["buy"] } },
] as const;
const single = { click: "Single click", buy: "Single buy" };

describe("contenders are compared only on what both measured", () => {
  const values = (label: string, seed: number): RecordedMetrics => {
    const noise = seed / 1000;
    if (label === "Single click") return { auc: 0.9 + noise, "auc/click": 0.9 + noise };
    if (label === "Single buy") return { auc: 0.5 + 2 * noise, "auc/buy": 0.5 + 2 * noise };
    return { auc: 0.6 + noise, "auc/click": 0.7 + noise, "auc/buy": 0.5 + noise };
  };
  const summary = summaryOf(plan(both, { single }), (label, seed) => ({
    best: values(label, seed),
    test: values(label, seed),
  }));
  const of = (label: string) => summary.contenders.find((row) => row.label === label)!;

  it("a mean over one task is no rival of a mean over two, and the task's own metric is", () => {
    expect(of("Single click").versusBaseline["auc"]).toEqual({
      difference: null,
      relative: null,
      p: null,
      pHolm: null,
      verdict: "not comparable",
    });
    expect(of("Single click").versusBaseline["auc/click"]).toMatchObject({ verdict: "better" });
    expect(of("PCGrad").versusBaseline["auc"]).toMatchObject({ verdict: "no difference shown", p: 1 });
    expect(of("Single click").test["auc"]?.tasks).toEqual(["click"]);
    expect(of("EW").test["auc"]?.tasks).toEqual(["click", "buy"]);
  });

  it("ranks those that measured the same alone, and corrects p over the tests that there are", () => {
    expect(summary.contenders.map(({ rank }) => rank)).toEqual([1.5, 1.5, null, null]);
    // On AUC one test is left, so its p stands as it is.
    const { p, pHolm } = of("PCGrad").versusBaseline["auc"]!;
    expect(pHolm).toBe(p);
  });

  it("of rankings, the metric is the first task's: contenders that learn another first are not compared", () => {
    const rankings = plan(
      [
        { label: "EW", pool: "ew" },
        { label: "side task too", pool: "ew", overrides: { tasks: ["click", "social"] } },
        { label: "buy alone", pool: "ew", overrides: { tasks: ["buy"] } },
      ],
      { base: { ...defaultConfig, tasks: ["click", "buy"], metrics: ["ndcg@10"] } },
    );
    const { contenders } = summaryOf(rankings, (_, seed) => {
      const metrics = { "ndcg@10": 0.1 + seed / 100 };
      return { best: metrics, test: metrics };
    });
    expect(contenders.map((row) => row.versusBaseline["ndcg@10"]?.verdict)).toEqual([
      "baseline",
      "no difference shown",
      "not comparable",
    ]);
    expect(contenders.map(({ rank }) => rank)).toEqual([1.5, 1.5, null]);
  });

  it("says that nothing differs from a baseline without a result", () => {
    const made = plan(both.slice(0, 2));
    const chosen = new Map(made.contenders.map(({ label }) => [label, {}]));
    const metrics = { auc: 0.5, "auc/click": 0.5, "auc/buy": 0.5 };
    const records = finalTrials(made, chosen, "h").map((spec): TrialRecord =>
      spec.label === "EW"
        ? { ...spec, status: "failed", error: "diverged", environment: {} }
        : ended(spec, { best: metrics, test: metrics }),
    );
    const [, pcgrad] = summarizeSweep(made, records).contenders;
    expect(pcgrad?.versusBaseline["auc"]).toMatchObject({ difference: null, verdict: "not testable" });
  });
});

describe("a metric without a value", () => {
  const reason = "all 45 labels are 0";
  const missing: readonly UndefinedMetric[] = [{ metric: "auc", task: "buy", part: "test", reason }];
  const test = (label: string): RecordedMetrics =>
    label === "Single buy"
      ? { auc: null, "auc/buy": null }
      : label === "Single click"
        ? { auc: 0.8, "auc/click": 0.8 }
        : { auc: 0.7, "auc/click": 0.7, "auc/buy": null };
  const summary = summaryOf(plan(both, { single }), (label) => ({
    best: { auc: 0.6, "auc/click": 0.6, "auc/buy": 0.6 },
    test: test(label),
    missing:
      label === "Single click"
        ? []
        : label === "Single buy"
          ? [...missing, { metric: "auc", part: "test", reason: "it is undefined for every task" }]
          : missing,
  }));

  it("is named once for each contender with task, part, reason and seeds", () => {
    expect(summary.undefined[0]).toEqual({
      label: "EW",
      part: "test",
      metric: "auc",
      task: "buy",
      reason,
      seeds: [1, 2, 3],
    });
    expect(summary.notes[0]).toBe(
      `EW, PCGrad, Single buy: auc of buy on test is undefined: ${reason}; the mean auc over tasks is without it`,
    );
  });

  it("is left out of means that say so: whose tasks a mean is over, of ranks and of the relative improvement", () => {
    const [ew, , alone, none] = summary.contenders;
    expect(ew?.test["auc/buy"]).toBeUndefined();
    expect(ew?.test["auc"]).toMatchObject({ mean: expect.closeTo(0.7, 12) as number, tasks: ["click"] });
    // What is left of the mean is the one task that the single run has, too.
    expect(alone?.versusBaseline["auc"]?.verdict).toBe("better");
    expect(ew?.rank).not.toBeNull();
    expect(none?.rank).toBeNull();
    expect(ew?.relativeImprovement["auc"]).toBeCloseTo(0.7 / 0.8 - 1, 12);
  });

  it("is never chosen on: a search without a value chooses nothing and says why", () => {
    const made = plan([{ label: "EW", pool: "ew" }], { grid: { lr: [0.1, 0.01] } });
    const why = { metric: "auc", part: "valid", reason: "it is undefined for every task" };
    const records = tuningTrials(made, "h").map((spec) =>
      ended(spec, { test: { auc: 0.9, "auc/click": 0.9, "auc/buy": null }, missingOnValid: [why] }),
    );
    expect(chooseOnValidation(made, records).chosen.size).toBe(0);
    const found = summarizeSweep(made, records);
    expect(found.contenders[0]?.test).toEqual({});
    expect(found.notes).toEqual([
      "auc on valid is undefined: it is undefined for every task; it decides, so no epoch is best and no grid point is chosen",
    ]);
  });

  it("a single task whose metric is 0 alone gives no relative improvement, and no crash", () => {
    const found = summaryOf(plan(both, { single }), (label) => {
      const value = label.startsWith("Single") ? 0 : 0.5;
      const metrics = { auc: value, "auc/click": value, "auc/buy": value };
      return { best: metrics, test: metrics };
    });
    expect(found.contenders[0]?.relativeImprovement).toEqual({});
  });
});

describe("an unequal number of grid points", () => {
  it("is said, also where only some pools have a grid at all", () => {
    const contenders = [
      { label: "ew", pool: "ew" },
      { label: "metabalance(relax=…)", pool: "metabalance(relax={relax})" },
    ];
    expect(unequalChances(plan(contenders, { grid: { relax: [0.3, 0.7] } }))).toBe(
      "Pools have 1 to 2 points to choose from, metabalance(relax=…) the most: more points are more chances",
    );
    expect(unequalChances(plan(contenders, { grid: { lr: [0.3, 0.7] } }))).toBeUndefined();
  });
});

describe("labels", () => {
  it("show values, not the names of what stands for them", () => {
    expect(elided("metabalance(relax={relax})")).toBe("metabalance(relax=…)");
    const chosen = { label: "metabalance(relax=…)", pool: "metabalance(relax=0.7)" };
    const point = { relax: 0.7, weightDecay: 1e-4 };
    expect(nameAt({ ...chosen, point })).toBe("metabalance(relax=0.7)");
    expect(nameAt({ ...chosen, pool: "metabalance(relax={relax})", point: {} })).toBe("metabalance(relax=…)");
    const pool = "metabalance(relax=0.7)";
    expect(nameAt({ label: "MetaBalance", pool, point })).toBe("MetaBalance");
    expect(nameAt({ label: "MB {relax}", pool, point })).toBe("MB 0.7");
    expect(nameAt({ label: "MB {relax}, decay {weight-decay}", pool, point })).toBe("MB 0.7, decay 0.0001");
    expect(nameAt({ label: "MB {relax}", pool: "metabalance(relax={relax})", point: {} })).toBe("MB …");
  });

  it("of two sweeps that chose alike say which is which", () => {
    const rows = ["a", "b"].map((name) => ({ label: `mb(relax={${name}})`, pool: "mb(relax=0.1)", point: { [name]: 0.1 } })); // prettier-ignore
    expect(namesOf([...rows, { label: "EW", pool: "ew", point: {} }])).toEqual([
      "mb(relax=0.1), a=0.1",
      "mb(relax=0.1), b=0.1",
      "EW",
    ]);
  });

  it("that name what is not swept are refused", async () => {
    const contenders = [{ label: "MB {tau}", pool: "metabalance(relax={relax})", grid: { relax: [0.3, 0.7] } }];
    await expect(checkPlan(plan(contenders, {}))).rejects.toThrow(
      /the label MB \{tau\} names \{tau\}, which is not swept .*name \{relax\}, or leave/,
    );
  });

  it("of pools that differ in what is swept alone keep its names, so that none stands for two", () => {
    const labelsOf = (pools: readonly string[]): readonly string[] =>
      planFor({ recipe: loadRecipe("demo"), config: {}, pools, grid: { a: [0.1], b: [0.2] } }, facts).contenders.map(
        ({ label }) => label,
      );
    expect(labelsOf(["ew", "metabalance(relax={a})", "pmtrec(tau={b})"])).toEqual([
      "ew",
      "metabalance(relax=…)",
      "pmtrec(tau=…)",
    ]);
    const twins = ["metabalance(relax={a})", "metabalance(relax={b})"];
    expect(labelsOf(twins)).toEqual(twins);
  });

  it("of a bench of one's own do not call it demo", () => {
    const made = (change: object) => planFor({ recipe: loadRecipe("demo"), config: {}, ...change }, facts);
    expect(made({}).name).toBe("demo");
    expect(made({ config: { lr: 0.1 } }).title).toBe("The seven methods on the embedded shop");
    expect(made({ pools: ["ew", "pcgrad"] })).toMatchObject({
      name: "bench",
      title: "ew, pcgrad on the embedded shop",
    });
    expect(made({ config: { data: "/sets/mine" } })).toMatchObject({ name: "bench", title: "7 pools on mine" });
  });
});
