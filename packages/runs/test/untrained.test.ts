import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateShop, type PreparedSet } from "@gradpool/data";
import { afterAll, describe, expect, it } from "vitest";
import { defaultConfig, openRun, readResult, type RunFile, train, type Workload } from "../src/index.js";
import { itemKnnWorkload } from "../src/workloads/item-knn.js";
import { popularityWorkload } from "../src/workloads/popularity.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-untrained-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { cases } = JSON.parse(readFileSync(new URL("./fixtures/item-knn.json", import.meta.url), "utf8")) as {
  readonly cases: readonly {
    readonly k: number;
    readonly shrink: number;
    readonly items: number;
    readonly lists: readonly number[][];
    readonly scores: readonly number[][];
  }[];
};

/** As much of a set as is read. */
function setOf(lists: readonly number[][], items: number): PreparedSet {
  const offsets = Int32Array.from([0, ...lists.map((_, u) => lists.slice(0, u + 1).flat().length)]);
  const train = { offsets, items: Int32Array.from(lists.flat()) };
  const none = { offsets: new Int32Array(lists.length + 1), items: new Int32Array(0) };
  const buy = { name: "buy", train, valid: none, test: none };
  return { ...generateShop({ users: 60, items: 50 }), users: lists.length, items, behaviors: { buy } };
}

function scoresOf(workload: Workload, set: PreparedSet, options: object): number[][] {
  const config = { ...defaultConfig, tasks: ["buy"] };
  const score = workload.untrained!({ set, config, options: options as never });
  const users = Int32Array.from({ length: set.users }, (_, u) => u);
  const out = new Float32Array(set.users * set.items).fill(NaN);
  score(users, out);
  return [...users].map((u) => [...out.subarray(u * set.items, (u + 1) * set.items)]);
}

describe("item neighbours", () => {
  it.each(cases)("score as RecBole's ItemKNN does, k $k and shrink $shrink", ({ lists, items, scores, k, shrink }) => {
    const got = scoresOf(itemKnnWorkload, setOf(lists, items), { k, shrink });
    got.forEach((row, u) => row.forEach((score, i) => expect(score).toBeCloseTo(scores[u]![i]!, 5)));
  });

  it("of a user who chose nothing score nothing, and an item is no neighbour of itself", () => {
    expect(scoresOf(itemKnnWorkload, setOf([[], [0]], 3), { k: 5, shrink: 0 })).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });
});

describe("popularity", () => {
  it("scores every item by the users who chose it, for everybody alike", () => {
    expect(scoresOf(popularityWorkload, setOf([[0, 2], [2]], 3), {})).toEqual([
      [1, 0, 2],
      [1, 0, 2],
    ]);
  });
});

describe("a run of what learns nothing", () => {
  const metrics = ["ndcg@5", "hr@5/sampled9", "coverage@5", "rmse"];
  const config = { data: "shop(users=60,items=50)", model: "itemknn(k=10)", metrics, tasks: ["target"] };

  it("is judged once, on the metrics of every other run, and leaves what a comparison reads", async () => {
    const out = join(folder, "knn");
    const file = await train({ config, out });
    expect(readResult(out)).toEqual(JSON.parse(JSON.stringify(file)) as RunFile);
    expect(file.result).toMatchObject({ bestEpoch: 0, steps: 0, stopped: "epochs" });
    expect(Object.keys(file.result.test ?? {})).toEqual(metrics);
    expect(file.result.test?.["ndcg@5"]).toBeGreaterThan(0);
    expect(file.result.undefined).toEqual([{ metric: "rmse", part: "test", reason: "no task predicts ratings" }]);
    expect(await train({ config, out, resume: true })).toEqual(readResult(out));
  });

  it("does not depend on the seed, and differs between its options", async () => {
    const test = async (name: string, changes: object) =>
      (await train({ config: { ...config, ...changes }, out: join(folder, name) })).result.test;
    expect(await test("seeded", { seed: 9 })).toEqual(readResult(join(folder, "knn"))?.result.test);
    expect(await test("near", { model: "itemknn(k=1)" })).not.toEqual(readResult(join(folder, "knn"))?.result.test);
  });

  it("cannot be opened as a model: the error says that there is none", async () => {
    await expect(openRun(join(folder, "knn"))).rejects.toThrow(
      "itemknn learns nothing: there is no trained model to open",
    );
  });

  it("wants a behaviour with held-out pairs", async () => {
    const wrong = train({ config: { ...config, tasks: ["cart"] }, out: join(folder, "cart") });
    await expect(wrong).rejects.toThrow("cart has no validation and test part");
  });
});
