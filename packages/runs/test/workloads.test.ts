import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type BprBatch, generateShop } from "@gradpool/data";
import { afterAll, describe, expect, it } from "vitest";
import { factsOf } from "../src/data/facts.js";
import { absoluteData, parseData } from "../src/data/spec.js";
import { accepts } from "../src/options/spec.js";
import { defaultConfig } from "../src/options/training.js";
import { train } from "../src/run/train.js";
import { workloads } from "../src/workloads/list.js";
import { loadWorkload } from "../src/workloads/load.js";
import { expandTasks } from "../src/workloads/tasks.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-workloads-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const set = generateShop({ users: 60, items: 50 });

describe.each(workloads.map((workload) => [workload.name, workload] as const))("the workload %s", (name, workload) => {
  it("describes its options, and takes their defaults", async () => {
    for (const [option, spec] of Object.entries(workload.options)) {
      expect(accepts(spec, spec.default), option).toBe(true);
      expect(spec.description, option).not.toBe("");
    }
    const { options } = await loadWorkload(name);
    expect(Object.keys(options)).toEqual(Object.keys(workload.options));
  });

  it("refuses an option that it has not, a value out of range, and a task that the data lacks", async () => {
    const remedy = "dim" in workload.options ? "did you mean dim?" : "the";
    await expect(loadWorkload(`${name}(dims=3)`)).rejects.toThrow(`unknown option dims (model ${name}): ${remedy}`);
    const counted = Object.entries(workload.options).filter(([, spec]) => spec.type === "number" && spec.min === 1);
    for (const [option] of counted)
      await expect(loadWorkload(`${name}(${option}=0)`)).rejects.toThrow(`${option} is 0 (model ${name}): give an`);
    const { options } = await loadWorkload(name);
    expect(() => workload.make({ set, config: { ...defaultConfig, tasks: ["nothing"] }, options })).toThrow(
      /tasks|model/,
    );
  });

  it("has metrics, and tasks for data that it can learn", () => {
    expect(workload.metrics.length).toBeGreaterThan(0);
    const labels = { ...factsOf(set), tasks: { behaviors: ["buy"], itemPairs: [], impressions: ["like"] } };
    expect(expandTasks(["*"], labels, workload).length).toBe(1);
  });
});

describe("names of tasks", () => {
  const mf = workloads.find(({ name }) => name === "mf")!;
  const facts = factsOf(set);

  it("count once where two of them stand for the same task", () => {
    expect(expandTasks(["target", "*"], facts, mf)).toEqual(expandTasks(["*"], facts, mf));
  });

  it("are refused where one is given twice: a comparison of tasks would have trained one", () => {
    expect(() => expandTasks(["buy", "cart", "buy"], facts, mf)).toThrow(
      "buy is named twice (tasks): name each task once",
    );
  });
});

describe("negatives of models whose tasks have batches of their own", () => {
  /** Of 40 batches of the target: how many negatives the user has in the cart, and how many among the target's own. */
  async function drawn(model: string) {
    const { workload, options } = await loadWorkload(model);
    const config = { ...defaultConfig, tasks: ["buy"], batch: 32, negatives: 4 };
    const { feed } = workload.make({ set, config, options });
    const has = (task: string, user: number, item: number): boolean => {
      const { offsets, items } = set.behaviors[task]!.train;
      return items.subarray(offsets[user], offsets[user + 1]).includes(item);
    };
    const found = { buy: 0, cart: 0 };
    for (let batch = 0; batch < 40; batch++) {
      const [first] = feed.next().batches ?? [];
      const { users, negatives } = first as BprBatch;
      negatives.forEach((item, k) => {
        const user = users[Math.floor(k / 4)] as number;
        for (const task of ["buy", "cart"] as const) if (has(task, user, item)) found[task]++;
      });
    }
    return found;
  }

  it.each(["mf", "lightgcn", "ngcf"])(
    "of %s may be what another behaviour has, unless that is excluded",
    async (name) => {
      const own = await drawn(name);
      expect(own.buy).toBe(0);
      expect(own.cart).toBeGreaterThan(50);
      expect(await drawn(`${name}(exclude=all)`)).toEqual({ buy: 0, cart: 0 });
    },
  );
});

describe("start values of mf", () => {
  it("are Xavier's, or normal with the deviation that was given", async () => {
    const init = async (model: string): Promise<unknown> => {
      const { workload, options } = await loadWorkload(model);
      return workload.make({ set, config: { ...defaultConfig, tasks: ["buy"] }, options }).model.options["init"];
    };
    expect(await init("mf")).toEqual({ kind: "xavier" });
    expect(await init("mf(init=normal)")).toEqual({ kind: "normal", std: 0.01 });
    expect(await init("mf(init=normal,std=0.1)")).toEqual({ kind: "normal", std: 0.1 });
  });
});

