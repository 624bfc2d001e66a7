/** Training on rows that stay on the disk: the bits of rows in memory, given the same order; kept, stopped, resumed, evaluated. */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isGradpoolError } from "@gradpool/core";
import { impressionsSampler, loadPrepared, prepare, type PreparedSet } from "@gradpool/data";
import { fit, jointFeed, readSnapshot, type Snapshot } from "@gradpool/trainer";
import { loadPool } from "@gradpool/registry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeForeign } from "../../data/test/stream-set.js";
import { defaultConfig, openRun, train, type TrainConfig } from "../src/index.js";
import { makeEngine } from "../src/run/engine.js";
import { loadWorkload } from "../src/workloads/load.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-stream-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const rows = join(folder, "rows");
beforeAll(() => writeForeign(rows, 1));

const small: Partial<TrainConfig> = {
  data: rows,
  model: "click(dim=4,trunk=8,head=8,dropout=0.2)",
  pool: "pcgrad",
  batch: 500,
  epochs: 2,
  backend: "cpu",
  read: "stream",
  metrics: ["auc", "gauc", "ne"],
};

/** The weights and everything else that an engine holds after some epochs on these rows. */
async function trained(
  set: PreparedSet,
  groups: readonly number[] | undefined,
  tasks: readonly string[],
  { batch, epochs }: { readonly batch: number; readonly epochs: number },
): Promise<Snapshot> {
  const config: TrainConfig = { ...defaultConfig, ...small, tasks };
  const { workload, options } = await loadWorkload(config.model);
  const made = workload.make({ set, config, options });
  const engine = await makeEngine(config, made, await loadPool("pcgrad"));
  const sampler = impressionsSampler(set, { tasks, batchSize: batch, seed: 3, ...(groups && { groups }) });
  const result = await fit({
    engine,
    feed: jointFeed(sampler),
    epochs,
    evaluate: made.evaluation({ ...engine }),
  }).result();
  sampler.close?.();
  expect(result.stopped).toBe("epochs");
  return {
    json: { ...engine.snapshot().json, history: JSON.stringify(result.history), test: JSON.stringify(result.test) },
    arrays: engine.snapshot().arrays,
  };
}

async function sameBits(path: string, tasks: readonly string[], size = { batch: 500, epochs: 2 }): Promise<void> {
  const [memory, stream] = [await loadPrepared(path), await loadPrepared(path, { rows: "stream" })];
  const groups = stream.impressions?.streamed?.groups.train.map((group) => group.rows);
  const [held, streamed] = [await trained(memory, groups, tasks, size), await trained(stream, undefined, tasks, size)];
  expect(streamed.json).toEqual(held.json);
  expect([...streamed.arrays.keys()]).toEqual([...held.arrays.keys()]);
  for (const [name, array] of held.arrays) expect(streamed.arrays.get(name), name).toEqual(array);
}

