import { createRandom } from "@gradpool/core";
import { type DataFacts, defaultConfig, type TrainConfig } from "@gradpool/runs";
import { describe, expect, it } from "vitest";
import { makePlan, type PlanRequest } from "../src/plan/plan.js";
import { loadRecipe } from "../src/recipes/recipe.js";
import type { Plan, TrialRecord, TrialSpec } from "../src/results/types.js";
import { halve } from "../src/search/halve.js";
import { epochsOf, rungsOf } from "../src/search/rungs.js";
import { evenPoints, sampled } from "../src/space/sequence.js";
import { positionOf, type Range, readDimension, valueAt } from "../src/space/space.js";
import { configure, gridOf, tuningTrials } from "../src/search/trials.js";
import { summarizeSweep } from "../src/statistics/summarize.js";

const facts: DataFacts = {
  target: "buy",
  tasks: { behaviors: ["buy", "cart"], itemPairs: [], impressions: [] },
  offers: (task) => ["buy", "cart"].includes(task),
  values: "none",
};

const planWith = (search: PlanRequest["search"], change: Partial<PlanRequest> = {}): Promise<Plan> =>
  makePlan(
    {
      recipe: loadRecipe("demo"),
      config: { epochs: 27, metrics: ["ndcg@10"] },
      pools: ["ew", "metabalance(decay=0.5)", "metabalance+pcgrad"],
      seeds: 2,
      ...(search && { search }),
      ...change,
    },
    facts,
  );

/** A trial that validates at `value`, epoch by epoch. */
const ended = (trial: TrialSpec, value: number): TrialRecord => ({
  ...trial,
  status: "ok",
  environment: {},
  result: {
    best: { "ndcg@10": value },
    bestEpoch: trial.config.epochs,
    test: { "ndcg@10": value },
    history: [{ epoch: trial.config.epochs, step: 1, losses: [], metrics: { "ndcg@10": value } }],
    steps: 1,
    samples: 1,
    skipped: 0,
    stopped: "epochs",
  },
});

describe("a range", () => {
  it("reads lists, both ends, and factors", () => {
    expect(readDimension("16, 32,64", "x")).toEqual([16, 32, 64]);
    expect(readDimension("mean,sum", "x")).toEqual(["mean", "sum"]);
    expect(readDimension("0..1", "x")).toEqual({ low: 0, high: 1, log: false, integer: false });
    expect(readDimension("log(1e-4, 1e-1)", "x")).toEqual({ low: 1e-4, high: 0.1, log: true, integer: false });
  });

  it.each([
    ["1..0", /no width/],
    ["log(0,1)", /reaches zero/],
    ["", /empty range/],
  ])("refuses %j", (text, words) => {
    expect(() => readDimension(text, "x")).toThrow(words);
  });

  it("refuses ends that an option of whole numbers does not take", () => {
    expect(() => readDimension("0.5..4", "x", true)).toThrow(/whole numbers/);
  });

  it("gives every whole number its share, and every factor the same", () => {
    const whole = readDimension("1..4", "x", true) as Range;
    const values = Array.from({ length: 400 }, (_, k) => valueAt(whole, k / 400));
    expect([1, 2, 3, 4].map((one) => values.filter((value) => value === one).length)).toEqual([100, 100, 100, 100]);
    const log = readDimension("log(1e-4,1)", "x");
    expect([0, 0.25, 0.5, 0.75, 1].map((u) => valueAt(log, u))).toEqual([1e-4, 1e-3, 0.01, 0.1, 1]);
    expect([1e-4, 0.01, 1].map((value) => positionOf(log, value))).toEqual([0, 0.5, 1]);
    expect(positionOf([0.1, 0.01, 1], 0.01)).toBe(0);
    expect(positionOf(["a", "b"], "a")).toBeNull();
  });
});

