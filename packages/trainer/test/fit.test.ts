import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ew } from "@gradpool/ew";
import { metaBalance } from "@gradpool/metabalance";
import { pcgrad } from "@gradpool/pcgrad";
import { rlw } from "@gradpool/rlw";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fit, type FitEvent } from "../src/index.js";
import { collect, comparable, small, weightsOf } from "./fit-helpers.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-fit-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("fit", () => {
  it("learns: validation rises, the best epoch's weights are kept and tested", async () => {
    const { engine, options } = small(ew());
    const before = await options.evaluate!("valid");
    const { events, result } = await collect(options);
    expect(result.best!["ndcg@10"]).toBeGreaterThan(1.5 * before["ndcg@10"]!);
    const values = result.history.map((entry) => entry.metrics["ndcg@10"]!);
    expect(result.best!["ndcg@10"]).toBe(Math.max(...values));
    expect(result.history[result.bestEpoch! - 1]?.metrics).toEqual(result.best);
    expect(await options.evaluate!("valid")).toEqual(result.best);
    expect(await options.evaluate!("test")).toEqual(result.test);
    expect(result.steps).toBe(6 * options.feed.stepsPerEpoch);
    expect(events.filter((event) => event.type === "step" && event.diagnostics !== undefined)).toHaveLength(
      Math.floor(result.steps / 3),
    );
    engine.dispose();
  });

  it("stops after the patience it was given, counting evaluations without gain", async () => {
    let asked = 0;
    const values = [1, 3, 2, 2.5, 9];
    const { options } = small(ew(), {
      epochs: 50,
      patience: 2,
      evaluate: (part) => ({ m: part === "valid" ? values[asked++]! : 0 }),
    });
    const { result } = await collect(options);
    expect(result).toMatchObject({ stopped: "patience", epochs: 4, bestEpoch: 2 });
  });

  it("takes the lowest value where less is better, and refuses a metric that is not there", async () => {
    let asked = 0;
    const values = [3, 1, 2];
    const evaluate = (part: string) => ({ loss: part === "valid" ? values[asked++]! : 0 });
    const { result } = await collect(small(ew(), { epochs: 3, direction: "min", evaluate }).options);
    expect(result.bestEpoch).toBe(2);
    await expect(collect(small(ew(), { epochs: 1, monitor: "auc" }).options)).rejects.toThrow(
      /no auc.*ndcg@10, recall@10/,
    );
  });

  it.each([
    ["ew", () => ew()],
    ["rlw", () => rlw()],
    ["metabalance", () => metaBalance()],
    ["pcgrad", () => pcgrad()],
  ] as const)("of %s gives the same bits twice, and after interruptions at any step", async (_name, pool) => {
    const once = small(pool());
    const whole = await collect(once.options);
    const checkpoint = { folder: join(folder, "checkpoint"), everySteps: 7 };
    for (let stop = 5; ; stop += 11) {
      const controller = new AbortController();
      const next = small(pool(), { checkpoint, resume: true, signal: controller.signal });
      const run = fit(next.options);
      for await (const event of run) if (event.type === "step" && event.step >= stop) controller.abort();
      const result = await run.result();
      if (result.stopped === "interrupted") continue;
      expect(comparable(result)).toEqual(comparable(whole.result));
      expect(weightsOf(next.engine).equals(weightsOf(once.engine))).toBe(true);
      break;
    }
  });

  it("is stopped by whatever comes from outside its loop: a timer here, Ctrl-C elsewhere", async () => {
    const controller = new AbortController();
    const { options } = small(ew(), { epochs: 1_000_000, signal: controller.signal });
    setTimeout(() => controller.abort(), 10);
    expect((await fit(options).result()).stopped).toBe("interrupted");
  });

  it.each([1, 4, 6])(
    "stops within the evaluation of epoch %i, and goes on from before it with the same bits",
    async (at) => {
      const once = small(rlw());
      const whole = await collect(once.options);
      const controller = new AbortController();
      const checkpoint = { folder };
      const kinds = (events: readonly FitEvent[]) => events.map(({ type, epoch, step }) => `${type} ${epoch} ${step}`);
      const events: FitEvent[] = [];
      const stopped = fit(small(rlw(), { checkpoint, signal: controller.signal }).options);
      for await (const event of stopped) {
        events.push(event);
        if (event.type === "epoch" && event.epoch === at) controller.abort();
      }
      expect(await stopped.result()).toMatchObject({ stopped: "interrupted", epochs: at - 1, test: null });
      expect(events.slice(-2).map(({ type }) => type)).toEqual(["epoch", "checkpoint"]);
      const next = small(rlw(), { checkpoint, resume: true });
      const rest = await collect(next.options);
      expect(comparable(rest.result)).toEqual(comparable(whole.result));
      expect(weightsOf(next.engine).equals(weightsOf(once.engine))).toBe(true);
      // Whoever writes events down has each of them once.
      const told = [...events, ...rest.events].filter(({ type }) => type !== "resume" && type !== "checkpoint");
      expect(kinds(told)).toEqual(kinds(whole.events).filter((kind) => !kind.startsWith("checkpoint")));
    },
  );

  it("stops within the test, and only tests when it goes on", async () => {
    const whole = await collect(small(ew()).options);
    const controller = new AbortController();
    const stopped = fit(small(ew(), { checkpoint: { folder }, signal: controller.signal }).options);
    for await (const event of stopped)
      if (event.type === "checkpoint" && event.kind === "newest" && event.epoch === 6) controller.abort();
    expect(await stopped.result()).toMatchObject({ stopped: "interrupted", epochs: 6, test: null });
    const rest = await collect(small(ew(), { checkpoint: { folder }, resume: true }).options);
    expect(comparable(rest.result)).toEqual(comparable(whole.result));
    expect(rest.events.map((event) => event.type)).toEqual(["resume"]);
  });

  it("resumed after its end only tests again", async () => {
    const checkpoint = { folder };
    const first = await collect(small(ew(), { checkpoint }).options);
    const second = await collect(small(ew(), { checkpoint, resume: true }).options);
    expect(comparable(second.result)).toEqual(comparable(first.result));
    expect(second.events.map((event) => event.type)).toEqual(["resume"]);
  });

  it("goes on from the older checkpoint when the newest is damaged, says so, and ends with the same bits", async () => {
    const whole = small(pcgrad());
    await collect(whole.options);
    const checkpoint = { folder, everySteps: 4 };
    const controller = new AbortController();
    for await (const event of fit(small(pcgrad(), { checkpoint, signal: controller.signal }).options)) {
      if (event.type === "step" && event.step === 21) controller.abort();
    }
    truncateSync(join(folder, "newest.gradpool"), 500);
    const resumed = small(pcgrad(), { checkpoint, resume: true });
    const { events } = await collect(resumed.options);
    expect(events[0]).toMatchObject({ type: "resume", step: 20 });
    expect(events[0]).toHaveProperty(["warnings", 0], expect.stringContaining("newest.gradpool"));
    expect(weightsOf(resumed.engine).equals(weightsOf(whole.engine))).toBe(true);
  });

  it("refuses a checkpoint of another configuration, naming what differs", async () => {
    await collect(small(ew(), { epochs: 1, checkpoint: { folder }, fingerprint: { lr: 1 } }).options);
    await expect(
      collect(small(ew(), { epochs: 1, checkpoint: { folder }, fingerprint: { lr: 2 }, resume: true }).options),
    ).rejects.toThrow(/lr was 1 and is 2/);
  });
});
