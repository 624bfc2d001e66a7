import { defaultConfig } from "@gradpool/runs";
import { describe, expect, it } from "vitest";
import type { Contender, Plan, Summary, TrialRecord } from "../src/results/types.js";
import { finalTrials, gridOf } from "../src/search/trials.js";
import { summarizeSweep } from "../src/statistics/summarize.js";

const contenders: readonly Contender[] = [
  { label: "EW", pool: "ew" },
  { label: "PCGrad", pool: "pcgrad" },
  { label: "Single", pool: "ew", overrides: { tasks: ["buy"] }, role: "alone" },
  { label: "Popularity", pool: "ew", overrides: { model: "popularity", tasks: ["buy"] }, role: "reference" },
  { label: "ItemKNN", pool: "ew", overrides: { model: "itemknn", tasks: ["buy"] }, role: "reference" },
];

const planOf = (given: Partial<Plan> = {}): Plan => ({
  name: "made-up",
  title: "",
  description: "",
  base: { ...defaultConfig, tasks: ["buy", "cart"], metrics: ["ndcg@10"] },
  contenders,
  grid: {},
  seeds: [1, 2, 3],
  tuningSeeds: [1],
  baseline: "EW",
  published: [],
  single: {},
  ...given,
});

/** Label → value on validation and on test; seeds move a value by hundredths of it, everybody's alike but for a thousandth. */
function summaryOf(plan: Plan, values: Readonly<Record<string, readonly [valid: number, test: number]>>): Summary {
  const chosen = new Map(plan.contenders.map(({ label }) => [label, {}]));
  const records = finalTrials(plan, chosen, "data").map((spec, k): TrialRecord => {
    const [valid, test] = values[spec.label]!;
    const moved = (value: number): number => value * (1 + spec.config.seed / 100) + (k % 2) * 0.001 * value;
    const named = (value: number) => ({ [plan.base.metrics[0]!]: moved(value) });
    const result = { best: named(valid), bestEpoch: 1, test: named(test), history: [], steps: 1, samples: 1 };
    return { ...spec, status: "ok", environment: {}, result: { ...result, skipped: 0, stopped: "epochs" } };
  });
  return summarizeSweep(plan, records);
}

const clear = { EW: [0.1, 0.1], PCGrad: [0.2, 0.09], Single: [0.05, 0.05], Popularity: [0.01, 0.01], ItemKNN: [0.02, 0.02] } as const; // prettier-ignore

