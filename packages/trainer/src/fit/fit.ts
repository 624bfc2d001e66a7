import { isDeepStrictEqual } from "node:util";
import { GradpoolError, type JsonObject } from "@gradpool/core";
import type { Snapshot } from "../checkpoint/format.js";
import { type CheckpointStore, checkpointStore } from "../checkpoint/store.js";
import type { Engine } from "../engine.js";
import type { FitEvent, FitResult, Metrics } from "./events.js";
import type { Feed } from "./feed.js";
import {
  beginEpoch,
  epochLosses,
  type FitState,
  fromJson,
  initialState,
  recordStep,
  toJson,
} from "./progress-state.js";

export type Evaluate = (part: "valid" | "test") => Metrics | Promise<Metrics>;

export interface FitOptions {
  readonly engine: Engine;
  readonly feed: Feed;
  readonly epochs: number;
  /** Measures the engine's present weights. Without it there is no early stopping and no best epoch. */
  readonly evaluate?: Evaluate;
  /** The metric of the validation part that decides which epoch is best. Default: the first one. */
  readonly monitor?: string;
  /** Default `max`. */
  readonly direction?: "max" | "min";
  /** Evaluate after every so many epochs. Default 1. */
  readonly evaluateEvery?: number;
  /** Stop after so many evaluations without gain. Default: never. */
  readonly patience?: number;
  /** Compute step diagnostics every so many steps. Default 0: never. */
  readonly diagnosticsEvery?: number;
  readonly checkpoint?: {
    readonly folder: string;
    /** Beside the one after every epoch, one every so many steps. Default 0: none. */
    readonly everySteps?: number;
  };
  /** Go on from the newest checkpoint, if there is one. */
  readonly resume?: boolean;
  /** What a resumed run must share with the one that wrote the checkpoint, e.g. its configuration. */
  readonly fingerprint?: JsonObject;
  /** Stops after the current step, with a checkpoint, `stopped: "interrupted"`. */
  readonly signal?: AbortSignal;
}

/** A run: iterate over its events, or just ask for its result. */
export interface Fit extends AsyncIterable<FitEvent> {
  /** Runs what is left of the run and answers with its result. */
  result(): Promise<FitResult>;
}

/**
 * Trains: epochs of steps, an evaluation after each, the best epoch's weights kept and tested at the end. Killed at any
 * moment and resumed, it ends with the bits of an unbroken run.
 *
 * Errors: what the engine's step throws (`non-finite`); `damaged` and `version` for checkpoints; `invalid-input` for a
 * checkpoint of another configuration, or a monitored metric that the evaluation does not give.
 */
export function fit(options: FitOptions): Fit {
  let outcome: FitResult | undefined;
  const events = run(options, (result) => {
    outcome = result;
  });
  return {
    [Symbol.asyncIterator]: () => events,
    async result() {
      for await (const _ of events);
      if (outcome !== undefined) return outcome;
      throw new GradpoolError({
        code: "failed",
        what: "the run ended without a result",
        where: "fit",
        remedy: "it failed or was left early: look at the error that its events threw",
      });
    },
  };
}

async function* run(
  options: FitOptions,
  finish: (result: FitResult) => void,
): AsyncGenerator<FitEvent, void, undefined> {
  const { engine, feed, signal } = options;
  const store = options.checkpoint === undefined ? null : checkpointStore(options.checkpoint.folder);
  const fingerprint = options.fingerprint ?? {};
  let state = initialState(engine.tasks.names.length);
  let bestInMemory: Snapshot | null = null;

  const snapshot = (): Snapshot => {
    const { arrays, json } = engine.snapshot();
    return { arrays, json: { fit: toJson(state), feed: feed.state(), engine: json, fingerprint } };
  };

  if (options.resume === true && store !== null) {
    const loaded = store.loadNewest();
    if (loaded !== null) {
      const { json, arrays } = loaded.snapshot;
      requireSame(json["fingerprint"] as JsonObject, fingerprint, options.checkpoint?.folder ?? "");
      engine.restore({ arrays: arrays as never, json: json["engine"] as JsonObject });
      feed.restore(json["feed"] as JsonObject);
      state = fromJson(json["fit"] as JsonObject);
      yield { type: "resume", epoch: state.epoch, step: state.step, warnings: loaded.warnings };
    }
  }

  // A checkpoint taken after the last step of an epoch still has that epoch's evaluation before it.
  while (state.stopped === null) {
    while (state.stepInEpoch < feed.stepsPerEpoch) {
      yield trainStep(options, state);
      const every = options.checkpoint?.everySteps ?? 0;
      const interrupted = signal?.aborted === true;
      if (store !== null && (interrupted || (every > 0 && state.step % every === 0))) {
        store.saveNewest(snapshot());
        yield { type: "checkpoint", epoch: state.epoch, step: state.step, kind: "newest" };
      }
      if (interrupted) {
        finish(resultOf(state, "interrupted", null));
        return;
      }
    }
    const { epoch, step } = state;
    yield {
      type: "epoch",
      epoch,
      step,
      losses: epochLosses(state),
      samples: state.epochSamples,
      skipped: state.epochSkipped,
      seconds: state.epochSeconds,
    };
    if (options.evaluate !== undefined && (epoch % (options.evaluateEvery ?? 1) === 0 || epoch === options.epochs)) {
      const metrics = await options.evaluate("valid");
      const best = judge(options, state, metrics);
      yield { type: "evaluation", epoch, step, metrics, best };
      if (best) {
        bestInMemory = keepBest(store, snapshot());
        yield { type: "checkpoint", epoch, step, kind: "best" };
      }
      if (state.waited >= (options.patience ?? Infinity)) state.stopped = "patience";
    }
    if (epoch === options.epochs) state.stopped ??= "epochs";
    if (state.stopped === null) beginEpoch(state);
    if (store !== null) {
      store.saveNewest(snapshot());
      yield { type: "checkpoint", epoch, step, kind: "newest" };
    }
  }

  let test: Metrics | null = null;
  if (options.evaluate !== undefined) {
    const best = store === null ? bestInMemory : store.loadBest();
    if (best !== null) engine.restore({ arrays: best.arrays as never, json: best.json["engine"] as JsonObject });
    test = await options.evaluate("test");
  }
  finish(resultOf(state, state.stopped, test));
}

