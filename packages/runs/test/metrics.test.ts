import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateShop } from "@gradpool/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRun, type RunFile, train, type TrainedRun } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-metrics-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const data = "shop(users=60,items=50)";
// By RecBole's name first: it decides.
const metrics = [
  "hit@5",
  "ndcg@5",
  "mrr@5",
  "map@5",
  "ndcg@5/sampled9",
  "hr@1/sampled20",
  "coverage@5",
  "gini@5",
  "popularity@5",
  "rmse",
  "mae",
];
const common = { data, epochs: 3, batch: 64, lr: 0.02 };

describe.each([
  ["mf", "mf(dim=8)", ["buy", "rating"]],
  ["lightgcn", "lightgcn(dim=8,layers=1)", ["buy", "rating"]],
  ["shared-bottom", "shared-bottom(dim=4,mlp=8-4,tower=8)", ["buy", "pv"]],
] as const)("metrics of %s", (name, model, tasks) => {
  let file: RunFile;
  let run: TrainedRun;
  beforeAll(async () => {
    const out = join(folder, name);
    file = await train({ config: { ...common, model, tasks, metrics, backend: "cpu" }, out, onNote: () => undefined });
    run = await openRun(out);
  }, 60_000);
  afterAll(() => run.dispose());

  it("of every family are in the run's file, on validation and on test", () => {
    const names = metrics.map((metric) => metric.replace("hit@", "hr@"));
    expect(Object.keys(file.result.test ?? {})).toEqual(names);
    expect(Object.keys(file.result.best ?? {})).toEqual(names);
    const missing = names.filter((metric) => file.result.test?.[metric] === null);
    expect(missing).toEqual(name === "shared-bottom" ? ["rmse", "mae"] : []);
  });

  it("are the same again from the opened run, with each user's own where there is one", async () => {
    const { tasks: judged } = await run.evaluate();
    const { values, perUser = {}, undefined: missing } = judged["buy"]!;
    for (const [metric, value] of Object.entries(file.result.test ?? {})) {
      if (value === null) expect(values[metric]).toBeNaN();
      else expect(values[metric]).toBe(value);
    }
    expect(Object.keys(perUser)).toEqual(["hr@5", "ndcg@5", "mrr@5", "map@5", "ndcg@5/sampled9", "hr@1/sampled20"]);
    const reason = "no task predicts ratings";
    expect(missing.map((one) => one.reason)).toEqual(name === "shared-bottom" ? [reason, reason] : []);
  });

  it("of the catalogue are those of the lists that users would see", async () => {
    const set = generateShop({ users: 60, items: 50 });
    const { train: known, valid, test } = set.behaviors["buy"]!;
    const users = run.ids("users").filter((_, u) => test.offsets[u + 1]! > test.offsets[u]!);
    const pairs = run
      .ids("users")
      .flatMap((user, u) =>
        [known, valid].flatMap(({ offsets, items }) =>
          [...items.subarray(offsets[u], offsets[u + 1])].map((item) => ({ user, item })),
        ),
      );
    const lists = await run.recommend(users, { k: 5, exclude: pairs });
    const shown = lists.flatMap(({ items }) => items.map(({ item }) => Number(item)));
    const popularity = new Int32Array(50);
    for (const item of known.items) popularity[item]!++;
    expect(file.result.test?.["coverage@5"]).toBeCloseTo(new Set(shown).size / 50, 12);
    const mean = shown.reduce((sum, item) => sum + popularity[item]!, 0) / shown.length;
    expect(file.result.test?.["popularity@5"]).toBeCloseTo(mean, 9);
  });
});

describe("errors of ratings", () => {
  it("are in the ratings' own unit, over the rated pairs held out", async () => {
    const run = await openRun(join(folder, "mf"));
    const { test } = generateShop({ users: 60, items: 50 }).behaviors["buy"]!;
    const counts = Array.from(test.offsets.slice(1), (end, u) => end - test.offsets[u]!);
    const users = counts.flatMap((count, u) => Array<string>(count).fill(String(u)));
    const scores = await run.score(users.map((user, k) => ({ user, item: test.items[k]! })));
    const { offset, scale } = run.file!.taskOptions!["rating"] as { readonly offset: number; readonly scale: number };
    const errors = [...scores].map((score, k) => offset + scale * score - test.values![k]!);
    const squares = errors.reduce((sum, error) => sum + error * error, 0) / errors.length;
    const absolute = errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length;
    expect(run.file!.result.test?.["rmse"]).toBeCloseTo(Math.sqrt(squares), 12);
    expect(run.file!.result.test?.["mae"]).toBeCloseTo(absolute, 12);
    run.dispose();
  });

  it("cannot choose epochs where no task predicts any: said before the first step", async () => {
    const refused = train({ config: { ...common, tasks: ["buy"], metrics: ["rmse"] }, out: join(folder, "none") });
    await expect(refused).rejects.toThrow(
      /rmse decides which epoch is best, and no task predicts ratings.*add the task rating/,
    );
  });
});
