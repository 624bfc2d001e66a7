import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type MemoryUse, fit, type FitOptions, selectBackend, type StateArray } from "../src/index.js";
import { collect, comparable } from "./fit-helpers.js";
import { type Kind, type TensorRun, tensorRun } from "./tensor-runs.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-tensor-fit-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const both: readonly Kind[] = ["bottom", "click"];
const { tf } = await selectBackend("cpu", { log: null });

/** All bits of an engine: weights, moments, counters, pool state. */
function bitsOf({ engine }: TensorRun): object {
  const { arrays, json } = engine.snapshot();
  const bytes = (array: StateArray): string =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");
  return { json, arrays: [...arrays].map(([name, array]) => [name, bytes(array)]) };
}

interface Seen extends MemoryUse {
  readonly numTensors: number;
  readonly numBytes: number;
  readonly numDataBuffers: number;
}

async function interrupted(kind: Kind, step: number, change: Partial<FitOptions>): Promise<void> {
  const controller = new AbortController();
  const { engine, options } = tensorRun(tf, kind, { ...change, signal: controller.signal });
  for await (const event of fit(options)) if (event.type === "step" && event.step === step) controller.abort();
  engine.dispose();
}

describe("fit on the tensor engine", () => {
  it.each(["cpu", "wasm"] as const)(
    "holds the same memory after every epoch, evaluation and checkpoint, and none once disposed (%s)",
    async (backend) => {
      const { tf: device } = await selectBackend(backend, { log: null });
      for (const kind of both) {
        const before = device.memory();
        const run = tensorRun(device, kind, { epochs: 4, checkpoint: { folder: join(folder, kind), everySteps: 5 } });
        const seen = (): Seen => {
          const { numTensors, numBytes, numDataBuffers } = device.memory();
          return { numTensors, numBytes, numDataBuffers, ...run.engine.memory() };
        };
        const held = new Map<number, Seen>();
        for await (const event of fit(run.options)) {
          const epoch = event.step / run.options.feed.stepsPerEpoch;
          if (event.type === "checkpoint" && Number.isInteger(epoch)) held.set(epoch, seen());
        }
        held.set(Infinity, seen());
        expect(held.size).toBe(run.options.epochs + 1);
        const second = held.get(2) as Seen;
        for (const [epoch, { scratch, ...one }] of held) {
          if (epoch <= 2) continue;
          expect({ ...one, scratch: 0 }, `${kind}, ${epoch}`).toEqual({ ...second, scratch: 0 });
          // The largest batch so far, in distinct rows, decides.
          expect(scratch).toBeLessThan(1.1 * second.scratch);
        }
        run.engine.dispose();
        const { numTensors, numBytes, numDataBuffers } = device.memory();
        expect({ numTensors, numBytes, numDataBuffers }).toEqual({
          numTensors: before.numTensors,
          numBytes: before.numBytes,
          numDataBuffers: before.numDataBuffers,
        });
      }
      await selectBackend("cpu", { log: null });
    },
  );

  it("leaves no tensor behind when it is left early, fails in an evaluation, or meets a batch that it cannot read", async () => {
    for (const kind of both) {
      const { numTensors } = tf.memory();
      const left = tensorRun(tf, kind);
      for await (const event of fit(left.options)) if (event.step === 3) break;
      left.engine.dispose();
      const failing = tensorRun(tf, kind, { evaluate: () => Promise.reject(new Error("no rows")) });
      await expect(fit(failing.options).result()).rejects.toThrow("no rows");
      failing.engine.dispose();
      const other = tensorRun(tf, kind === "click" ? "bottom" : "click").options.feed;
      const wrong = tensorRun(tf, kind, { feed: other });
      await expect(fit(wrong.options).result()).rejects.toThrow(
        kind === "bottom" ? /no labels of pv/ : /batch of joint.*give impressions/,
      );
      wrong.engine.dispose();
      expect(tf.memory().numTensors, kind).toBe(numTensors);
    }
  });

  it.each(both)(
    "goes on from the older checkpoint when the newest is damaged, says so, and ends with the same bits (%s)",
    async (kind) => {
      const whole = tensorRun(tf, kind, { epochs: 3 });
      const { result } = await collect(whole.options);
      const checkpoint = { folder, everySteps: 4 };
      await interrupted(kind, 19, { epochs: 3, checkpoint });
      truncateSync(join(folder, "newest.gradpool"), 700);
      const resumed = tensorRun(tf, kind, { epochs: 3, checkpoint, resume: true });
      const after = await collect(resumed.options);
      // 19 was interrupted; the one before it was written after step 16, or at the end of an epoch.
      const older = Math.max(16, whole.options.feed.stepsPerEpoch);
      expect(after.events[0]).toMatchObject({ type: "resume", step: older });
      expect(after.events[0]).toHaveProperty(["warnings", 0], expect.stringMatching(/damaged.*newest\.gradpool/));
      expect(comparable(after.result)).toEqual(comparable(result));
      expect(bitsOf(resumed)).toEqual(bitsOf(whole));
      whole.engine.dispose();
      resumed.engine.dispose();
    },
  );

  it.each(both)("keeps the learning rate that a schedule had set, over an interruption (%s)", async (kind) => {
    const change = { epochs: 4, evaluate: undefined as never };
    /** Trains with a falling rate, as a user would write it; stops after step `stop`. */
    const scheduled = async (stop: number, checkpoint: Partial<FitOptions>): Promise<TensorRun> => {
      const controller = new AbortController();
      const run = tensorRun(tf, kind, { ...change, ...checkpoint, signal: controller.signal });
      for await (const event of fit(run.options)) {
        if (event.type === "epoch") run.engine.setLearningRate(0.01 / (event.epoch + 1));
        if (event.type === "step" && event.step === stop) controller.abort();
      }
      return run;
    };
    const checkpoint = { folder };
    const whole = await scheduled(Infinity, {});
    const { stepsPerEpoch } = whole.options.feed;
    const first = await scheduled(2 * stepsPerEpoch + 5, { checkpoint });
    const resumed = await scheduled(Infinity, { checkpoint, resume: true });
    expect(bitsOf(resumed)).toEqual(bitsOf(whole));
    for (const { engine } of [whole, first, resumed]) engine.dispose();
  });

  it("refuses a snapshot of a run with another pool", () => {
    const { engine } = tensorRun(tf, "bottom");
    const { arrays, json } = engine.snapshot();
    expect(() => engine.restore({ arrays, json: { ...json, pool: "pcgrad" } })).toThrow(
      /a snapshot of a run with pcgrad.*pool metabalance/,
    );
    engine.dispose();
  });

  it("refuses a checkpoint of another model before it takes anything from it", async () => {
    await interrupted("bottom", 5, { checkpoint: { folder } });
    const other = tensorRun(tf, "click", { checkpoint: { folder }, resume: true });
    const before = bitsOf(other);
    await expect(collect(other.options)).rejects.toThrow(/another configuration: tasks was .*pv.* and is .*buy.*cart/);
    expect(bitsOf(other)).toEqual(before);
    other.engine.dispose();
  });
});
