import { createRandom, type GradientPool, poolContext, taskGradients, taskSet } from "@gradpool/core";
import { loadPool } from "@gradpool/registry";
import type { DataFacts } from "@gradpool/runs";
import { describe, expect, it } from "vitest";
import type { Contender, Plan } from "../src/results/types.js";
import { withBudget } from "../src/recipes/budget.js";
import { loadRecipe, recipeNames } from "../src/recipes/recipe.js";
import { configure, gridOf } from "../src/search/trials.js";
import { planFor } from "./plan-for.js";

/** Data that offers all that any recipe asks for. */
const factsFor = (labels: boolean): DataFacts => ({
  target: labels ? "a" : "buy",
  tasks: {
    behaviors: labels ? [] : ["buy", "cart", "fav"],
    itemPairs: ["also_viewed", "also_bought"],
    impressions: labels ? ["a", "b", "c", "d", "e", "f"] : [],
  },
  offers: () => true,
  values: "ratings",
});

const isOfLabels = (name: string): boolean => /^(gradcraft|multibalance)/.test(name);
const budgets = recipeNames().flatMap((name) =>
  [undefined, ...Object.keys(loadRecipe(name).budgets ?? {})].map((budget) => [name, budget] as const),
);
const planAt = (name: string, budget?: string): Plan =>
  planFor({ recipe: loadRecipe(name, budget), config: {} }, factsFor(isOfLabels(name)));

/** What a pool answers to six steps, two an epoch, of conflicting gradients of unequal size: two tensors, and with `table` an embedding table. */
async function wayOf(specifier: string, size: number, table: boolean): Promise<readonly number[]> {
  const { pool, level } = (await loadPool(specifier)) as { pool: GradientPool<unknown>; level?: string };
  const random = createRandom(5);
  const tasks = taskSet(size);
  let step = 1;
  let state = pool.init(tasks);
  // One direction, that every second task opposes, and noise; each task larger than the one before, or smaller, by turns.
  const draw = (count: number): ((task: number) => Float64Array) => {
    const common = Float64Array.from({ length: count }, () => random.uniform() - 0.5);
    return (task) =>
      common.map(
        (x) =>
          ((task % 2 === 0 ? x : -x) + 0.6 * (random.uniform() - 0.5)) * (1 + 2 * task) ** (step % 2 === 0 ? 1 : -1),
      );
  };
  const each = <T>(make: (task: number) => T): T[] => tasks.names.map((_, task) => make(task));
  const way: number[] = [];
  for (step = 1; step <= 6; step++) {
    const ids = [0, 1, 2, 3, 4];
    const [inTable, inLayer, inBias] = [draw(15), draw(6), draw(3)];
    const rows = { name: "table", width: 3, rows: each((task) => ({ ids, values: inTable(task) })) };
    const layers = [
      { name: "layer", values: each(inLayer) },
      { name: "bias", values: each(inBias) },
    ];
    const gradients = taskGradients({ parameters: table ? [rows, ...layers] : layers });
    const losses = each((task) => 0.2 + random.uniform() * (task + 1));
    const context = poolContext({ tasks, step, epoch: 10 * Math.ceil(step / 2), seed: 1, losses });
    const { combined, state: next } = pool.pool(gradients, context, state);
    state = next;
    for (const name of table ? ["table", "layer", "bias"] : ["layer", "bias"]) way.push(...combined.value(name));
  }
  // The level is where it acts: the same rule elsewhere is another method.
  return [...way, level === undefined ? 0 : level.length];
}

const isAlike = (a: readonly number[], b: readonly number[]): boolean => {
  const most = Math.max(...a.map(Math.abs));
  return a.length === b.length && a.every((value, k) => Math.abs(value - (b[k] as number)) <= 1e-6 * most);
};

/** All that a contender may come to: what every point of its grid sets, and what its pool does there. */
async function possible(plan: Plan, contender: Contender, ways: Map<string, readonly number[]>) {
  return Promise.all(
    gridOf(plan, contender).map(async (point) => {
      const { pool, ...config } = configure(plan, contender, point, 1);
      const key = `${pool} ${config.tasks.length}`;
      // Of labels, what is balanced is dense: some methods keep running gradients, which tables have none of.
      const way = ways.get(key) ?? (await wayOf(pool, config.tasks.length, !isOfLabels(plan.name)));
      ways.set(key, way);
      return { config: JSON.stringify(config), way };
    }),
  );
}

