import { GradpoolError, type JsonObject } from "@gradpool/core";
import { lockFolder } from "@gradpool/files";
import type { UndefinedMetric } from "@gradpool/metrics";
import type { Snapshot } from "../checkpoint/format.js";
import { checkpointStore } from "../checkpoint/store.js";
import { breather } from "../event-loop/breathe.js";
import type { Metrics } from "../evaluate/contract.js";
import type { EvaluationEvent, FitEvent, FitResult } from "./events.js";
import { checkOptions, type FitOptions, monitorOf } from "./options.js";
import { beginEpoch, epochLosses, type FitState, initialState, toJson, whyStopped } from "./progress-state.js";
import { loadBest } from "./best.js";
import { feedAhead } from "./feed-ahead.js";
import { requireMetrics } from "./answered.js";
import { identityOf } from "./identity.js";
import { refuseOthers, resumeFrom } from "./resume.js";
import { resultOf } from "./result.js";
import { epochEvent, gainsIn, isInterruption, learningRates, savingUnless, trainStep } from "./train-step.js";

/** A run: iterate over its events, or just ask for its result. */
export interface Fit extends AsyncIterable<FitEvent> {
  /** Runs what is left of the run and answers with its result. */
  result(): Promise<FitResult>;
}

/**
 * Trains: epochs of steps, an evaluation after each, the best epoch's weights kept and tested at the end. Killed at any
 * moment and resumed, it ends with the bits of an unbroken run. Nothing runs until it is iterated over or asked for its
 * result.
 *
 * Errors, at once: `invalid-option`. While it runs: what the engine's step throws (`non-finite`) and what `evaluate` throws
 * (with a checkpoint before it, so that no training is lost); `damaged` and `version` for checkpoints, the best one's absence included; `invalid-input` for
 * a checkpoint of another configuration, and for a folder that holds another run's; `usage` for one that another run writes to.
 */
