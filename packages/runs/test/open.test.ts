import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "@gradpool/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRun } from "../src/open/open-run.js";
import { train } from "../src/run/train.js";
import type { RunFile } from "../src/run/messages.js";
import type { RankOptions, TrainedRun } from "../src/open/contract.js";
import { clickLog, shopLog } from "./shop-files.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-open-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const common = { epochs: 2, batch: 64, backend: "cpu" } as const;

beforeAll(async () => {
  writeFileSync(at("shop.csv"), shopLog());
  writeFileSync(at("clicks.csv"), clickLog());
  const columns = { user: "customer", item: "product" };
  await prepare({
    format: "csv",
    input: [at("shop.csv")],
    columns: { ...columns, behavior: "event" },
    target: "buy",
    out: at("shop"),
  });
  await prepare({
    format: "csv",
    input: [at("clicks.csv")],
    columns: { ...columns, label: "clicked+bought", features: "device+price" },
    out: at("clicks"),
  });
});

/** Trains once, moves the data away, and opens what is left. */
async function opened(
  name: string,
  data: string,
  model: string,
): Promise<{ readonly run: TrainedRun; readonly file: RunFile }> {
  const copy = at(`${name}-data`);
  cpSync(at(data), copy, { recursive: true });
  const file = await train({ config: { ...common, data: copy, model }, out: at(name), onNote: () => undefined });
  renameSync(copy, `${copy}-gone`);
  return { run: await openRun(at(name)), file };
}

/** Lists by the rows of their columns. */
async function fromColumns(run: TrainedRun, users: Iterable<string> | AsyncIterable<string>, options: RankOptions) {
  const lists: { user: string; known: boolean; items: { item: string; score: number | null }[] }[] = [];
  for await (const { rows, columns } of run.recommendColumns(users, options)) {
    const [user, rank, item, score, known] = columns;
    for (let row = 0; row < rows; row++) {
      const at = (column: { words: readonly string[]; codes: Int32Array }) => column.words[column.codes[row] as number] as string; // prettier-ignore
      if (rank[row] === 1) lists.push({ user: at(user), known: known[row] === 1, items: [] });
      const list = lists.at(-1);
      expect(list?.items.push({ item: at(item), score: Number.isNaN(score[row]) ? null : (score[row] as number) })).toBe(rank[row]); // prettier-ignore
    }
  }
  return lists;
}