type Possible = Awaited<ReturnType<typeof possible>>;
const within = (a: Possible, b: Possible): boolean =>
  a.every((one) => b.some((other) => one.config === other.config && isAlike(one.way, other.way)));

/** Pairs of contenders of which neither can come to anything that the other cannot. */
async function sameContenders(plan: Plan): Promise<readonly string[]> {
  const ways = new Map<string, readonly number[]>();
  const all: (readonly [string, Possible])[] = [];
  for (const contender of plan.contenders)
    if (contender.role === undefined) all.push([contender.label, await possible(plan, contender, ways)]);
  return all.flatMap(
    ([label, own], k) =>
    all.slice(k + 1).flatMap(([other, theirs]) => (within(own, theirs) && within(theirs, own) ? [`${label} and ${other}`] : [])), // prettier-ignore
  );
}

describe("contenders that cannot differ", () => {
  /** A β that is the default too: the same method under its name, and as a point of a curve. */
  const meant: Readonly<Record<string, readonly string[]>> = {
    multibalance: ["MultiBalance and MultiBalance beta=1"],
  };

  it.each(budgets)("are in no recipe: %s, budget %s", { timeout: 60_000 }, async (name, budget) => {
    const found = await sameContenders(planAt(name, budget));
    expect(found.filter((pair) => !(meant[name] ?? []).includes(pair))).toEqual([]);
  });

  it("are found: an epsilon that is too small to act, an option that is the default, a name twice", async () => {
    const plan = planAt("gradcraft", "small");
    const contenders: readonly Contender[] = [
      { label: "GradCraft", pool: "gradcraft(tau=0.5,epsilon=1e-10)" },
      { label: "fix-epsilon", pool: "gradcraft(tau=0.5,epsilon=0)" },
      { label: "PCGrad", pool: "pcgrad" },
      { label: "PCGrad again", pool: "pcgrad(against=all)" },
      { label: "elsewhere", pool: "pcgrad@representation" },
    ];
    expect(await sameContenders({ ...plan, contenders })).toEqual([
      "GradCraft and fix-epsilon",
      "PCGrad and PCGrad again",
    ]);
  });
});

describe("running gradients", () => {
  it("are kept by nobody at the representation, whose rows are other examples in every step", () => {
    const pools = recipeNames().flatMap((name) => loadRecipe(name).contenders.map(({ pool }) => pool));
    const averaged = pools.filter((pool) => /^(moco|db-mtl).*@representation/.test(pool) && !/beta=0[,)]/.test(pool));
    expect(averaged).toEqual([]);
    expect(pools.filter((pool) => pool.startsWith("db-mtl")).length).toBeGreaterThan(2);
  });
});

