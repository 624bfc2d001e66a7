import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateShop } from "@gradpool/data";
import type { TensorModel } from "@gradpool/models";
import { loadPool } from "@gradpool/registry";
import { type DataFacts, defaultConfig, factsOf, hyphenated, loadWorkload, type TrainConfig } from "@gradpool/runs";
import { createEngine, selectBackend } from "@gradpool/trainer";
import { describe, expect, it } from "vitest";
import { sweptFields } from "../src/plan/grid.js";
import { nameAt } from "../src/plan/label.js";
import type { Recipe } from "../src/recipes/contract.js";
import { loadRecipe, recipeNames } from "../src/recipes/recipe.js";
import type { Contender, Plan, TrialRecord, TrialSpec } from "../src/results/types.js";
import { configure, finalTrials, gridOf, points, trialId, tuningTrials } from "../src/search/trials.js";
import { summarizeSweep } from "../src/statistics/summarize.js";
import { planFor } from "./plan-for.js";

const facts: DataFacts = {
  target: "buy",
  tasks: { behaviors: ["buy", "cart"], itemPairs: ["also_viewed"], impressions: [] },
  offers: (task) => ["buy", "cart", "also_viewed", "social"].includes(task),
  values: "none",
};

const config = (change: Partial<TrainConfig>): TrainConfig => ({
  ...defaultConfig,
  tasks: ["buy"],
  metrics: ["ndcg@10"],
  ...change,
});

const plan = (change: Partial<Plan>): Plan => ({
  name: "p",
  title: "",
  description: "",
  base: config({}),
  contenders: [
    { label: "EW", pool: "ew" },
    { label: "MB", pool: "metabalance(relax={relax})", grid: { relax: [0.3, 0.7] } },
  ],
  grid: {},
  seeds: [1, 2, 3],
  tuningSeeds: [1],
  baseline: "EW",
  published: [],
  single: {},
  ...change,
});

/** Validation by which the search picks relax = 0.7; the test metric as given. */
const favoured = (trial: TrialSpec, test: number): TrialRecord =>
  ended(trial, trial.point["relax"] === 0.7 ? 0.9 : 0.5, test);

/** A finished trial whose validation and test metric are given. */
const ended = (trial: TrialSpec, valid: number, test = valid): TrialRecord => ({
  ...trial,
  status: "ok",
  environment: {},
  result: {
    best: { "ndcg@10": valid },
    bestEpoch: 1,
    test: { "ndcg@10": test },
    history: [],
    steps: 1,
    samples: 1,
    skipped: 0,
    stopped: "epochs",
  },
});

describe("a sweep's trials", () => {
  it("cover every combination of a grid, and one point where there is none", () => {
    expect(points({ lr: [1, 2], wd: ["a", "b"] })).toEqual([
      { lr: 1, wd: "a" },
      { lr: 1, wd: "b" },
      { lr: 2, wd: "a" },
      { lr: 2, wd: "b" },
    ]);
    expect(points({})).toEqual([{}]);
  });

  it("are named by their configuration and the data's content, not by its path or the order of fields", () => {
    const id = trialId(config({ lr: 1 }), "h");
    expect(trialId(config({ lr: 1, data: "elsewhere" }), "h")).toBe(id);
    expect(trialId({ ...config({}), lr: 1 }, "h")).toBe(id);
    expect(trialId(config({ lr: 2 }), "h")).not.toBe(id);
    expect(trialId(config({ lr: 1 }), "other")).not.toBe(id);
  });

  it("put grid values into the pool where it names them, else into the configuration, and refuse others", () => {
    const made = plan({});
    expect(configure(made, made.contenders[1]!, { relax: 0.3, lr: 0.5 }, 7)).toMatchObject({
      pool: "metabalance(relax=0.3)",
      lr: 0.5,
      seed: 7,
    });
    expect(() => configure(made, made.contenders[0]!, { relax: 0.3 }, 1)).toThrow(
      /nothing is called relax \(grid of EW\).*weight-decay/,
    );
  });

  it("sweep a name that stands in some pools for those alone, and a field for all", () => {
    const contenders = [
      { label: "EW", pool: "ew" },
      { label: "MB", pool: "metabalance(relax={relax})" },
    ];
    const trials = tuningTrials(plan({ contenders, grid: { relax: [0.3, 0.7] } }), "h");
    expect(trials.map(({ label, point }) => [label, point])).toEqual([
      ["MB", { relax: 0.3 }],
      ["MB", { relax: 0.7 }],
    ]);
    expect(tuningTrials(plan({ contenders, grid: { relax: [0.3, 0.7], lr: [1, 2] } }), "h")).toHaveLength(2 + 4);
    expect(() => tuningTrials(plan({ grid: { nothing: [1, 2] } }), "h")).toThrow(/nothing is called nothing/);
  });

  it("are searched only for contenders with something to choose, then compared with every seed", () => {
    const made = plan({});
    expect(tuningTrials(made, "h").map(({ label, point }) => [label, point])).toEqual([
      ["MB", { relax: 0.3 }],
      ["MB", { relax: 0.7 }],
    ]);
    const chosen = new Map([
      ["EW", {}],
      ["MB", { relax: 0.7 }],
    ]);
    expect(
      finalTrials(made, chosen, "h").map(({ label, config: { seed, pool } }) => `${label} ${seed} ${pool}`),
    ).toEqual([
      "EW 1 ew",
      "EW 2 ew",
      "EW 3 ew",
      "MB 1 metabalance(relax=0.7)",
      "MB 2 metabalance(relax=0.7)",
      "MB 3 metabalance(relax=0.7)",
    ]);
  });
});