describe.each(["mf(dim=8)", "shared-bottom(dim=4)", "lightgcn(dim=8)"])(
  "a run of %s, opened without its data",
  (model) => {
    let run: TrainedRun;
    let file: RunFile;
    beforeAll(async () => {
      ({ run, file } = await opened(model.split("(")[0] as string, "shop", model));
    }, 120_000);
    afterAll(() => run.dispose());

    it("evaluates to the very numbers of training", async () => {
      const { tasks } = await run.evaluate();
      expect(tasks["buy"]?.values).toEqual(file.result.test);
    });

    it("recommends by the ids of the source files what the users have not chosen", async () => {
      const lists = await run.recommend(["anna-3", "nobody", "anna-7"], { k: 5 });
      expect(lists.map(({ user, known }) => [user, known])).toEqual([
        ["anna-3", true],
        ["nobody", false],
        ["anna-7", true],
      ]);
      const bought = new Set(
        shopLog()
          .split("\n")
          .filter((line) => line.startsWith("anna-3,") && line.includes(",buy"))
          .map((line) => line.split(",")[1]),
      );
      for (const { item } of lists[0]?.items ?? []) expect(bought.has(item)).toBe(false);
      expect(lists[1]?.items.every(({ score }) => score === null)).toBe(true);
    });

    it("gives the same lists as columns, users twice and new ones among them", async () => {
      const users = ["anna-3", "nobody", "anna-7", "anna-3", "noone"];
      for (const options of [
        { k: 5 },
        { k: 40 },
        { k: 2, candidates: ["toy 3", "toy 12"], exclude: "none" },
      ] as const) {
        expect(await fromColumns(run, users, options)).toEqual(await run.recommend(users, options));
      }
    });

    // A tensor model, whose scores are made on the calling thread, would take half a minute for so many users.
    it.skipIf(model.startsWith("shared"))(
      "ranks ahead of what is taken: chunks in their order, an early end, and an error of the source once",
      async () => {
        const some = ["anna-3", "nobody", "anna-7"];
        const users = Array.from({ length: 9001 }, (_, at) => some[at % 3] as string);
        const lists = await run.recommend(some, { k: 1 });
        expect(await fromColumns(run, users, { k: 1 })).toEqual(users.map((_, at) => lists[at % 3]));
        for await (const list of run.recommendEach(users, { k: 1 })) {
          expect(list).toEqual(lists[0]);
          break;
        }
        async function* broken() {
          yield* users;
          throw new Error("no more");
        }
        await expect(fromColumns(run, broken(), { k: 1 })).rejects.toThrow("no more");
      },
    );

    it("scores pairs as its rankings do", async () => {
      const [list] = await run.recommend(["anna-5"], { k: 6, exclude: "none" });
      const pairs = (list?.items ?? []).map(({ item }) => ({ user: "anna-5", item }));
      const scores = await run.score(pairs);
      list?.items.forEach(({ score }, k) => expect(scores[k]).toBeCloseTo(score as number, 5));
    });

    it("ranks candidates only, in the order of the whole list", async () => {
      const [whole] = await run.recommend(["anna-2"], { k: 40, exclude: "none" });
      const candidates = ["toy 3", "toy 30", "toy 12", "toy 21"];
      const [some] = await run.recommend(["anna-2"], { k: 4, exclude: "none", candidates });
      const order = (whole?.items ?? []).map(({ item }) => item).filter((item) => candidates.includes(item));
      expect(some?.items.map(({ item }) => item)).toEqual(order);
    });

    it("finds items alike, by cosine", async () => {
      const [{ items = [] } = {}] = await run.similarItems(["toy 3"], 4);
      expect(items).toHaveLength(4);
      expect(items.some(({ item }) => item === "toy 3")).toBe(false);
      const { ids, dim, values } = run.embeddings("items");
      const row = (id: string): Float32Array => values.subarray(ids.indexOf(id) * dim, (ids.indexOf(id) + 1) * dim);
      const dot = (a: Float32Array, b: Float32Array): number =>
        a.reduce((sum, value, d) => sum + value * (b[d] as number), 0);
      const [x, y] = [row("toy 3"), row(items[0]?.item ?? "")];
      expect(items[0]?.score).toBeCloseTo(dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y)), 5);
    });

    it("judges other pairs, and counts those that it does not know", async () => {
      const pairs = [
        { user: "anna-1", item: "toy 2" },
        { user: "nobody", item: "toy 2" },
      ];
      const { unknown, tasks } = await run.evaluate({ pairs, metrics: ["hr@40"] });
      expect(unknown).toBe(1);
      expect(tasks["buy"]?.users).toEqual(["anna-1"]);
    });

    it("refuses in one line what it cannot do", async () => {
      await expect(run.recommend(["anna-1"], { k: 500 })).rejects.toThrow(/`k` is 500, and the catalogue has 40 items/);
      await expect(run.recommend(["anna-1"], { task: "rent" })).rejects.toThrow(/the run has no task rent/);
      await expect(run.similarItems(["toy 99"])).rejects.toThrow(/item toy 99 is not in the run's data/);
      await expect(run.score([{ user: "bob", item: "toy 1" }])).rejects.toThrow(/user bob is not in the run's data/);
    });
  },
);