describe("premises", () => {
  it("take the best on validation, not on test, against the task alone and what learns nothing", () => {
    const { premises } = summaryOf(planOf(), clear);
    expect(premises?.several).toMatchObject({ of: "PCGrad", against: ["Single"], verdict: "better" });
    expect(premises?.references.map(({ of, against, verdict }) => [of, against[0], verdict])).toEqual([
      ["PCGrad", "Popularity", "better"],
      ["PCGrad", "ItemKNN", "better"],
    ]);
    expect(premises?.sentences[0]).toMatch(
      /^Learning several tasks helps\. ndcg@10 on test, the best on validation: PCGrad 0\.09\d+ against 0\.05\d+ of Single, \+\d+\.\d % \(p/,
    );
    expect(premises?.sentences[1]).toMatch(
      /^A model is needed\. ndcg@10: PCGrad .* of Popularity.*; PCGrad .* of ItemKNN/,
    );
  });

  it("say so where neither holds", () => {
    const { premises } = summaryOf(planOf(), { ...clear, Single: [0.3, 0.3], ItemKNN: [0.4, 0.4] });
    expect(premises?.several?.verdict).toBe("worse");
    expect(premises?.sentences[0]).toMatch(/^Learning several tasks hurts\./);
    // What stands against the references is the best of all that learns: the task alone.
    expect(premises?.references.map(({ of }) => of)).toEqual(["Single", "Single"]);
    expect(premises?.sentences[1]).toMatch(/^A model is not needed: what learns nothing is better\./);
  });

  it("show nothing where nothing differs, and test nothing with one seed", () => {
    const same = Object.fromEntries(contenders.map(({ label }) => [label, [0.1, 0.1] as const]));
    expect(summaryOf(planOf(), same).premises?.sentences.map((line) => line.split(".")[0])).toEqual([
      "Learning several tasks is not shown to help",
      "A model is not shown to be needed",
    ]);
    const one = summaryOf(planOf({ seeds: [1] }), clear).premises;
    expect(one?.several).toMatchObject({ verdict: "not testable", p: null, pHolm: null });
    expect(one?.sentences[0]).toContain("(one seed: not tested)");
  });

  it("say what was not asked", () => {
    const { premises } = summaryOf(planOf({ contenders: contenders.slice(0, 2) }), clear);
    expect(premises).toMatchObject({ several: null, references: [] });
    expect(premises?.sentences.join(" ")).toMatch(/helps was not asked: no task is learnt alone.*needed was not asked/);
  });

  it("turn round where lower is better", () => {
    const plan = planOf({ base: { ...defaultConfig, tasks: ["buy", "cart"], metrics: ["rmse"] } });
    const { premises } = summaryOf(plan, { ...clear, Single: [0.3, 0.3] });
    // The lowest on validation learns several tasks.
    expect(premises?.several).toMatchObject({ of: "EW", verdict: "better" });
  });

  it("of labels set the mean over tasks against the mean of the tasks alone", () => {
    const single = { click: "Single click", buy: "Single buy" };
    const plan = planOf({
      base: { ...defaultConfig, tasks: ["click", "buy"], metrics: ["auc"] },
      contenders: [
        { label: "EW", pool: "ew" },
        ...Object.entries(single).map(([task, label]): Contender => ({
          label,
          pool: "ew",
          overrides: { tasks: [task] },
          role: "alone",
        })),
      ],
      single,
    });
    const chosen = new Map(plan.contenders.map(({ label }) => [label, {}]));
    const records = finalTrials(plan, chosen, "data").map((spec): TrialRecord => {
      const own = { click: 0.7 + spec.config.seed / 1000, buy: 0.8 + spec.config.seed / 500 };
      const shift = spec.config.tasks.length === 2 ? 0.1 : 0;
      const parts = spec.config.tasks.map((task) => own[task as keyof typeof own] + shift);
      const named = spec.config.tasks.map((task, k) => [`auc/${task}`, parts[k]!] as const);
      const test = { auc: parts.reduce((a, b) => a + b, 0) / parts.length, ...Object.fromEntries(named) };
      const result = { best: test, bestEpoch: 1, test, history: [], steps: 1, samples: 1, skipped: 0 };
      return { ...spec, status: "ok", environment: {}, result: { ...result, stopped: "epochs" } };
    });
    const { several, sentences } = summarizeSweep(plan, records).premises!;
    expect(several?.against).toEqual(["Single click", "Single buy"]);
    expect(several!.value - several!.other).toBeCloseTo(0.1, 12);
    expect(sentences[0]).toContain("of the mean of 2 tasks learnt alone");
  });
});

describe("what is no pool", () => {
  it("changes no pool's rank or corrected p", () => {
    const whole = summaryOf(planOf(), clear);
    const pools = summaryOf(planOf({ contenders: contenders.slice(0, 2) }), clear);
    const of = ({ contenders: rows }: Summary, label: string) => rows.find((row) => row.label === label)!;
    for (const label of ["EW", "PCGrad"]) {
      expect(of(whole, label).rank).toBe(of(pools, label).rank);
      const [mine, theirs] = [whole, pools].map((one) => of(one, label).versusBaseline["ndcg@10"]!);
      expect(mine!.verdict).toBe(theirs!.verdict);
    }
    expect(["Single", "Popularity", "ItemKNN"].map((label) => of(whole, label).rank)).toEqual([null, null, null]);
    expect(of(whole, "Popularity").versusBaseline["ndcg@10"]?.verdict).toBe("worse");
  });

  it("has its own grid alone, its options in the model's braces", () => {
    const knn: Contender = {
      ...contenders[4]!,
      overrides: { model: "itemknn(k={k})", tasks: ["buy"] },
      grid: { k: [10, 100] },
    };
    const plan = planOf({ contenders: [...contenders.slice(0, 4), knn], grid: { lr: [0.1, 0.01, 0.001] } });
    expect(gridOf(plan, knn)).toEqual([{ k: 10 }, { k: 100 }]);
    expect(gridOf(plan, contenders[3]!)).toEqual([{}]);
    expect(gridOf(plan, contenders[2]!)).toHaveLength(3);
    const models = finalTrials(plan, new Map([["ItemKNN", { k: 10 }]]), "data").map(({ config }) => config.model);
    expect(models).toEqual(["itemknn(k=10)", "itemknn(k=10)", "itemknn(k=10)"]);
  });
});
