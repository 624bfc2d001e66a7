import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "@gradpool/data";
import { afterAll, describe, expect, it } from "vitest";
import { readResult, readSchedule, train, type TrainConfig } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-training-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shop = "shop(users=60,items=50)";
const base = { data: shop, epochs: 4, batch: 32, metrics: ["ndcg@10"], diagnosticsEvery: 3 } as const;
let runs = 0;

async function run(config: Partial<TrainConfig>, out = join(folder, String(runs++)), resume = false) {
  const notes: string[] = [];
  const file = await train({ config: { ...base, ...config }, out, resume, onNote: (line) => notes.push(line) });
  const text = (name: string): string => readFileSync(join(out, name), "utf8");
  return { file, out, notes, weights: readFileSync(join(out, "checkpoint/best.gradpool")), text };
}

describe("a run that has ended", () => {
  it.each<readonly [string, Partial<TrainConfig>]>([
    ["constant", {}],
    ["step", { pool: "pcgrad", schedule: "step(every=2,by=0.5)", warmup: 0.5, clipNorm: 0.01, clipTasks: 0.02 }],
    ["plateau", { schedule: "plateau(patience=1,by=0.5)", taskWeights: { cart: 0.5 } }],
    ["accumulation", { accumulate: 3, pool: "pcgrad", clipNorm: 0.01 }],
    ["a cosine of its own length", { schedule: "cosine(epochs=6)" }],
  ])("goes on with more epochs, and ends as one that had them from the start: %s", async (_name, config) => {
    const whole = await run({ ...config, epochs: 6 });
    const first = await run({ ...config, epochs: 3 });
    const second = await run({ ...config, epochs: 6 }, first.out, true);
    expect(second.file.result).toEqual(whole.file.result);
    expect(second.file.config).toEqual(whole.file.config);
    for (const name of ["metrics.jsonl", "diagnostics.jsonl", "config.json"])
      expect(timeless(second.text(name))).toEqual(timeless(whole.text(name)));
    expect(second.notes).toEqual([]);
    expect(readResult(first.out)?.result.steps).toBe(whole.file.result.steps);
  });

  it("says so where its schedule was to end with it", async () => {
    const first = await run({ schedule: "linear", epochs: 2 });
    const second = await run({ schedule: "linear", epochs: 4 }, first.out, true);
    expect(second.notes.join()).toMatch(/linear runs over `epochs`.*cosine\(epochs=40\)/);
    expect(second.file.result.history).toHaveLength(4);
  });

  it("stays over with as many epochs, and refuses another option", async () => {
    const first = await run({ epochs: 2 });
    const same = await run({ epochs: 2 }, first.out, true);
    expect(same.notes.join()).toMatch(/the run has ended/);
    await expect(run({ epochs: 3, lr: 0.5 }, first.out, true)).rejects.toThrow(/`lr` was 0.001 and is 0.5/);
  });

  it("goes on where patience ended it, with more patience", async () => {
    const first = await run({ epochs: 6, patience: 1, minDelta: 1 });
    expect(first.file.result).toMatchObject({ stopped: "patience", steps: first.file.result.steps });
    expect(first.file.result.history).toHaveLength(2);
    const second = await run({ epochs: 6, patience: 3, minDelta: 1 }, first.out, true);
    expect(second.file.result.history).toHaveLength(4);
  });
});

describe("accumulation", () => {
  it.each<readonly [string, Partial<TrainConfig>]>([
    ["tables", { model: "mf(dim=8)", pool: "metabalance" }],
    ["a graph", { model: "ngcf(dim=8,layers=8)", pool: "pcgrad" }],
    ["dense layers, at the losses", { model: "shared-bottom(dim=8,mlp=16,tower=8,dropout=0.2)", backend: "cpu" }],
    [
      "dense layers, at the representation",
      { model: "shared-bottom(dim=8,mlp=16,tower=8,dropout=0.2)", backend: "cpu", pool: "pcgrad@representation" },
    ],
  ])("stopped in the middle and resumed, ends with the same bits: %s", async (_name, more) => {
    const config = { ...more, accumulate: 3, epochs: 2, tasks: ["buy", "cart"] };
    const whole = await run(config);
    const steps = whole.file.result.steps;
    const out = join(folder, String(runs++));
    const stop = new AbortController();
    const onEvent = ({ type, step }: { readonly type: string; readonly step: number }): void => {
      if (type === "step" && step === Math.floor(steps / 3)) stop.abort();
    };
    const first = await train({ config: { ...base, ...config }, out, signal: stop.signal, onEvent });
    expect(first.result).toMatchObject({ stopped: "interrupted", steps: Math.floor(steps / 3) });
    const second = await run(config, out, true);
    expect(second.file.result).toEqual(whole.file.result);
    const single = await run({ ...config, accumulate: 1 });
    expect(single.file.result.samples).toBe(whole.file.result.samples);
    expect(steps).toBe(2 * Math.ceil(single.file.result.steps / 6));
    await expect(run({ ...config, accumulate: 2 }, out, true)).rejects.toThrow(/`accumulate` was 3 and is 2/);
  });
});