describe("a run of click, opened", () => {
  let run: TrainedRun;
  beforeAll(async () => {
    ({ run } = await opened("click", "clicks", "click(dim=4,trunk=8,head=4)"));
  }, 120_000);
  afterAll(() => run.dispose());

  it("predicts every task's probability as the evaluation does, whatever the row names", async () => {
    const rows = [
      { user: "anna-1", item: "toy 2", device: "phone", price: 12 },
      { user: "anna-1", item: "toy 2", device: "phone", price: 90 },
      { user: "nobody", item: "toy 2", device: "watch", price: "" },
      { user: "anna-1", item: "nothing", device: "", price: 12 },
    ];
    const predictions = await run.predict(rows);
    expect(predictions.map(({ unknown }) => unknown)).toEqual([[], [], ["user", "device"], ["item"]]);
    for (const { values } of predictions) {
      expect(Object.keys(values)).toEqual(["clicked", "bought"]);
      for (const value of Object.values(values)) expect(value > 0 && value < 1).toBe(true);
    }
    const again = await run.predict(rows.slice(0, 1));
    expect(again[0]?.values).toEqual(predictions[0]?.values);
    // What a file says of the labels is not asked.
    const labelled = await run.predict([{ ...(rows[0] as object), clicked: "maybe", bought: 1 } as never]);
    expect(labelled[0]?.values).toEqual(predictions[0]?.values);
  });

  it("gives its own test metrics for the test rows as a file gives them", async () => {
    await expect(run.evaluate()).rejects.toThrow(/the rows of the test part are not kept with the run/);
    renameSync(at("click-data-gone"), at("click-data"));
    const { tasks } = await run.evaluate();
    renameSync(at("click-data"), at("click-data-gone"));
    const { test } = JSON.parse(readFileSync(join(at("click"), "result.json"), "utf8")).result;
    expect(tasks["clicked"]?.values["auc"]).toBe(test["auc/clicked"]);
    expect(tasks["bought"]?.values["ne"]).toBe(test["ne/bought"]);
  });

  it("ranks candidates by the probability of a row each, its other features given", async () => {
    const candidates = ["toy 7", "toy 2", "toy 31", "toy 12"];
    const given = { device: "phone", price: 12 };
    const lists = await run.recommend(["anna-1", "nobody"], { k: 3, exclude: "none", candidates, given });
    for (const [user, list] of [
      ["anna-1", lists[0]],
      ["nobody", lists[1]],
    ] as const) {
      const predictions = await run.predict(candidates.map((item) => ({ user, item, ...given })));
      const byProbability = candidates
        .map((item, k) => ({ item, score: predictions[k]?.values["clicked"] as number }))
        .sort((a, b) => b.score - a.score);
      expect(list?.items).toEqual(
        byProbability.slice(0, 3).map(({ item, score }) => ({ item, score: expect.closeTo(score, 6) })),
      );
    }
    expect(lists.map(({ known }) => known)).toEqual([true, false]);
    const written = await fromColumns(run, ["anna-1", "nobody"], { k: 3, exclude: "none", candidates, given });
    expect(written).toEqual(
      lists.map((list) => ({
        ...list,
        items: list.items.map(({ item, score }) => ({ item, score: Math.fround(score as number) })),
      })),
    );
    const bought = await run.recommend(["anna-1"], {
      k: 40,
      exclude: [{ user: "anna-1", item: "toy 7" }],
      task: "bought",
    });
    expect(bought[0]?.items).toHaveLength(39);
    await expect(run.recommend(["anna-1"], { given: { devise: "phone" } })).rejects.toThrow(
      /no feature devise.*device/,
    );
  });
});

describe.each(["esmm(dim=4,head=8)", "aitm(dim=4,bottom=8)"])("a run of %s, opened", (model) => {
  it("gives the funnel's steps as training did, with their task", async () => {
    const out = at(model.split("(")[0] as string);
    const data = "shop(users=60,items=50)";
    const file = await train({ config: { ...common, data, model, tasks: ["pv", "buy"], metrics: ["auc", "ne"] }, out, onNote: () => undefined }); // prettier-ignore
    const run = await openRun(out);
    const { tasks } = await run.evaluate();
    const values = Object.entries(tasks).flatMap(([task, { values }]) => Object.entries(values).map(([metric, value]) => [`${metric}/${task}`, value])); // prettier-ignore
    const trained = Object.entries(file.result.test ?? {}).filter(([name]) => name.includes("/"));
    expect(Object.fromEntries(values)).toEqual(Object.fromEntries(trained));
    expect(Object.keys(tasks)).toEqual(["pv", "buy", "buy|pv"]);
    expect(Object.keys((await run.evaluate({ tasks: ["pv"] })).tasks)).toEqual(["pv"]);
    run.dispose();
  });
});

describe("a folder that is no whole run", () => {
  it("is refused in one line", async () => {
    await expect(openRun(at("nowhere"))).rejects.toThrow(/there is no run/);
    const copy = at("copy");
    cpSync(at("mf"), copy, { recursive: true });
    const best = join(copy, "checkpoint", "best.gradpool");
    const bytes = readFileSync(best);
    bytes[400] = (bytes[400] as number) ^ 1;
    writeFileSync(best, bytes);
    await expect(openRun(copy)).rejects.toMatchObject({ code: "damaged" });
  });

  it("is refused with the data of another run, and without any", async () => {
    const copy = at("other");
    cpSync(at("mf"), copy, { recursive: true });
    cpSync(join(at("click"), "data.gradpool"), join(copy, "data.gradpool"));
    await expect(openRun(copy)).rejects.toThrow(
      /its checkpoint was trained on another data set than .*data\.gradpool.*give back the file/,
    );
    rmSync(join(copy, "data.gradpool"));
    await expect(openRun(copy)).rejects.toThrow(/the run keeps nothing of its data/);
  });
});
