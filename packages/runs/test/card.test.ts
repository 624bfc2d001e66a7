import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "@gradpool/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cardSchema, type ModelCard, readCard } from "../src/index.js";
import { comparedRuns, judgeRun } from "../src/open/compare.js";
import { openRun } from "../src/open/open-run.js";
import { train } from "../src/run/train.js";
import { clickLog, shopLog } from "./shop-files.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-card-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const common = { epochs: 2, batch: 64, backend: "cpu" } as const;
const cardAt = (run: string): ModelCard => readCard(at(run)) as ModelCard;

beforeAll(async () => {
  writeFileSync(at("shop.csv"), shopLog());
  writeFileSync(at("clicks.csv"), clickLog());
  const ids = { user: "customer", item: "product" };
  const labelled = { ...ids, label: "clicked+bought", features: "device+price" };
  await prepare({ format: "csv", input: [at("shop.csv")], columns: { ...ids, behavior: "event" }, target: "buy", out: at("shop") }); // prettier-ignore
  await prepare({ format: "csv", input: [at("clicks.csv")], columns: labelled, out: at("clicks") });
  await train({ config: { ...common, data: at("shop"), metrics: ["ndcg@10", "coverage@10"] }, out: at("mf") });
  const click = { ...common, data: at("clicks"), metrics: ["auc", "ne"] };
  await train({
    config: { ...click, model: "click(dim=4,trunk=8,head=4)" },
    out: at("click"),
    onNote: () => undefined,
  });
  await train({ config: { ...click, model: "mmoe(dim=4,experts=2,expert=8,head=4)" }, out: at("mmoe"), onNote: () => undefined }); // prettier-ignore
}, 120_000);

describe("the card of a run", () => {
  it("stands beside its result when training ends, in the form that is promised", () => {
    const held: unknown = JSON.parse(readFileSync(join(at("mf"), "card.json"), "utf8"));
    expect(cardSchema.safeParse(held).error).toBeUndefined();
    const { data, weights, metrics, configuration, limits } = cardAt("mf");
    expect([data.users, data.items, data.target, weights.parameters]).toEqual([30, 40, "buy", 70 * 32]);
    const { test } = JSON.parse(readFileSync(join(at("mf"), "result.json"), "utf8")).result;
    const { value, lower = NaN, upper = NaN, users } = metrics["buy"]?.["ndcg@10"] ?? {};
    expect([value, users]).toEqual([test["ndcg@10"], 25]);
    expect(lower < test["ndcg@10"] && test["ndcg@10"] < upper).toBe(true);
    // What all lists show together is no mean over users.
    expect(metrics["buy"]?.["coverage@10"]).toEqual({ value: test["coverage@10"] });
    expect(configuration["epochs"]).toBe(2);
    expect(limits.length).toBeGreaterThan(2);
  });

  it("has of labelled rows every task with its interval over users, and the mean of tasks without", () => {
    const { metrics } = cardAt("click");
    expect(Object.keys(metrics)).toEqual(["mean of tasks", "clicked", "bought"]);
    for (const task of ["clicked", "bought"]) {
      for (const metric of ["auc", "ne"]) {
        const { value, lower = NaN, upper = NaN, users = 0 } = metrics[task]?.[metric] ?? {};
        expect(lower < Number(value) && Number(value) < upper).toBe(true);
        expect(users).toBeGreaterThan(20);
      }
    }
    expect(metrics["mean of tasks"]?.["auc"]).toEqual({ value: expect.any(Number) });
  });

  it("learns what evaluating finds, keeps what it knew, and does not mind being damaged", async () => {
    const run = await openRun(at("mf"));
    await judgeRun(run, "mf", { metrics: ["hr@5"], tasks: "all" }, {});
    const { metrics } = cardAt("mf");
    expect(Object.keys(metrics["buy"] ?? {})).toEqual(["ndcg@10", "coverage@10", "hr@5"]);
    const sampled = await judgeRun(run, "mf", { metrics: ["hr@5"], users: 7 }, {});
    expect(sampled.evaluation.tasks["buy"]?.users).toHaveLength(7);
    expect(cardAt("mf").metrics["buy"]?.["hr@5"]?.users).toBe(25);
    writeFileSync(join(at("mf"), "card.json"), '{"version":1');
    await judgeRun(run, "mf", { metrics: ["hr@5"] }, {});
    run.dispose();
    expect(Object.keys(cardAt("mf").metrics["buy"] ?? {})).toEqual(["ndcg@10", "coverage@10", "hr@5"]);
  });

  it("reads as one table, whatever a task is called", () => {
    const text = readFileSync(join(at("click"), "card.md"), "utf8");
    expect(text).toMatch(/^\| clicked \| auc \| 0\.\d{4} \| 0\.\d{4} … \d\.\d{4} \| \d+ \|$/m);
    expect(text).toContain("## Configuration");
  });
});

describe("runs of labelled rows, side by side", () => {
  it("are tested over the users whose rows they judged", async () => {
    const [one, two] = [await openRun(at("click")), await openRun(at("mmoe"))];
    const judged = [await judgeRun(one, "click", {}, {}), await judgeRun(two, "mmoe", {}, {})];
    const tests = comparedRuns(judged);
    expect(tests.map(({ task, metric }) => `${task} ${metric}`)).toEqual([
      "clicked auc",
      "clicked ne",
      "bought auc",
      "bought ne",
    ]);
    const auc = (k: number): number => judged[k]?.evaluation.tasks["clicked"]?.values["auc"] as number;
    expect(tests[0]?.difference).toBeCloseTo(auc(1) - auc(0), 12);
    expect(tests[0]?.p).toBeGreaterThan(0);
    const some = await judgeRun(two, "mmoe", { users: 9 }, {});
    expect(some.evaluation.tasks["bought"]?.users?.length).toBeLessThanOrEqual(9);
    expect(() => comparedRuns([judged[0] as never, some])).toThrow(/judged on different rows/);
    one.dispose();
    two.dispose();
  });
});