describe("budgets", () => {
  it("name as a difference only what differs", () => {
    const recipe = {
      ...loadRecipe("demo"),
      budgets: { short: { base: { batch: loadRecipe("demo").base.batch, epochs: 2 } } },
    };
    expect(withBudget(recipe as never, "short").budget?.differences).toEqual([
      `epochs is 2, in full ${loadRecipe("demo").base.epochs}`,
    ]);
  });

  it("say what was run where something was asked for over them", () => {
    const recipe = loadRecipe("thesis", "small");
    const differences = (asked: object): readonly string[] =>
      planFor({ recipe, config: {}, ...asked }, factsFor(false)).budget?.differences ?? [];
    const over = differences({ config: { epochs: 6, batch: 256 }, seeds: 5, grid: { lr: [0.01, 0.001] } });
    expect(over).toContain("epochs is 6, in full 20");
    expect(over).toContain("searched is lr 0.01, 0.001; in full weightDecay 1e-7, 0.000911882");
    expect(over.filter((line) => /^batch|seeds/.test(line))).toEqual([]);
    expect(differences({ pools: ["ew", "rlw"] }).filter((line) => /^(left out|of )/.test(line))).toEqual([]);
    expect(differences({})).toEqual(recipe.budget?.differences);
  });

  it.each(budgets)("give every pool the same number of points to choose from: %s, budget %s", (name, budget) => {
    const plan = planAt(name, budget);
    // A sensitivity curve is no comparison: it runs one method at every point.
    const compared = plan.contenders.filter(({ role, group }) => role !== "reference" && group !== "sensitivity");
    const counts = compared.map((contender) => `${gridOf(plan, contender).length}`);
    expect(new Set(counts).size, compared.map(({ label }, k) => `${label} ${counts[k]}`).join(", ")).toBe(1);
  });

  it("are a part of every recipe of a paper, and say in words what they change", () => {
    const whole = recipeNames().filter((name) => loadRecipe(name).budgets === undefined);
    expect(whole).toEqual(["demo"]);
    const { budget, seeds, contenders } = loadRecipe("thesis", "small");
    expect(seeds).toEqual([1, 2]);
    expect(contenders.map(({ label }) => label)).not.toContain("GradCraft");
    expect(budget?.name).toBe("small");
    expect(budget?.differences).toContain("epochs is 4, in full 20");
    expect(budget?.differences).toContain("2 seeds, in full 5");
    expect(budget?.differences.find((line) => line.startsWith("left out:"))).toContain("GradCraft");
    expect(planAt("thesis", "small").budget).toEqual(budget);
    expect(planAt("thesis").budget).toBeUndefined();
  });

  it("that there are not are refused, and so are labels that name nobody", () => {
    expect(() => loadRecipe("thesis", "smal")).toThrow(
      "the recipe thesis has no budget smal (budget): did you mean small?",
    );
    expect(() => loadRecipe("demo", "small")).toThrow("the recipe has one schedule");
    const recipe = { ...loadRecipe("demo"), budgets: { short: { leaveOut: ["PCGard"] } } };
    expect(() => withBudget(recipe, "short")).toThrow(
      "no contender PCGard (budgets of recipe demo): did you mean PCGrad?",
    );
  });
});

describe("plans of recipes", () => {
  it("spread a static weight over as many tasks as a contender learns", () => {
    const pools = (name: string) => planAt(name).contenders.find(({ label }) => label === "Static weights")?.pool;
    expect(pools("gradcraft")).toBe("constant(weights=[1,{w},{w},{w},{w},{w}])");
    expect(pools("pmtrec-epinions")).toBe("constant(weights=[1,{w},{w}])");
  });

  it("hold exactly the paper's two side tasks, whatever else the data offers", () => {
    expect(planAt("pmtrec-epinions").base.tasks).toEqual(["buy", "social", "category"]);
    expect(planAt("pmtrec-games").base.tasks).toEqual(["buy", "also_viewed", "also_bought"]);
    expect(planAt("pmtrec-office").base.tasks).toEqual(["buy", "au", "rating"]);
  });

  it("learn Office's ratings as the paper says them, whatever the encoder, and standardised ones as the other reading", () => {
    const learning = (name: string): readonly (readonly [string, string])[] => {
      const { base, contenders } = planAt(name);
      return contenders.flatMap(({ label, overrides }) =>
        (overrides?.tasks ?? base.tasks).includes("rating") ? [[label, overrides?.model ?? base.model] as const] : [],
      );
    };
    const office = learning("pmtrec-office").map(([, model]) => model);
    expect(new Set(office.map((model) => model.split("(")[0]))).toEqual(new Set(["mf", "ngcf", "lightgcn"]));
    expect(office.filter((model) => !model.includes("ratings=raw"))).toEqual([]);
    const standardised = learning("pmtrec-readings").filter(([, model]) => !model.includes("ratings=raw"));
    expect(standardised.map(([label]) => label)).toEqual(["EW, standardised ratings", "PMTRec, standardised ratings"]);
  });

  it("of rankings have the target alone, popularity and item neighbours", () => {
    for (const name of recipeNames().filter((one) => !isOfLabels(one))) {
      const roles = planAt(name).contenders.flatMap(({ label, role }) => (role === undefined ? [] : label));
      expect(roles, name).toEqual(expect.arrayContaining(["Popularity", "ItemKNN"]));
      expect(
        planAt(name).contenders.some(({ role }) => role === "alone"),
        name,
      ).toBe(true);
    }
  });

  it("compare prefixes of the tasks with what learns the same ones", () => {
    const { contenders } = planAt("gradcraft-tasks");
    const three = contenders.filter(({ overrides }) => overrides?.tasks?.length === 3);
    expect(three).toHaveLength(11);
    for (const { overrides, baseline } of three) {
      expect(overrides?.tasks).toEqual(["a", "b", "c"]);
      expect(baseline).toBe("EW, T = 3");
    }
  });
});
