import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateShop, type PreparedSet, valueMoments, writePrepared } from "@gradpool/data";
import { readSnapshot } from "@gradpool/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { factsOf } from "../src/data/facts.js";
import { describeData } from "../src/data/load.js";
import { noteOnValues } from "../src/data/side-tasks.js";
import { defaultConfig, type TrainConfig } from "../src/options/training.js";
import type { RunFile } from "../src/run/messages.js";
import { train } from "../src/run/train.js";
import type { MadeWorkload } from "../src/workloads/contract.js";
import { loadWorkload } from "../src/workloads/load.js";
import { mfWorkload } from "../src/workloads/mf.js";
import { expandTasks } from "../src/workloads/tasks.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-rating-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const data = "shop(users=60,items=50)";
const set = generateShop({ users: 60, items: 50 });

/** The shop, each purchase with another value. */
function withValues(value: (k: number) => number): PreparedSet {
  const buy = set.behaviors["buy"]!;
  const values = buy.train.values!.map((_, k) => value(k));
  return { ...set, behaviors: { ...set.behaviors, buy: { ...buy, train: { ...buy.train, values } } } };
}
/** Plays of a song: thousands of different numbers, up to hundreds of thousands. */
const plays = withValues((k) => 1 + ((k * 7919) % 350_000));

const config: TrainConfig = {
  ...defaultConfig,
  data,
  tasks: ["buy", "rating"],
  epochs: 4,
  batch: 64,
  lr: 0.02,
  metrics: ["ndcg@10"],
};

async function made(data: PreparedSet, held: TrainConfig): Promise<MadeWorkload> {
  const { workload, options } = await loadWorkload(held.model);
  return workload.make({ set: data, config: held, options });
}

describe("the task rating", () => {
  it("is standardised by the training values: the file of the run and the checkpoint hold by what", async () => {
    const out = join(folder, "whole");
    const file = await train({ config, out });
    const { mean, deviation } = valueMoments(set);
    const expected = { rating: { offset: mean, scale: deviation } };
    expect(file.taskOptions).toEqual(expected);
    expect((JSON.parse(readFileSync(join(out, "result.json"), "utf8")) as RunFile).taskOptions).toEqual(expected);
    const { json } = readSnapshot(join(out, "checkpoint", "newest.gradpool"));
    expect(json).toMatchObject({ fingerprint: { taskOptions: expected } });
    // Small embeddings predict 0, the mean, so that the loss starts at the values' variance: 1.
    const [first] = readFileSync(join(out, "metrics.jsonl"), "utf8").split("\n");
    const { losses } = JSON.parse(first!) as { readonly losses: Record<string, number> };
    expect(losses["rating"]).toBeGreaterThan(0.9);
    expect(losses["rating"]).toBeLessThan(1.2);
  });

  it("keeps the values' own unit on request, and refuses another word for it", async () => {
    const file = await train({ config: { ...config, model: "mf(ratings=raw)" }, out: join(folder, "raw") });
    expect(file.taskOptions).toEqual({ rating: { offset: 0, scale: 1 } });
    const wrong = train({ config: { ...config, model: "mf(ratings=centred)" }, out: join(folder, "wrong") });
    await expect(wrong).rejects.toThrow(/ratings is centred \(model mf\): give standardised \| raw/);
  });

  it("goes on after an interruption with the same numbers, to the same bits", async () => {
    const out = join(folder, "broken");
    const stop = new AbortController();
    const onEvent = ({ type }: { readonly type: string }): void => {
      if (type === "epoch") stop.abort();
    };
    const half = await train({ config, out, onEvent, signal: stop.signal });
    expect(half.result.stopped).toBe("interrupted");
    await train({ config, out, resume: true });
    const bits = (run: string): object[] =>
      [...readSnapshot(join(folder, run, "checkpoint", "newest.gradpool")).arrays].map(([name, array]) => [
        name,
        Buffer.from(array.buffer as ArrayBuffer).toString("base64"),
      ]);
    expect(bits("broken")).toEqual(bits("whole"));
    const lines = (run: string): string =>
      readFileSync(join(folder, run, "metrics.jsonl"), "utf8").replaceAll(/,"time":"[^"]*"/g, "");
    expect(lines("broken")).toBe(lines("whole"));
  });

  it("refuses values that are all the same with one clear error", async () => {
    await expect(
      made(
        withValues(() => 5),
        config,
      ),
    ).rejects.toThrow(
      /^all \d+ training values are 5, a standard deviation of 0 \(values of buy\): leave the task rating out/,
    );
  });
});

describe("the choice of side tasks", () => {
  const asked = ["target", "side"];

  it("takes ratings, leaves out counts with the remedy, and takes those by name", async () => {
    const stars = factsOf(set);
    expect(expandTasks(asked, stars, mfWorkload)).toEqual(["buy", "social", "category", "rating"]);
    expect(noteOnValues(asked, stars)).toBeUndefined();
    const counts = factsOf(plays);
    expect(expandTasks(asked, counts, mfWorkload)).toEqual(["buy", "social", "category"]);
    expect(noteOnValues(asked, counts)).toBe(
      "the values of buy are taken for counts, not ratings: rating is no side task; name it to use them, `tasks` target,side,rating",
    );
    const named = [...asked, "rating"];
    expect(expandTasks(named, counts, mfWorkload)).toEqual(["buy", "social", "category", "rating"]);
    expect(noteOnValues(named, counts)).toBeUndefined();
    expect(noteOnValues(["*"], counts)).toBeUndefined();
    const { mean, deviation } = valueMoments(plays);
    const { model } = await made(plays, { ...config, tasks: expandTasks(named, counts, mfWorkload) });
    expect(model.options).toMatchObject({ tasks: [{}, {}, {}, { name: "rating", offset: mean, scale: deviation }] });
  });

  it("leaves out values that are all the same, and those that are missing", () => {
    const flat = factsOf(withValues(() => 1));
    expect(expandTasks(asked, flat, mfWorkload)).not.toContain("rating");
    expect(noteOnValues(asked, flat)).toBe("the values of buy are all the same: rating is no side task");
    const none = factsOf(withValues(() => NaN));
    expect(none.offers("rating")).toBe(false);
    expect(noteOnValues(asked, none)).toBeUndefined();
  });

  it("is the same from a prepared folder as from the set in memory", async () => {
    for (const [name, held] of Object.entries({ stars: set, plays })) {
      await writePrepared(held, join(folder, name));
      const { facts } = await describeData(join(folder, name));
      expect(facts.values).toBe(factsOf(held).values);
      expect(expandTasks(asked, facts, mfWorkload)).toEqual(expandTasks(asked, factsOf(held), mfWorkload));
    }
  });
});
