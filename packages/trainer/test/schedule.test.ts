import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GradientPool } from "@gradpool/core";
import { metaBalance } from "@gradpool/metabalance";
import { ew } from "@gradpool/ew";
import { afterAll, describe, expect, it } from "vitest";
import { fit, type FitOptions, type Schedule } from "../src/index.js";
import { gainsOf, rateAt } from "../src/fit/schedule.js";
import { collect, comparable, small, weightsOf } from "./fit-helpers.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-schedule-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The rates at the first step of epochs 1 … 9, of a run of eight. */
const byEpoch = (schedule: Schedule, warmup = 0): number[] =>
  Array.from({ length: 9 }, (_, e) =>
    rateAt(schedule, warmup, { step: e + 1, epoch: e + 1, stepsPerEpoch: 1, epochs: 8, gains: [] }),
  );

// torch.optim.lr_scheduler of torch 2.13.0, rates of the optimiser before each epoch, lr = 1.
const torch = {
  /** CosineAnnealingLR(T_max=8, eta_min=0.1) */
  cosine: [
    1, 0.9657457896300791, 0.8681980515339464, 0.7222075445642905, 0.55, 0.3777924554357097, 0.2318019484660537,
    0.134254210369921, 0.1,
  ],
  /** LinearLR(start_factor=1, end_factor=0.2, total_iters=8) */
  linear: [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2],
  /** StepLR(step_size=3, gamma=0.5) */
  step: [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25],
  /** ReduceLROnPlateau(mode="max", patience=1, factor=0.5, threshold=0.05, threshold_mode="abs", min_lr=0.2) on the values below */
  plateau: [1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2],
};

describe("a schedule", () => {
  it.each([
    ["cosine", { kind: "cosine", min: 0.1 }, torch.cosine],
    ["linear", { kind: "linear", min: 0.2 }, torch.linear],
    ["step", { kind: "step", every: 3, by: 0.5 }, torch.step],
  ] as const)("%s has PyTorch's rates", (_name, schedule, rates) => {
    byEpoch(schedule).forEach((rate, e) => expect(rate).toBeCloseTo(rates[e] as number, 12));
  });

  it("plateau has PyTorch's rates: its patience counts the evaluations that it waits, PyTorch's those before the last", () => {
    const values = [1, 1.2, 1.22, 1.24, 1.2, 1.2, 1.2, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3];
    const history = values.map((m, k) => ({ epoch: k + 1, step: k + 1, losses: [], metrics: { m } }));
    const gains = gainsOf(history, ({ metrics }) => metrics["m"] as number, "max", 0.05);
    const schedule = { kind: "plateau", patience: 2, by: 0.5, min: 0.2 } as const;
    const rates = [...values, 0].map((_, k) =>
      rateAt(schedule, 0, { step: k + 1, epoch: k + 1, stepsPerEpoch: 1, epochs: 20, gains: gains.slice(0, k) }),
    );
    rates.forEach((rate, k) => expect(rate).toBeCloseTo(torch.plateau[k] as number, 12));
  });

  it("warms up in a line from the first step on, and begins after it", () => {
    const at = (step: number, schedule: Schedule) =>
      rateAt(schedule, 1.5, { step, epoch: Math.ceil(step / 4), stepsPerEpoch: 4, epochs: 4, gains: [] });
    expect([1, 3, 6, 7, 16].map((step) => at(step, { kind: "constant" }))).toEqual([1 / 6, 1 / 2, 1, 1, 1]);
    expect(at(6, { kind: "linear" })).toBe(1);
    expect(at(7, { kind: "linear" })).toBe(1);
    expect(at(16, { kind: "linear" })).toBeCloseTo(1 / 10, 12);
  });

  it("of its own length stays where it ends, however long the run is", () => {
    const own = byEpoch({ kind: "cosine", epochs: 4 });
    expect(own[4]).toBe(0);
    expect(own[8]).toBe(0);
  });

  it("never takes NaN for a gain", () => {
    const history = [NaN, 1, NaN, 2].map((m, k) => ({ epoch: k, step: k, losses: [], metrics: { m } }));
    expect(gainsOf(history, ({ metrics }) => metrics["m"] as number, "max", 0)).toEqual([false, true, false, true]);
  });
});