describe("points", () => {
  /** Warnock's formula for the L2 star discrepancy, squared: how far the points are from filling every box evenly. */
  const discrepancy = (points: readonly (readonly number[])[]): number => {
    const n = points.length;
    const d = points[0]!.length;
    const product = (f: (i: number) => number): number =>
      Array.from({ length: d }, (_, i) => f(i)).reduce((all, x) => all * x, 1);
    const single = points.reduce((sum, x) => sum + product((i) => 1 - x[i]! ** 2), 0);
    const pairs = points.reduce(
      (sum, x) => sum + points.reduce((own, y) => own + product((i) => 1 - Math.max(x[i]!, y[i]!)), 0),
      0,
    );
    return 3 ** -d - (2 ** (1 - d) / n) * single + pairs / n ** 2;
  };

  it.each([1, 2, 3, 5])("in %i dimensions are spread more evenly than chance, at every length", (dimensions) => {
    const random = createRandom(3);
    for (const count of [10, 20, 50]) {
      const mean = (make: (k: number) => readonly (readonly number[])[]): number =>
        Array.from({ length: 20 }, (_, k) => discrepancy(make(k))).reduce((a, b) => a + b, 0) / 20;
      const even = mean((seed) => evenPoints(count, dimensions, seed));
      const chance = mean(() =>
        Array.from({ length: count }, () => Array.from({ length: dimensions }, () => random.uniform())),
      );
      // In many dimensions ten points are few, however they lie.
      expect(even).toBeLessThan((dimensions > 3 ? 0.98 : 0.7) * chance);
      for (const at of evenPoints(count, dimensions, 1).flat()) expect(at >= 0 && at < 1).toBe(true);
    }
  });

  it("are the same for the same seed, others for another, and the first of more", () => {
    const space = { lr: readDimension("log(1e-4,1e-1)", "x"), dim: [16, 32, 64] };
    expect(sampled(space, 10, 1)).toEqual(sampled(space, 20, 1).slice(0, 10));
    expect(sampled(space, 10, 1)).not.toEqual(sampled(space, 10, 2));
  });

  it("stand once each: of six combinations there are no more than six points", () => {
    expect(sampled({ a: [1, 2], b: [1, 2, 3] }, 20, 1)).toHaveLength(6);
  });
});

describe("a searched plan", () => {
  const space = { lr: "log(1e-4,1e-1)", dim: "8,16", "pool.relax": "0..1", "weight-decay": "0,1e-5" };

  it("puts options of training, of the model and of pools into their places, of the pools that have them", async () => {
    const plan = await planWith({ space, trials: 12 });
    expect(plan.search?.strategy).toBe("random");
    expect(plan.contenders.map(({ pool }) => pool)).toEqual([
      "ew",
      "metabalance(decay=0.5,relax={pool.relax})",
      "metabalance(relax={pool.relax})+pcgrad",
    ]);
    const [first, second] = plan.contenders.map((contender) => {
      const points = gridOf(plan, contender);
      expect(points).toHaveLength(12);
      return configure(plan, contender, points[3]!, 1);
    }) as [TrainConfig, TrainConfig];
    expect(first).toMatchObject({ pool: "ew", model: expect.stringMatching(/^mf\(.*dim=(8|16)\)$/) as string });
    expect(first.lr).toBeGreaterThanOrEqual(1e-4);
    expect([0, 1e-5]).toContain(first.weightDecay);
    expect(second.pool).toMatch(/^metabalance\(decay=0\.5,relax=0?\.?\d+\)$/);
  });

  it("gives every contender as many points, and a summary that says what was allowed, taken and where the best lies", async () => {
    const plan = await planWith({ space: { lr: "log(1e-4,1e-1)" }, trials: 6 });
    const trials = tuningTrials(plan, "h");
    expect(trials).toHaveLength(18);
    const records = trials.map((trial) => ended(trial, trial.config.lr));
    const { search, notes } = summarizeSweep(plan, records);
    const best = Math.max(...gridOf(plan, plan.contenders[0]!).map((point) => Number(point["lr"])));
    expect(search).toHaveLength(3);
    expect(search![0]).toMatchObject({ points: 6, epochs: 162, epochsTaken: 162, strategy: "random", best });
    expect(search![0]!.places).toEqual([
      expect.objectContaining({ name: "lr", value: best, among: "log(0.0001,0.1)" }),
    ]);
    expect(notes.join()).not.toMatch(/chances/);
  });

  it("of lists alone is a grid", async () => {
    const plan = await planWith({ space: { lr: "0.1,0.01", dim: "8,16" } });
    expect(plan.search).toBeUndefined();
    expect(gridOf(plan, plan.contenders[0]!)).toHaveLength(4);
    const at = configure(plan, plan.contenders[0]!, { lr: 0.1, "model.dim": 8 }, 1);
    expect(at.model).toMatch(/dim=8\)$/);
  });

  it.each<readonly [NonNullable<PlanRequest["search"]>, RegExp]>([
    [{ space: { lr: "0..1" }, strategy: "grid" }, /lr: a range has no grid/],
    [{ space: { lrr: "0..1" } }, /nothing is called lrr.*lr.*model\.dim.*pool\.OPTION/],
    [{ space: { "pool.gamma": "0..1" } }, /no pool has an option gamma.*metabalance: .*relax/],
    [{ space: { seed: "1,2" } }, /another comparison/],
    [{ space: { epochs: "10..20" }, strategy: "halving" }, /halving gives them out/],
    [{ space: { lr: "0..1" }, trials: 1 }, /trials is 1/],
    [{ space: { batch: "0.5..2" } }, /whole numbers/],
  ])("refuses %j", async (search, words) => {
    await expect(planWith(search)).rejects.toThrow(words);
  });
});

