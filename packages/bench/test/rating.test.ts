import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateShop, valueMoments } from "@gradpool/data";
import { readSnapshot } from "@gradpool/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trialId } from "../src/sweep/trials.js";
import { defaultConfig, type TrainConfig } from "../src/train/config.js";
import type { RunFile } from "../src/train/messages.js";
import { train } from "../src/train/run.js";
import { makeWorkload } from "../src/train/tasks.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-rating-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const data = "shop(users=60,items=50)";
const set = generateShop({ users: 60, items: 50 });
const config: TrainConfig = {
  ...defaultConfig,
  data,
  tasks: ["buy", "rating"],
  epochs: 4,
  batch: 64,
  lr: 0.02,
  metrics: ["ndcg@10"],
};

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
    expect(readFileSync(join(out, "metrics.jsonl"), "utf8")).toBe(
      readFileSync(join(folder, "whole", "metrics.jsonl"), "utf8"),
    );
  });

  it("refuses values that are all the same with one clear error", () => {
    const buy = set.behaviors["buy"]!;
    const train = { ...buy.train, values: buy.train.values!.map(() => 5) };
    const flat = { ...set, behaviors: { ...set.behaviors, buy: { ...buy, train } } };
    expect(() => makeWorkload(flat, config)).toThrow(
      /^all \d+ training values are 5, a standard deviation of 0 \(values of buy\): leave the task rating out/,
    );
  });

  it("makes other trials than ratings that were only centred, whose names followed from the configuration alone", () => {
    const before = ({ data: _, ...rest }: TrainConfig): string => {
      const sorted = Object.entries({ ...rest, dataHash: "h" }).sort(([a], [b]) => (a < b ? -1 : 1));
      return createHash("sha256")
        .update(JSON.stringify(Object.fromEntries(sorted)))
        .digest("hex")
        .slice(0, 16);
    };
    expect(trialId(config, "h")).not.toBe(before(config));
    const unrated = { ...config, tasks: ["buy"] };
    expect(trialId(unrated, "h")).toBe(before(unrated));
  });
});
