import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isGradpoolError } from "@gradpool/core";
import { ew } from "@gradpool/ew";
import { metaBalance } from "@gradpool/metabalance";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fit, type FitOptions, perTaskFeed } from "../src/index.js";
import { collect, comparable, small, weightsOf } from "./fit-helpers.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-options-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Validation metrics that are made up, one per evaluation: what `fit` decides from them is under test. */
const evaluations = (name: string, values: readonly number[]): NonNullable<FitOptions["evaluate"]> => {
  let asked = 0;
  return (part) => ({ [name]: part === "valid" ? (values[asked++] as number) : 0 });
};

describe("fit refuses, before it trains anything,", () => {
  it.each([
    ["epochs", { epochs: 0 }, /epochs is 0.*from 1 up/],
    ["a part of an epoch", { epochs: 2.5 }, /epochs is 2.5/],
    ["epochs that are missing", { epochs: undefined as never }, /epochs is undefined/],
    ["patience of 0", { patience: 0 }, /patience is 0/],
    ["evaluateEvery of 0", { evaluateEvery: 0 }, /evaluateEvery is 0/],
    ["diagnosticsEvery below 0", { diagnosticsEvery: -1 }, /diagnosticsEvery is -1.*from 0 up/],
    ["a direction that is none", { direction: "up" as never }, /direction is up.*max or min/],
    ["checkpoints without a folder", { checkpoint: { folder: "" } }, /checkpoint.folder is ""/],
    ["checkpoints every half step", { checkpoint: { folder: "x", everySteps: 0.5 } }, /everySteps is 0.5/],
    ["to resume from nowhere", { resume: true }, /resume without checkpoints.*folder/],
    ["patience without evaluations", { evaluate: undefined as never, patience: 3 }, /patience without evaluate/],
    ["a metric that the evaluation lacks", { monitor: "ndgc@10" }, /no ndgc@10.*watch one of ndcg@10, recall@10/],
    ["an empty feed", { feed: { ...small(ew()).options.feed, stepsPerEpoch: 0 } }, /0 steps per epoch/],
  ] as const)("%s", (_name, change, message) => {
    const { engine, options } = small(ew(), change as Partial<FitOptions>);
    let error: unknown;
    try {
      fit(options);
    } catch (thrown) {
      error = thrown;
    }
    expect(isGradpoolError(error) && error.code).toBe("invalid-option");
    expect((error as Error).message).toMatch(message);
    engine.dispose();
  });

  it("a folder that holds another run's checkpoints, which it leaves as they are", async () => {
    await collect(small(ew(), { epochs: 1, checkpoint: { folder } }).options);
    const before = readdirSync(folder);
    await expect(collect(small(ew(), { checkpoint: { folder } }).options)).rejects.toThrow(
      /holds a run's checkpoints.*resume: true/,
    );
    expect(readdirSync(folder)).toEqual(before);
  });

  it("a folder that is a file, with its name", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "");
    await expect(collect(small(ew(), { checkpoint: { folder: path } }).options)).rejects.toThrow(
      /folder cannot be made.*file/,
    );
  });

  it("to resume a run of other steps or other samplers", async () => {
    await collect(small(ew(), { epochs: 1, checkpoint: { folder } }).options);
    const { options } = small(ew(), { epochs: 2, checkpoint: { folder }, resume: true });
    const longer = { ...options.feed, stepsPerEpoch: 99 };
    await expect(collect({ ...options, feed: longer })).rejects.toThrow(/stepsPerEpoch was \d+ and is 99/);
    const { stepsPerEpoch } = options.feed;
    const sampler = { batchesPerEpoch: stepsPerEpoch } as never;
    await expect(collect({ ...options, feed: perTaskFeed([sampler, null, null]) })).rejects.toThrow(
      /position is of another feed.*for each of 3 tasks/,
    );
  });

  it("to resume with fewer epochs than are done", async () => {
    await collect(small(ew(), { epochs: 3, checkpoint: { folder } }).options);
    await expect(collect(small(ew(), { epochs: 2, checkpoint: { folder }, resume: true }).options)).rejects.toThrow(
      /epochs is 2, and the checkpoint is in epoch 3/,
    );
  });
});