describe("successive halving", () => {
  it("trains all points shortly, and a third of them three times as long, to the end", () => {
    expect(rungsOf(27, 27, 1)).toEqual([
      { points: 27, epochs: 1 },
      { points: 9, epochs: 3 },
      { points: 3, epochs: 9 },
      { points: 1, epochs: 27 },
    ]);
    expect(epochsOf(rungsOf(27, 27, 1))).toBe(27 + 9 * 2 + 3 * 6 + 18);
    expect(rungsOf(10, 20, 2).map(({ epochs }) => epochs)).toEqual([2, 6, 20]);
    expect(rungsOf(2, 50, 1)).toEqual([{ points: 2, epochs: 50 }]);
    expect(rungsOf(5, 1, 1)).toEqual([{ points: 5, epochs: 1 }]);
  });

  it("goes on with the best, the same for every contender, and chooses among those that had all epochs", async () => {
    const plan = await planWith({ space: { lr: "log(1e-4,1e-1)" }, strategy: "halving", trials: 27 });
    const stages: TrialSpec[][] = [];
    const records = await halve(plan, "h", async (trials, stage, all) => {
      expect(all).toBe(4);
      expect(stage).toBe(stages.length + 1);
      stages.push([...trials]);
      // Larger rates learn faster at first: with nine epochs and more, smaller ones have caught up.
      return trials.map((trial) => ended(trial, trial.config.epochs < 9 ? trial.config.lr : 1 - trial.config.lr));
    });
    expect(stages.map((trials) => trials.length)).toEqual([81, 27, 9, 3]);
    expect(stages.map(([first]) => first!.config.epochs)).toEqual([1, 3, 9, 27]);
    const ofFirst = stages.map((trials) =>
      trials.filter(({ label }) => label === "ew").map(({ point }) => Number(point["lr"])),
    );
    const sorted = [...ofFirst[0]!].sort((a, b) => b - a);
    expect([...ofFirst[1]!].sort((a, b) => b - a)).toEqual(sorted.slice(0, 9));
    expect([...ofFirst[2]!].sort((a, b) => b - a)).toEqual(sorted.slice(0, 3));
    expect(ofFirst[3]).toEqual([sorted[2]]);
    // A trial goes on in its folder, which is that of the trial with all epochs.
    const folders = stages.map((trials) =>
      trials.find(({ label, point }) => label === "ew" && point["lr"] === sorted[2])!,
    );
    expect(new Set(folders.map(({ folder, id }) => folder ?? id)).size).toBe(1);
    expect(new Set(folders.map(({ id }) => id)).size).toBe(4);
    const last = new Map(records.map((record) => [JSON.stringify([record.label, record.point]), record]));
    const { search, grid } = summarizeSweep(plan, [...last.values()]);
    expect(search![0]).toMatchObject({
      strategy: "halving",
      points: 27,
      epochs: 81,
      epochsTaken: 81,
      best: 1 - sorted[2]!,
    });
    expect(grid.find(({ chosen }) => chosen)?.epochs).toBe(27);
  });

  it("lets a cosine end with the whole training, not with each stage", async () => {
    const plan = await planWith(
      { space: { lr: "0..1" }, strategy: "halving" },
      { config: { epochs: 27, schedule: "cosine(min=0.1)" } },
    );
    expect(plan.base.schedule).toBe("cosine(min=0.1,epochs=27)");
  });
});

describe("static weights", () => {
  it("are searched like anything else, by names in braces", async () => {
    const plan = await planWith(
      { space: { w: "log(0.1,10)" }, trials: 4 },
      { pools: ["ew", "constant(weights=[1,{w}])"] },
    );
    const [, weighed] = plan.contenders;
    const points = gridOf(plan, weighed!);
    expect(points).toHaveLength(4);
    expect(configure(plan, weighed!, points[0]!, 1).pool).toBe(`constant(weights=[1,${points[0]!["w"]}])`);
    expect(gridOf(plan, plan.contenders[0]!)).toEqual([{}]);
    expect(defaultConfig.taskWeights).toBeNull();
  });
});