/** Lines without the time that they were written at. */
const timeless = (text: string): string => text.replaceAll(/,"time":"[^"]*"/g, "");

describe("options of training", () => {
  it("are refused where they cannot be", async () => {
    await expect(run({ clipNorm: 1, clipValue: 1 })).rejects.toThrow(/both given/);
    await expect(run({ accumulate: 0 })).rejects.toThrow(/`accumulate` is 0/);
    await expect(run({ schedule: "exponential" })).rejects.toThrow(/no schedule exponential.*cosine/);
    await expect(run({ schedule: "step(gamma=2)" })).rejects.toThrow(/unknown option gamma.*every, by/);
    await expect(run({ schedule: "step(by=2)" })).rejects.toThrow(/by is 2/);
    await expect(run({ monitor: "auc +" })).rejects.toThrow(/cannot read/);
    await expect(run({ monitor: "rank(ndcg@10)", minDelta: 0.1 })).rejects.toThrow(
      /ranks have no distance \(minDelta\)/,
    );
    await expect(run({ monitor: "ndcg@10/pv" })).rejects.toThrow(/no ndcg@10\/pv.*watch one of ndcg@10/);
    await expect(run({ taskWeights: { like: 2 } })).rejects.toThrow(/no task like.*buy/);
    await expect(run({ classWeights: { buy: 2 } })).rejects.toThrow(/buy has no classes/);
    await expect(run({ clipTasks: 1 })).rejects.toThrow(/ew sees no gradient/);
    await expect(run({ evalTasks: ["cart"] })).rejects.toThrow(/cart is no task with held-out pairs.*splitAll/);
  });

  it("read a schedule with its defaults", () => {
    expect(readSchedule("plateau(by=0.5)")).toEqual({ kind: "plateau", patience: 3, by: 0.5, min: 0 });
    expect(readSchedule("cosine")).toEqual({ kind: "cosine", min: 0 });
  });
});

describe("a set of which every behaviour is split", () => {
  it("is judged by each of them, and by a mean or a sum of them", async () => {
    const lines = Array.from({ length: 900 }, (_, k) => {
      const hash = Math.imul(k + 1, 2_654_435_761) >>> 0;
      return `${hash % 30},${(hash >>> 7) % 25},${(hash >>> 7) % 5},${["buy", "cart", "pv"][(hash >>> 13) % 3]},${1000 + k}`;
    });
    const input = join(folder, "events.csv");
    writeFileSync(input, lines.join("\n"));
    const data = join(folder, "split-all");
    await prepare({ format: "taobao", input, out: data, splitAll: true });
    const all = await run({ data, tasks: ["buy", "cart", "pv"], epochs: 2, monitor: "mean(ndcg@10)" });
    const names = Object.keys(all.file.result.test!);
    expect(names).toEqual(["ndcg@10", "ndcg@10/buy", "ndcg@10/cart", "ndcg@10/pv"]);
    const [entry] = all.file.result.history;
    expect(entry!.metrics["ndcg@10"]).toBe(entry!.metrics["ndcg@10/buy"]);
    const means = all.file.result.history.map(
      ({ metrics }) => (metrics["ndcg@10/buy"]! + metrics["ndcg@10/cart"]! + metrics["ndcg@10/pv"]!) / 3,
    );
    expect(all.file.result.bestEpoch).toBe(1 + means.indexOf(Math.max(...means)));
    const one = await run({
      data,
      tasks: ["buy", "cart", "pv"],
      epochs: 2,
      evalTasks: ["cart"],
      monitor: "ndcg@10/cart + 0.5*ndcg@10/buy",
    });
    expect(Object.keys(one.file.result.test!)).toEqual(["ndcg@10", "ndcg@10/buy", "ndcg@10/cart"]);
    expect(one.file.result.test!["ndcg@10"]).toBeTypeOf("number");
    // What should fall is subtracted.
    const monitor = "ndcg@10 - 0.1*gini@10";
    const metrics = ["ndcg@10", "gini@10"];
    const none = await run({ data, tasks: ["buy", "cart"], epochs: 1, evalTasks: [], metrics, monitor });
    expect(Object.keys(none.file.result.test!)).toEqual(metrics);
    expect(none.file.result.bestEpoch).toBe(1);
  });
});