function trainStep(options: FitOptions, state: FitState): FitEvent {
  const { engine, feed } = options;
  const every = options.diagnosticsEvery ?? 0;
  state.step++;
  state.stepInEpoch++;
  const start = performance.now();
  const result = engine.step({
    ...feed.next(),
    step: state.step,
    epoch: state.epoch,
    diagnostics: every > 0 && state.step % every === 0,
  });
  recordStep(state, result, (performance.now() - start) / 1000);
  return { type: "step", step: state.step, epoch: state.epoch, stepsPerEpoch: feed.stepsPerEpoch, ...result };
}

/** Files the evaluation in the history and says whether it is the best so far. */
function judge(options: FitOptions, state: FitState, metrics: Metrics): boolean {
  const monitor = options.monitor ?? Object.keys(metrics)[0] ?? "";
  const value = metrics[monitor];
  if (value === undefined) {
    throw new GradpoolError({
      code: "invalid-input",
      what: `the evaluation gives no ${monitor === "" ? "metric" : monitor}`,
      where: "fit, monitor",
      remedy: `watch one of ${Object.keys(metrics).join(", ")}`,
    });
  }
  const losses = epochLosses(state).map((loss) => (Number.isFinite(loss) ? loss : null));
  state.history.push({ epoch: state.epoch, step: state.step, losses, metrics });
  const held = state.best?.[monitor];
  const better = held === undefined || (options.direction === "min" ? value < held : value > held);
  state.waited = better ? 0 : state.waited + 1;
  if (better) {
    state.best = metrics;
    state.bestEpoch = state.epoch;
  }
  return better;
}

/** To the store, or, without one, a copy in memory (the arrays of a snapshot are live). */
function keepBest(store: CheckpointStore | null, snapshot: Snapshot): Snapshot | null {
  if (store !== null) {
    store.saveBest(snapshot);
    return null;
  }
  const arrays = new Map([...snapshot.arrays].map(([name, array]) => [name, array.slice()]));
  return { arrays, json: structuredClone(snapshot.json) };
}

function requireSame(stored: JsonObject, given: JsonObject, folder: string): void {
  const differing = [...new Set([...Object.keys(stored), ...Object.keys(given)])].filter(
    (key) => !isDeepStrictEqual(stored[key], given[key]),
  );
  if (differing.length === 0) return;
  const [key = ""] = differing;
  throw new GradpoolError({
    code: "invalid-input",
    what: `the checkpoint belongs to another configuration: ${key} was ${JSON.stringify(stored[key])} and is ${JSON.stringify(given[key])}`,
    where: folder,
    remedy: "resume with the same configuration, or start in a new folder",
  });
}

function resultOf(state: FitState, stopped: FitResult["stopped"], test: Metrics | null): FitResult {
  return {
    epochs: stopped === "interrupted" ? state.epoch - 1 : state.epoch,
    steps: state.step,
    stopped,
    bestEpoch: state.bestEpoch,
    best: state.best,
    test,
    history: state.history,
    skipped: state.skipped,
    lastSkipped: state.lastSkipped,
    samples: state.samples,
    trainingSeconds: state.trainingSeconds,
  };
}