describe("fit", () => {
  it("goes on with a run that had ended when it is resumed with more epochs, to the bits of one that was longer from the start", async () => {
    const whole = small(metaBalance(), { epochs: 4 });
    const { result } = await collect(whole.options);
    await collect(small(metaBalance(), { epochs: 2, checkpoint: { folder } }).options);
    const longer = small(metaBalance(), { epochs: 4, checkpoint: { folder }, resume: true });
    const resumed = await collect(longer.options);
    expect(comparable(resumed.result)).toEqual(comparable(result));
    expect(weightsOf(longer.engine).equals(weightsOf(whole.engine))).toBe(true);
  });

  it("keeps the lowest value of a metric that is known to fall, unless it is told otherwise", async () => {
    for (const [name, direction, best] of [
      ["logloss", undefined, 2],
      ["gini@5", undefined, 2],
      ["ne/like", undefined, 2],
      ["auc", undefined, 3],
      ["logloss", "max", 3],
    ] as const) {
      const evaluate = evaluations(name, [2, 1, 3]);
      const change = direction === undefined ? {} : { direction };
      const { result } = await collect(small(ew(), { epochs: 3, evaluate, ...change }).options);
      expect(result.bestEpoch, `${name} ${direction}`).toBe(best);
    }
  });

  it("never takes NaN for the best, writes it to checkpoints as it is, and tests the last weights if there is nothing else", async () => {
    const some = await collect(small(ew(), { epochs: 4, evaluate: evaluations("m", [NaN, 1, NaN, 0]) }).options);
    expect(some.result).toMatchObject({ bestEpoch: 2, best: { m: 1 } });
    const checkpoint = { folder };
    const none = small(ew(), { epochs: 2, evaluate: evaluations("m", [NaN, NaN]), checkpoint });
    const { result } = await collect(none.options);
    expect(result).toMatchObject({ bestEpoch: null, best: null, test: { m: 0 } });
    const again = await collect(
      small(ew(), { epochs: 2, evaluate: evaluations("m", []), checkpoint, resume: true }).options,
    );
    expect(comparable(again.result)).toEqual(comparable(result));
  });

  it("loses no training to an evaluation that fails: a resumed run evaluates the same epoch", async () => {
    const whole = small(ew(), { epochs: 2 });
    const { result } = await collect(whole.options);
    const failing = (): never => {
      throw new Error("no disk");
    };
    await expect(
      collect(small(ew(), { epochs: 2, checkpoint: { folder }, evaluate: failing }).options),
    ).rejects.toThrow("no disk");
    const resumed = await collect(small(ew(), { epochs: 2, checkpoint: { folder }, resume: true }).options);
    // The epoch's own line was given before its evaluation failed: it is not given twice.
    expect(resumed.events.slice(0, 3).map((event) => event.type)).toEqual(["resume", "evaluation", "checkpoint"]);
    expect(resumed.events[1]).toMatchObject({ type: "evaluation", epoch: 1 });
    expect(comparable(resumed.result)).toEqual(comparable(result));
  });

  it("keeps the older checkpoint until a new one is written when the newest was damaged", async () => {
    await collect(small(ew(), { epochs: 2, checkpoint: { folder } }).options);
    truncateSync(join(folder, "newest.gradpool"), 300);
    const resumed = small(ew(), { epochs: 3, checkpoint: { folder, everySteps: 1 }, resume: true });
    for await (const event of fit(resumed.options)) if (event.type === "checkpoint") break;
    truncateSync(join(folder, "newest.gradpool"), 300);
    const events = await collect(small(ew(), { epochs: 3, checkpoint: { folder }, resume: true }).options);
    expect(events.events[0]).toMatchObject({ type: "resume", epoch: 2 });
  });

  it("answers with the same error again when it is asked for the result of a run that failed", async () => {
    const { options } = small(ew(), { epochs: 1 });
    const run = fit({ ...options, evaluate: () => Promise.reject(new Error("first")) });
    await expect(run.result()).rejects.toThrow("first");
    await expect(run.result()).rejects.toThrow("first");
    const left = fit(small(ew(), { epochs: 1 }).options);
    for await (const _ of left) break;
    await expect(left.result()).rejects.toThrow(/without a result.*left before the last one/);
  });
});

describe("the README's table of fit's options", () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  const [, body = ""] = /export interface FitOptions \{\n([\s\S]*?)\n\}\n/.exec(read("../src/fit/options.ts")) ?? [];
  const flat = body.replace(/  readonly checkpoint\?: \{\n([\s\S]*?)\n  \};/, (_, inner: string) =>
    inner.replace(/^ {4}readonly /gm, "  readonly checkpoint."),
  );
  const options = [...flat.matchAll(/^(?: *\/\*\* (.*) \*\/\n)? *readonly ([\w.]+)\??:/gm)];
  const [, section = ""] = /\n## Training: `fit`\n([\s\S]*?)\n## /.exec(read("../README.md")) ?? [];
  const [, table = ""] = /\n(\| option [\s\S]*?)\n\n/.exec(section) ?? [];
  const rows = new Map(
    table
      .split("\n")
      .slice(2)
      .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
      .map(([, name = "", ...cells]) => [name.replaceAll("`", ""), cells] as const),
  );

  it("has the options of the source, in its order", () => {
    expect([...rows.keys()]).toEqual(options.map(([, , name]) => name));
    expect(rows.size).toBe(19);
  });

  it("gives the defaults that the source's documentation gives", () => {
    const plain = (text: string): string => text.replaceAll("`", "").replace(/^the first one$/, "the first metric");
    const documented = options.flatMap(([, text = "", name = ""]) => {
      const [, value] = /Default:? ([^.(]*?)(?: \(.*?\))?(?:, else (.*?))?\.(?: |$)/.exec(text) ?? [];
      return value === undefined ? [] : [[name, plain(value)] as const];
    });
    expect(documented.length).toBeGreaterThanOrEqual(8);
    for (const [name, value] of documented) expect(plain(rows.get(name)?.[0] ?? ""), name).toContain(value);
  });
});