describe("a grid", () => {
  const request = (grid: Plan["grid"], pools = ["ew", "metabalance(relax={relax})"]) =>
    planFor({ recipe: loadRecipe("demo"), config: {}, pools, grid }, facts);

  it("takes every field by its own name and with hyphens", () => {
    const values: Record<string, readonly (string | number)[]> = {
      model: ["mf(dim=8,loss=bce)", "mf(dim=16)"],
      epochs: [1, 2],
      batch: [16, 32],
      accumulate: [2, 4],
      optimizer: ["adam", "sgd"],
      lr: [0.1, 1e-7],
      weightDecay: [0, 1e-4],
      rows: ["lazy", "dense-equivalent"],
      negatives: [1, 4],
      negativeSampling: ["uniform", "popularity"],
      missing: ["unlabelled", "negative"],
      patience: [2, 3],
      evalEvery: [1, 2],
      evalUsers: [10, 20],
      testUsers: [10, 20],
      backend: ["cpu", "wasm"],
      onNonFinite: ["stop", "skip"],
      diagnosticsEvery: [0, 5],
      schedule: ["cosine", "step(every=2,by=0.5)"],
      warmup: [0, 0.5],
      clipNorm: [1, 2],
      clipValue: [0.1, 0.2],
      clipTasks: [1, 2],
      minDelta: [0, 0.01],
      read: ["memory", "stream"],
      furtherBatches: ["drawn", "split"],
      heldOut: [0.05, 0.1],
      probabilities: ["corrected", "sampled"],
    };
    expect(Object.keys(values).sort()).toEqual([...sweptFields].sort());
    for (const [field, list] of Object.entries(values)) {
      for (const name of [field, hyphenated(field)]) {
        expect(request({ [name]: list }).grid).toEqual({ [field]: list });
      }
    }
  });

  it("takes what stands in a pool's braces as it is, also where a field is called so", () => {
    expect(request({ relax: [0.3, 0.7] }).grid).toEqual({ relax: [0.3, 0.7] });
    expect(request({ epochs: ["epoch", "step"] }, ["ew", "rlw(every={epochs})"]).grid).toEqual({
      epochs: ["epoch", "step"],
    });
  });

  it("refuses an unknown name with one error that lists what there is", () => {
    const message = (names: Plan["grid"]): string => {
      try {
        request(names);
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    expect(message({ "eval-evry": [1] })).toMatch(
      /^nothing is called eval-evry \(grid\): did you mean eval-every\? sweep one of relax, model, epochs, batch, .*weight-decay.*eval-users/,
    );
    expect(message({ temperature: [1] })).toMatch(
      /^nothing is called temperature \(grid\): sweep one of relax, model,/,
    );
    for (const name of ["data", "pool", "tasks", "seed", "metrics", "balance", "toString"]) {
      expect(message({ [name]: [1] })).toMatch(new RegExp(`^nothing is called ${name} `));
    }
  });

  it("refuses a field twice, and a value that the option does not take", () => {
    expect(() => request({ "weight-decay": [0], weightDecay: [1] })).toThrow(
      /weightDecay and weight-decay are one option \(grid\)/,
    );
    expect(() => request({ "eval-every": [1, 0] })).toThrow(/`evalEvery` is 0 \(grid\): give an integer in \[1, ∞\)/);
    expect(() => request({ optimizer: ["adam", "adm"] })).toThrow(/`optimizer` is adm.*adam/);
  });

  it("of recipes is the configuration's own", () => {
    for (const name of recipeNames()) {
      const recipe = loadRecipe(name);
      const impressions = ["like", "share"];
      const everything = { ...facts, tasks: { ...facts.tasks, impressions }, offers: () => true };
      const made = planFor({ recipe, config: {} }, everything);
      expect(made.grid).toEqual(recipe.grid ?? {});
      const grids = (contenders: readonly Contender[]) =>
        contenders.flatMap(({ label, grid }) => (grid ? [[label, grid]] : []));
      expect(grids(made.contenders)).toEqual(grids(recipe.contenders));
      for (const contender of made.contenders) {
        for (const point of gridOf(made, contender)) {
          const { pool } = configure(made, contender, point, 1);
          expect(nameAt({ label: contender.label, pool, point })).not.toMatch(/[{}…]/);
        }
      }
    }
  });
});

describe("a summary", () => {
  const made = plan({});
  const all = [
    ...tuningTrials(made, "h"),
    ...finalTrials(
      made,
      new Map([
        ["EW", {}],
        ["MB", { relax: 0.7 }],
      ]),
      "h",
    ),
  ];

  it("chooses by validation, never by test", () => {
    const records = all.map((trial) =>
      trial.label === "EW"
        ? ended(trial, 0.1)
        : trial.point["relax"] === 0.3
          ? ended(trial, 0.2, 0.9)
          : ended(trial, 0.3, 0.1),
    );
    const summary = summarizeSweep(made, records);
    expect(summary.contenders[1]?.point).toEqual({ relax: 0.7 });
    expect(summary.grid.filter((cell) => cell.chosen)).toHaveLength(1);
  });

  it("pairs by seed: a constant lead is a difference, one that noise explains is none", () => {
    const value = (seed: number): number => [0.1, 0.2, 0.31][seed - 1] as number;
    const lead = summarizeSweep(
      made,
      all.map((trial) =>
        favoured(trial, value(trial.config.seed) + (trial.label === "MB" ? 0.01 + trial.config.seed * 1e-4 : 0)),
      ),
    );
    expect(lead.contenders[1]?.versusBaseline["ndcg@10"]?.verdict).toBe("better");
    expect(lead.contenders.map((row) => row.rank)).toEqual([2, 1]);
    const noise = summarizeSweep(
      made,
      all.map((trial) =>
        favoured(
          trial,
          value(trial.config.seed) + (trial.label === "MB" ? [0.05, -0.04, 0.01][trial.config.seed - 1]! : 0),
        ),
      ),
    );
    expect(noise.contenders[1]?.versusBaseline["ndcg@10"]?.verdict).toBe("no difference shown");
  });

  it("counts a failed trial, leaves it out of means, and never chooses a point that failed", () => {
    const records = all.map((trial): TrialRecord =>
      trial.point["relax"] === 0.7
        ? { ...trial, status: "failed", error: "diverged", environment: {} }
        : ended(trial, 0.1 + trial.config.seed / 100),
    );
    const summary = summarizeSweep(made, records);
    expect(summary.contenders[1]?.point).toEqual({ relax: 0.3 });
    expect(summary.failures[0]).toEqual({ label: "MB", point: { relax: 0.7 }, seed: 1, error: "diverged" });
  });

  it("gives the relative improvement over single-task runs", () => {
    const multi = plan({
      base: config({ metrics: ["auc"], tasks: ["a", "b"], model: "click" }),
      contenders: [
        { label: "EW", pool: "ew" },
        { label: "Single a", pool: "ew", overrides: { tasks: ["a"] } },
        { label: "Single b", pool: "ew", overrides: { tasks: ["b"] } },
      ],
      seeds: [1],
      single: { a: "Single a", b: "Single b" },
    });
    const values: Record<string, Record<string, number>> = {
      EW: { auc: 0.66, "auc/a": 0.66, "auc/b": 0.66 },
      "Single a": { auc: 0.6, "auc/a": 0.6 },
      "Single b": { auc: 0.55, "auc/b": 0.55 },
    };
    const chosen = new Map(multi.contenders.map(({ label }) => [label, {}]));
    const records = finalTrials(multi, chosen, "h").map((trial) => {
      const record = ended(trial, 0);
      return { ...record, result: { ...record.result!, best: values[trial.label]!, test: values[trial.label]! } };
    });
    const [ew] = summarizeSweep(multi, records).contenders;
    expect(ew?.relativeImprovement["auc"]).toBeCloseTo((0.66 / 0.6 - 1 + (0.66 / 0.55 - 1)) / 2, 12);
  });
});

describe("recipes", () => {
  it.each(recipeNames())("%s names pools that exist, with options in range", async (name) => {
    const recipe = loadRecipe(name);
    for (const { pool, grid } of recipe.contenders) {
      for (const point of points(grid ?? {})) {
        const filled = Object.entries(point).reduce(
          (text, [key, value]) => text.replaceAll(`{${key}}`, String(value)),
          pool.replace("...", ""),
        );
        await expect(loadPool(filled), filled).resolves.toMatchObject({ pool: { spec: 1 } });
      }
    }
  });

  it.each(["gradcraft", "multibalance"])("%s can be trained: every contender takes a step", async (name) => {
    const set = generateShop({ users: 30, items: 40 });
    const recipe = loadRecipe(name);
    const model = (recipe.base.model as string)
      .replace("256-128-64", "8-4")
      .replace("ple-deepfm", "ple-deepfm(dim=4,expert=4,head=4)"); // the same modules, smaller
    const made = planFor({ recipe, config: { data: "shop", batch: 32, model } }, factsOf(set));
    const { tf } = await selectBackend("cpu", { log: null });
    for (const contender of made.contenders) {
      const trained = configure(made, contender, gridOf(made, contender)[0] ?? {}, 1);
      const { workload: named, options } = await loadWorkload(trained.model);
      const workload = named.make({ set, config: trained, options });
      const { pool, level } = await loadPool(trained.pool);
      const engine = createEngine({
        model: workload.model as TensorModel,
        tf,
        pool,
        optimizer: { name: trained.optimizer, learningRate: trained.lr },
        ...(level === undefined ? {} : { level }),
        ...(trained.balance === null ? {} : { balance: trained.balance }),
      });
      const { losses } = engine.step({ ...workload.feed.next(), step: 1, epoch: 1 });
      expect(
        losses.some((loss) => Number.isFinite(loss)),
        contender.label,
      ).toBe(true);
      engine.dispose();
    }
  });

  it("refuse data that lacks what they need, with where to get it", () => {
    expect(() => planFor({ recipe: loadRecipe("gradcraft"), config: {} }, facts)).toThrow(
      /needs impressions.*this set has no impressions.*WeChat/,
    );
  });

  it("spell out tasks, leave out contenders whose tasks the data lacks, and refuse unknown names", () => {
    const made = planFor({ recipe: loadRecipe("pmtrec"), config: {} }, facts);
    expect(made.base.tasks).toEqual(["buy", "social", "also_viewed"]);
    const without = planFor(
      { recipe: loadRecipe("pmtrec"), config: {} },
      { ...facts, tasks: { ...facts.tasks, itemPairs: [] } },
    );
    expect(without.contenders.map(({ label }) => label)).not.toContain("BPR + T2");
    expect(() => loadRecipe("thesiss")).toThrow(/unknown recipe thesiss.*thesis/);
  });

  it("have points chosen by as many seeds as are asked for, of those that are run", () => {
    const recipe = loadRecipe("thesis", "small");
    const tuned = (tuningSeeds: number): Plan => planFor({ recipe, config: {}, seeds: 5, tuningSeeds }, facts);
    expect(planFor({ recipe, config: {}, seeds: 5 }, facts).tuningSeeds).toEqual([1]);
    expect(tuned(3).tuningSeeds).toEqual([1, 2, 3]);
    expect(tuned(3).budget?.differences).toContain("every point has 3 seeds, in full 1");
    expect(() => tuned(6)).toThrow(/points by 6 seeds of 5 .*at most 5/);
  });

  it("are files that users write, with little in them, and with errors that name what is wrong", () => {
    const folder = mkdtempSync(join(tmpdir(), "recipe-"));
    const path = join(folder, "mine.json");
    const load = (recipe: unknown): Recipe => {
      writeFileSync(path, typeof recipe === "string" ? recipe : JSON.stringify(recipe));
      return loadRecipe(path);
    };
    const contenders = [{ label: "EW", pool: "ew" }];
    const recipe = load({ contenders, base: { lr: 0.01 }, grid: { "weight-decay": [0, 1e-4] } });
    expect(recipe).toMatchObject({ name: "mine", title: "mine", seeds: [1, 2, 3], tuningSeeds: [1] });
    expect(planFor({ recipe, config: {} }, facts)).toMatchObject({
      base: { lr: 0.01 },
      grid: { weightDecay: [0, 1e-4] },
      baseline: "EW",
    });
    expect(() => load("{")).toThrow(/not JSON .*mine\.json/);
    expect(() => load('{ "grid": { "lr": [1e999] } }')).toThrow(
      /^1e999 is beyond what a number holds .*mine\.json, line 1/,
    );
    expect(() => load([])).toThrow(/the recipe is \[\]/);
    expect(() => load({})).toThrow(/contenders is missing .*"label"/);
    expect(() => load({ contenders: [] })).toThrow(/contenders is \[\] .*"label"/);
    expect(() => load({ contenders: [{ pool: "ew" }] })).toThrow(/contenders\[1\]\.label is missing .*give a text/);
    expect(() => load({ contenders: [{ ...contenders[0], pools: "ew" }] })).toThrow(
      /unknown field pools of contenders\[1\] .*did you mean pool\?/,
    );
    expect(() => load({ contenders, grid: { lr: 0.1 } })).toThrow(/grid\.lr is 0\.1 .*give a list/);
    expect(() => load({ contenders, single: "yes" })).toThrow(/single is "yes" .*true or false/);
    expect(() => load({ contenders, baseline: "EV" })).toThrow(/no contender EV, the baseline .*did you mean EW/);
    expect(() => load(`{"contenders":[{"label":"EW","pool":"ew"}],"__proto__":{"seeds":[1]}}`)).toThrow(
      /unknown field __proto__/,
    );
    expect(() => load({ contenders, seed: [1] })).toThrow(/unknown field seed .*seeds/);
    expect(() => load({ contenders, seeds: [] })).toThrow(/seeds is \[\]/);
    expect(() => load({ contenders, base: { learningRate: 1 } })).toThrow(
      /unknown option learningRate \(recipe .*, base\)/,
    );
    expect(() => load({ contenders, base: { lr: "0.1" } })).toThrow(
      /`lr` is "0.1" \(.*base\): give a number in \[0, ∞\)/,
    );
    expect(() => load({ contenders: [{ ...contenders[0], overrides: { epoch: 1 } }] })).toThrow(
      /unknown option epoch \(.*overrides of EW\): did you mean epochs/,
    );
    expect(() => loadRecipe(join(folder, "none.json"))).toThrow(/cannot be read .*none\.json/);
    rmSync(folder, { recursive: true });
  });

  it("take pools, seeds and grids from flags, with EW as the baseline where it is named", () => {
    const recipe: Recipe = loadRecipe("demo");
    const made = planFor(
      { recipe, config: { lr: 0.5 }, pools: ["pcgrad", "ew"], seeds: 2, grid: { lr: [1, 2] } },
      facts,
    );
    expect(made).toMatchObject({
      baseline: "ew",
      seeds: [1, 2],
      grid: { lr: [1, 2] },
      name: "bench",
      title: "pcgrad, ew on the embedded shop",
    });
    const single: DataFacts = { ...facts, tasks: { ...facts.tasks, behaviors: ["buy"] } };
    expect(planFor({ recipe, config: { data: "/sets/mine", tasks: ["buy"] } }, single).title).toBe("7 pools on mine");
    expect(() => planFor({ recipe, config: {}, pools: ["ew", "ew"] }, facts)).toThrow(/ew stands twice/);
  });
});