describe("a graph encoder's workload", () => {
  const shop = "shop(users=80,items=60,seed=3)";
  const run = (model: string, out: string, more: object = {}) =>
    train({
      config: {
        data: shop,
        model,
        tasks: ["buy", "cart"],
        epochs: 2,
        batch: 64,
        lr: 0.05,
        metrics: ["ndcg@10"],
        ...more,
      },
      out: join(folder, out),
    });

  it.each([
    "lightgcn(dim=8,layers=2)",
    "ngcf(dim=8,layers=8-4,form=recbole)",
    "lightgcn(dim=8,edges=target+cart+0.5*social,init=xavier)",
  ])("trains %s with any pool at any level", async (model) => {
    const results = [];
    for (const pool of ["ew", "pcgrad@representation", "pcgrad", "pmtrec"]) {
      const { result } = await run(model, `${model}-${pool}`, { pool });
      results.push(result.test?.["ndcg@10"]);
    }
    expect(results.every((value) => (value as number) > 0)).toBe(true);
    expect(new Set(results).size).toBeGreaterThan(1);
  });

  it("says how many have no edge, where some have none", async () => {
    const notes: string[] = [];
    const config = { data: "shop(users=30,items=40)", epochs: 1, metrics: ["ndcg@10"] };
    const onNote = (line: string): unknown => notes.push(line);
    await train({ config: { ...config, model: "lightgcn(dim=4,edges=social)" }, out: join(folder, "alone"), onNote });
    expect(notes.join("\n")).toMatch(
      /\d+ of 30 users and 40 of 40 items have no edge in the graph: their rows stay their own/,
    );
    notes.length = 0;
    await train({ config: { ...config, model: "mf(dim=4)" }, out: join(folder, "without"), onNote });
    expect(notes.join("\n")).not.toContain("no edge");
  });

  it("refuses edges that the data lacks", async () => {
    await expect(run("lightgcn(edges=target+friends)", "edges")).rejects.toThrow(
      /no edges friends \(edges\): the data has buy/,
    );
    for (const edges of ["target+0*cart", "target+-1*cart", "target+half*cart", "target+*cart"])
      await expect(run(`lightgcn(edges=${edges})`, "weights")).rejects.toThrow(
        /edges .*cart \(edges\): give a weight above 0, as 0.5\*social, or leave them out/,
      );
  });
});

/** A third party's model: ours under another name, with an option of its own, as a module that imports nothing of the project's. */
const module = (name: string): string => `
export const workloads = [{
  spec: 1, name: "${name}", summary: "popularity by hand", metrics: ["ndcg@10"],
  options: { weight: { type: "number", min: 0, default: 1, description: "of the score" } },
  allTasks: ({ target }) => [target],
  make({ set, config, options }) {
    const table = { name: "items", rows: set.items, dim: 1, init: { kind: "zeros" } };
    globalThis.asked = { tasks: config.tasks, weight: options.weight, users: set.users, table };
    throw new RangeError("made as far as it goes");
  },
}];
`;

describe("a third party's workload", () => {
  it("is found by its path, gets its options checked, and says what * is", async () => {
    writeFileSync(join(folder, "mine.mjs"), module("mine"));
    const model = `${join(folder, "mine.mjs")}(weight=2)`;
    const { workload, options } = await loadWorkload(model);
    expect([workload.name, options]).toEqual(["mine", { weight: 2 }]);
    const run = train({ config: { data: "shop(users=60,items=50)", model, tasks: ["*"] }, out: join(folder, "run") });
    await expect(run).rejects.toThrow("made as far as it goes");
    expect((globalThis as { asked?: unknown }).asked).toMatchObject({ tasks: ["buy"], weight: 2, users: 60 });
    await expect(loadWorkload(`${join(folder, "mine.mjs")}(weight=-1)`)).rejects.toThrow(/weight is -1 .*\[0, ∞\)/);
  });

  it("is named where a module has several, and refused with the reason where there is none", async () => {
    const path = join(folder, "two.mjs");
    writeFileSync(
      path,
      `${module("a").replace("];", "")}, { ...{}, spec: 1, name: "b", summary: "", metrics: [], options: {}, allTasks: () => [], make() {} }];`,
    );
    await expect(loadWorkload(path)).rejects.toThrow(/2 models in one module .*two\.mjs:a \|/);
    expect((await loadWorkload(`${path}:b`)).workload.name).toBe("b");
    writeFileSync(join(folder, "none.mjs"), "export const answer = 42;\n");
    await expect(loadWorkload(join(folder, "none.mjs"))).rejects.toThrow(/no list of workloads/);
    writeFileSync(join(folder, "future.mjs"), module("future").replace("spec: 1", "spec: 2"));
    await expect(loadWorkload(join(folder, "future.mjs"))).rejects.toThrow(/a workload of version 2/);
    await expect(loadWorkload("mff")).rejects.toThrow(/unknown model mff \(model\): did you mean mf\?/);
  });
});

describe("what names data", () => {
  it("is the generator only by its own name: a folder that begins like it is a folder", () => {
    expect(parseData("shop(users=60)")).toEqual({ kind: "shop", options: { users: 60 } });
    expect(absoluteData("shop")).toBe("shop");
    for (const path of ["shop-2025", "shops", "./shop", "shop/2025"]) {
      expect(parseData(path)).toEqual({ kind: "folder", path });
      expect(absoluteData(path)).toBe(resolve(path));
    }
  });
});

describe("a run", () => {
  it("spells out what it was not told, and writes it down", async () => {
    const out = join(folder, "spelt");
    const { config } = await train({ config: { data: "shop(users=60,items=50)", epochs: 1 }, out });
    expect(config).toMatchObject({ tasks: ["buy", "cart", "pv", "fav"], lr: 0.001 });
    expect(config.metrics[0]).toBe("ndcg@10");
    expect(JSON.parse(readFileSync(join(out, "config.json"), "utf8"))).toEqual(config);
  });
});

describe("what * stands for", () => {
  const facts = {
    ...factsOf(set),
    target: "buy",
    tasks: { behaviors: ["buy"], itemPairs: [], impressions: ["like", "buy"] },
  };

  it("puts the set's target first among labels, and keeps a funnel's order", () => {
    const first = workloads.filter(({ allTasks }) => allTasks(facts)[0] === "buy").map(({ name }) => name);
    expect(first).toContain("click");
    expect(
      expandTasks(
        ["*"],
        facts,
        workloads.find(({ name }) => name === "click")!,
      ),
    ).toEqual(["buy", "like"]);
    for (const name of ["esmm", "aitm"]) expect(first).not.toContain(name);
  });
});