export function fit(options: FitOptions): Fit {
  checkOptions(options);
  let outcome: FitResult | undefined;
  let failure: { readonly error: unknown } | undefined;
  async function* watched(): AsyncGenerator<FitEvent, void, undefined> {
    try {
      outcome = yield* run(options);
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  const events = watched();
  return {
    [Symbol.asyncIterator]: () => events,
    async result() {
      for await (const _ of events);
      if (outcome !== undefined) return outcome;
      if (failure !== undefined) throw failure.error;
      throw new GradpoolError({
        code: "failed",
        what: "the run ended without a result",
        where: "fit",
        remedy: "its events were left before the last one: let the loop over them end, or stop it with `signal`",
      });
    },
  };
}

/** With the folder of the checkpoints to itself: two runs in one would mix theirs. */
async function* run(options: FitOptions): AsyncGenerator<FitEvent, FitResult, undefined> {
  const { folder, lock: locks = true } = options.checkpoint ?? {};
  if (folder === undefined || !locks) return yield* train(options);
  const lock = await lockFolder(folder);
  try {
    return yield* train(options);
  } finally {
    lock.release();
  }
}

async function* train(options: FitOptions): AsyncGenerator<FitEvent, FitResult, undefined> {
  const { engine, feed, signal, evaluate } = options;
  const { folder } = options.checkpoint ?? { folder: "" };
  const store = options.checkpoint === undefined ? null : checkpointStore(folder);
  const identity = identityOf(options);
  let state = initialState(engine.tasks.names.length);
  let bestInMemory: Snapshot | null = null;
  const breathe = breather();
  const ahead = feedAhead(feed);
  const rates = learningRates(options);

  const snapshot = (): Snapshot => {
    const { arrays, json } = engine.snapshot();
    const kept = options.keep === undefined ? {} : { kept: options.keep() };
    return { arrays, json: { fit: toJson(state), feed: ahead.state(), engine: json, ...identity, ...kept } };
  };

  if (store !== null && options.resume !== true) refuseOthers(store, options);
  if (store !== null && options.resume === true) {
    const resumed = resumeFrom(store, options);
    if (resumed !== null) {
      ({ state } = resumed);
      const { warnings, kept } = resumed;
      yield { type: "resume", epoch: state.epoch, step: state.step, warnings, kept };
    }
  }

  const began = state.step;
  // A checkpoint taken after the last step of an epoch still has that epoch's evaluation before it.
  while (state.stopped === null) {
    while (state.stepInEpoch < feed.stepsPerEpoch) {
      const waits = feed.ready?.();
      if (waits !== undefined) await savingUnless(waits, () => store?.saveNewest(snapshot()), state.step > began);
      yield trainStep(options, state, rates, ahead);
      await breathe();
      const every = options.checkpoint?.everySteps ?? 0;
      const interrupted = signal?.aborted === true;
      if (store !== null && (interrupted || (every > 0 && state.step % every === 0))) {
        store.saveNewest(snapshot());
        yield { type: "checkpoint", epoch: state.epoch, step: state.step, kind: "newest" };
      }
      if (interrupted) return resultOf(state, "interrupted", null, []);
    }
    const { epoch, step } = state;
    if (state.told !== true) yield epochEvent(state, engine.learningRate);
    if (evaluate !== undefined && (epoch % (options.evaluateEvery ?? 1) === 0 || epoch === options.epochs)) {
      let judged: Pick<EvaluationEvent, "metrics" | "undefined" | "best">;
      try {
        const missing: UndefinedMetric[] = [];
        const metrics = requireMetrics(await evaluate("valid", (one) => missing.push(one), undefined, signal));
        judged = { metrics, undefined: missing, best: judge(options, state, metrics, missing) };
      } catch (error) {
        state.told = true;
        store?.saveNewest(snapshot());
        if (!isInterruption(error, signal)) throw error;
        if (store !== null) yield { type: "checkpoint", epoch, step, kind: "newest" };
        return resultOf(state, "interrupted", null, []);
      }
      delete state.told;
      yield { type: "evaluation", epoch, step, ...judged };
      if (judged.best) {
        if (store === null) bestInMemory = copyOf(snapshot());
        else state.bestDigest = store.saveBest(snapshot());
        yield { type: "checkpoint", epoch, step, kind: "best" };
      }
    }
    state.stopped = whyStopped(options, state);
    if (state.stopped === null) beginEpoch(state);
    if (store !== null) {
      store.saveNewest(snapshot());
      yield { type: "checkpoint", epoch, step, kind: "newest" };
    }
  }

  let test: Metrics | null = null;
  const missing: UndefinedMetric[] = [];
  if (evaluate !== undefined) {
    // Without a best epoch (no value was a number) a best checkpoint would be another run's.
    const best =
      state.bestEpoch === null ? null : store === null ? bestInMemory : loadBest({ store, folder, state, identity });
    if (best !== null) engine.restore({ arrays: best.arrays as never, json: best.json["engine"] as JsonObject });
    try {
      test = requireMetrics(await evaluate("test", (one) => missing.push(one), undefined, signal));
    } catch (error) {
      // All that was learned is saved: resumed, the run only tests.
      if (isInterruption(error, signal)) return resultOf(state, "interrupted", null, []);
      throw error;
    }
  }
  return resultOf(state, state.stopped, test, missing);
}

/** Files the evaluation in the history and says whether it is the best so far. NaN is never the best. */
function judge(options: FitOptions, state: FitState, metrics: Metrics, missing: readonly UndefinedMetric[]): boolean {
  const monitor = monitorOf(options, Object.keys(metrics));
  const value = monitor.value(metrics);
  const losses = epochLosses(state).map((loss) => (Number.isFinite(loss) ? loss : null));
  state.history.push({
    epoch: state.epoch,
    step: state.step,
    losses,
    metrics,
    ...(missing.length > 0 && { undefined: missing }),
  });
  const held = state.best === null ? undefined : monitor.value(state.best);
  const gain = held === undefined || (monitor.direction === "min" ? value < held : value > held);
  const best = gain && !Number.isNaN(value);
  state.waited = gainsIn(options, state.history).reduce((waited, gained) => (gained ? 0 : waited + 1), 0);
  if (best) {
    state.best = metrics;
    state.bestEpoch = state.epoch;
  }
  return best;
}

/** A copy in memory: the arrays of a snapshot are live. */
function copyOf(snapshot: Snapshot): Snapshot {
  const arrays = new Map([...snapshot.arrays].map(([name, array]) => [name, array.slice()]));
  return { arrays, json: structuredClone(snapshot.json) };
}