describe("a run with a schedule", () => {
  const ratesOf = async (change: Partial<FitOptions>): Promise<number[]> => {
    const { engine, options } = small(ew(), change);
    const { events } = await collect(options);
    engine.dispose();
    return events.flatMap((event) => (event.type === "step" ? [event.learningRate] : []));
  };

  it("takes each step with its rate", async () => {
    const rates = await ratesOf({ schedule: { kind: "linear" }, warmup: 0.5, epochs: 2 });
    const steps = rates.length / 2;
    expect(rates[0]).toBeCloseTo((0.02 * 2) / steps, 12);
    expect(Math.max(...rates)).toBeLessThanOrEqual(0.02);
    expect(rates.at(-1)).toBeLessThan(0.002);
  });

  it.each<readonly [string, Partial<FitOptions>]>([
    ["cosine after a warm-up", { schedule: { kind: "cosine" }, warmup: 1.5 }],
    ["step", { schedule: { kind: "step", every: 1, by: 0.5 } }],
    ["plateau with a least gain", { schedule: { kind: "plateau", patience: 1, by: 0.1 }, minDelta: 0.01 }],
  ])("%s, stopped at any step and resumed, ends with the bits of an unbroken one", async (name, change) => {
    const pool = (): GradientPool => metaBalance() as GradientPool;
    const whole = small(pool(), { ...change, epochs: 4 });
    const unbroken = await collect(whole.options);
    const checkpoint = { folder: join(folder, name) };
    for (const after of [3, 11, 17]) {
      const stop = new AbortController();
      const next = small(pool(), { ...change, epochs: 4, checkpoint, resume: true, signal: stop.signal });
      for await (const event of fit(next.options)) if (event.type === "step" && event.step >= after) stop.abort();
      next.engine.dispose();
    }
    const last = small(pool(), { ...change, epochs: 4, checkpoint, resume: true });
    const { result } = await collect(last.options);
    expect(comparable(result)).toEqual(comparable(unbroken.result));
    expect(weightsOf(last.engine).equals(weightsOf(whole.engine))).toBe(true);
  });

  it("leaves the rate alone where nothing is asked for", async () => {
    const { engine, options } = small(ew(), { epochs: 1 });
    engine.setLearningRate(0.5);
    const { events } = await collect(options);
    expect(events.find((event) => event.type === "step")).toMatchObject({ learningRate: 0.5 });
    engine.dispose();
  });

  it.each<readonly [Partial<FitOptions>, RegExp]>([
    [{ warmup: -1 }, /warmup is -1/],
    [{ schedule: { kind: "step", every: 0, by: 0.5 } }, /every = 0/],
    [{ schedule: { kind: "cosine", min: 2 } }, /min = 2/],
    [{ schedule: { kind: "exponential" } as never }, /kind is exponential.*constant, cosine/],
    [{ minDelta: Number.NaN }, /minDelta is NaN/],
  ])("refuses %o", (change, words) => {
    const { engine, options } = small(ew(), change);
    expect(() => fit(options)).toThrow(words);
    engine.dispose();
  });
});

describe("patience with a least gain", () => {
  it("waits through small gains, and keeps the best of them all the same", async () => {
    let asked = 0;
    const values = [1, 1.05, 1.09, 2, 9];
    const evaluate = (part: string) => ({ m: part === "valid" ? values[asked++]! : 0 });
    const { engine, options } = small(ew(), { epochs: 20, patience: 2, minDelta: 0.1, evaluate });
    const { result } = await collect(options);
    expect(result).toMatchObject({ stopped: "patience", epochs: 3, bestEpoch: 3 });
    engine.dispose();
  });
});