describe("rows on the disk", () => {
  it("train to the bits of rows in memory, given the same order", () => sameBits(rows, ["click", "buy"]), 60_000);

  const ratings = fileURLToPath(new URL("../../../../shared/data/ml-100k/ml-100k.inter", import.meta.url));
  it.skipIf(!existsSync(ratings))("train to the same bits on ml-100k's impressions, evaluations too", async () => {
    const out = join(folder, "ml-100k");
    await prepare({ format: "recbole", input: join(ratings, ".."), labels: ["like=rating>=4", "love=rating>=5"], out });
    await sameBits(out, ["like", "love"], { batch: 4096, epochs: 1 });
  });

  it("are trained on by the command's way, evaluated, kept without them, and judged again from the disk", async () => {
    const out = join(folder, "run");
    const file = await train({ config: small, out });
    expect(file.result.steps).toBe(20);
    expect(Object.keys(file.result.test ?? {})).toContain("auc/click");
    const run = await openRun(out);
    expect(run.data.rows).toEqual({ train: 5000, valid: 3000, test: 2000 });
    expect(run.data.set.impressions?.streamed).toBeUndefined();
    const { tasks } = await run.evaluate({ metrics: ["auc", "ne"], tasks: "all" });
    expect(tasks["click"]?.values["auc"]).toBe(file.result.test?.["auc/click"]);
    run.dispose();
  });

  it("stopped and resumed, end with the bits of an unbroken run", async () => {
    const [whole, broken] = [join(folder, "whole"), join(folder, "broken")];
    await train({ config: small, out: whole });
    for (const stop of [3, 9, 14]) {
      const abort = new AbortController();
      const onEvent = (event: { type: string; step?: number }): void => {
        if (event.type === "step" && event.step === stop) abort.abort();
      };
      const file = await train({ config: small, out: broken, resume: stop > 3, signal: abort.signal, onEvent });
      expect(file.result.stopped).toBe("interrupted");
    }
    await train({ config: {}, out: broken, resume: true });
    const [one, other] = [whole, broken].map((out) => readSnapshot(join(out, "checkpoint", "newest.gradpool")));
    expect([...(one?.arrays ?? [])]).toEqual([...(other?.arrays ?? [])]);
    const lines = (out: string): string =>
      readFileSync(join(out, "metrics.jsonl"), "utf8").replaceAll(/"time":"[^"]*"/g, '"time":""');
    expect(lines(broken)).toBe(lines(whole));
  });

  it("have whole row groups held out for a pool that validates; resumed, with the same ones", async () => {
    const config: Partial<TrainConfig> = { ...small, epochs: 1, pool: "auxinash(every=3)", heldOut: 0.2 };
    const [whole, broken] = [join(folder, "validated"), join(folder, "validated, broken")];
    const file = await train({ config, out: whole });
    // Of groups with 2,048, 2,048 and 904 rows one is held out.
    expect([5000 - 2048, 5000 - 904]).toContain(file.result.samples);
    const abort = new AbortController();
    const onEvent = (event: { type: string; step?: number }): void => void (event.step === 4 && abort.abort());
    await train({ config, out: broken, signal: abort.signal, onEvent });
    await train({ config: {}, out: broken, resume: true });
    const [one, other] = [whole, broken].map((out) => readSnapshot(join(out, "checkpoint", "newest.gradpool")));
    expect([...(one?.arrays ?? [])]).toEqual([...(other?.arrays ?? [])]);
  }, 60_000);

  it("without a single label of a task say so before training, wherever the rows are", async () => {
    const input = join(folder, "unlabelled.csv");
    const lines = Array.from({ length: 200 }, (_, k) => `u${k % 20},i${(k * 7) % 31},${k % 3 === 0 ? 1 : 0},`);
    writeFileSync(input, `user,item,click,buy\n${lines.join("\n")}\n`);
    const out = join(folder, "unlabelled");
    await prepare({
      format: "csv",
      input,
      columns: { user: "user", item: "item", label: "click+buy" },
      target: "click",
      out,
    });
    for (const read of ["memory", "stream"] as const) {
      const notes: string[] = [];
      const config = { ...small, data: out, epochs: 1, read };
      await train({ config, out: join(folder, `unlabelled ${read}`), onNote: (line) => notes.push(line) });
      expect(notes).toContain("no training row has a label of buy: nothing is learnt of it");
    }
  }, 60_000);

  it("that cannot be read within an epoch end the run in one line, what it learnt saved; put back, it goes on", async () => {
    const data = join(folder, "many");
    await writeForeign(data, 4);
    const file = join(data, "train", "part-2.parquet");
    const tasks = ["click", "buy"];
    const config: TrainConfig = { ...defaultConfig, ...small, tasks };
    const { workload, options } = await loadWorkload(config.model);
    const set = await loadPrepared(data, { rows: "stream" });
    const go = async (out: string, resume: boolean) => {
      const engine = await makeEngine(config, workload.make({ set, config, options }), await loadPool("pcgrad"));
      const feed = jointFeed(impressionsSampler(set, { tasks, batchSize: 250, seed: 3, buffer: 1000 }));
      const run = fit({ engine, feed, epochs: 1, resume, checkpoint: { folder: join(folder, out) } });
      return run.result().finally(() => feed.close?.());
    };
    const whole = await go("unharmed", false);
    renameSync(file, `${file}.away`);
    const error: unknown = await go("harmed", false).catch((failure: unknown) => failure);
    renameSync(`${file}.away`, file);
    expect(isGradpoolError(error) && error.code).toBe("damaged");
    expect(String(error)).toMatch(/part-2.parquet\): put the file back as it was, and go on with --resume$/);
    const saved = readSnapshot(join(folder, "harmed", "newest.gradpool")).json["fit"] as { readonly step: number };
    expect(saved.step).toBeGreaterThan(0);
    expect(saved.step).toBeLessThan(whole.steps);
    expect((await go("harmed", true)).steps).toBe(whole.steps);
    const [one, other] = ["unharmed", "harmed"].map((run) => readSnapshot(join(folder, run, "newest.gradpool")));
    expect([...(one?.arrays ?? [])]).toEqual([...(other?.arrays ?? [])]);
  });

  it("are refused for models that read none, and for the generated shop", async () => {
    const refused = (config: Partial<TrainConfig>) => train({ config, out: join(folder, "refused") });
    await expect(refused({ ...small, model: "mf" })).rejects.toThrow(/mf reads no rows from the disk/);
    await expect(refused({ ...small, data: "shop" })).rejects.toThrow(/the generated shop is on no disk/);
    expect(existsSync(join(folder, "refused"))).toBe(false);
  });
});
