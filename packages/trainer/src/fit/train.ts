import type { JsonObject } from "@gradpool/core";
import type { UndefinedMetric } from "@gradpool/metrics";
import type { Snapshot } from "../checkpoint/format.js";
import { type CheckpointStore, checkpointStore } from "../checkpoint/store.js";
import type { Evaluate } from "../evaluate/contract.js";
import { breather } from "../event-loop/breathe.js";
import { requireMetrics } from "./answered.js";
import { loadBest } from "./best.js";
import type { CheckpointEvent, EvaluationEvent, FitEvent, FitResult } from "./events.js";
import { type FeedAhead, feedAhead } from "./feed-ahead.js";
import { identityOf } from "./identity.js";
import { judge } from "./judge.js";
import { type Keeper, keeper } from "./keeper.js";
import type { FitOptions } from "./options.js";
import { beginEpoch, type FitState, initialState, toJson, whyStopped } from "./progress-state.js";
import { refuseOthers, resumeFrom } from "./resume.js";
import { resultOf } from "./result.js";
import {
  epochEvent,
  isInterruption,
  type LearningRates,
  learningRates,
  savingUnless,
  trainStep,
} from "./train-step.js";

/** A run under way: what its parts have in common. */
interface Running {
  readonly options: FitOptions;
  /** Null: nothing is saved. */
  readonly store: CheckpointStore | null;
  readonly identity: ReturnType<typeof identityOf>;
  readonly ahead: FeedAhead;
  readonly rates: LearningRates;
  readonly breathe: () => Promise<void> | undefined;
  state: FitState;
  readonly keeper: Keeper;
}

/** Epochs of steps with an evaluation after each, then the test: what `fit` does with its folder to itself. */
export async function* train(options: FitOptions): AsyncGenerator<FitEvent, FitResult, undefined> {
  const { engine, feed, epochs, evaluate, evaluateEvery = 1 } = options;
  const store = options.checkpoint === undefined ? null : checkpointStore(options.checkpoint.folder);
  const run: Running = {
    options,
    store,
    identity: identityOf(options),
    ahead: feedAhead(feed),
    rates: learningRates(options),
    breathe: breather(),
    state: initialState(engine.tasks.names.length),
    keeper: keeper(options, store),
  };
  yield* begin(run);
  const { state } = run;
  const began = state.step;
  // A checkpoint taken after the last step of an epoch still has that epoch's evaluation before it.
  while (state.stopped === null) {
    if (!(yield* steps(run, began))) return resultOf(state, "interrupted", null, []);
    if (state.told !== true) yield epochEvent(state, engine.learningRate);
    const { epoch, step } = state;
    if (evaluate !== undefined && (epoch % evaluateEvery === 0 || epoch === epochs)) {
      if (!(yield* evaluation(run, evaluate))) return resultOf(state, "interrupted", null, []);
    }
    state.stopped = whyStopped(options, state);
    if (state.stopped === null) beginEpoch(state);
    if (run.store !== null) {
      save(run);
      yield { type: "checkpoint", epoch, step, kind: "newest" };
    }
  }
  return tested(run, state.stopped);
}

/** From the beginning, in a folder without a run, or from the newest checkpoint. */
async function* begin(run: Running): AsyncGenerator<FitEvent, void, undefined> {
  const { options, store } = run;
  if (store === null) return;
  if (options.resume !== true) return refuseOthers(store, options);
  const resumed = resumeFrom(store, options);
  if (resumed === null) return;
  run.state = resumed.state;
  run.keeper.goesOn(run.state);
  const { epoch, step } = run.state;
  yield { type: "resume", epoch, step, warnings: resumed.warnings, kept: resumed.kept };
}

/** The steps that are left of an epoch. Answers with whether it came to its end. */
async function* steps(run: Running, began: number): AsyncGenerator<FitEvent, boolean, undefined> {
  const { options, store, state, ahead, rates, breathe } = run;
  const { feed, signal, checkpoint } = options;
  const every = checkpoint?.everySteps ?? 0;
  while (state.stepInEpoch < feed.stepsPerEpoch) {
    const waits = feed.ready?.();
    if (waits !== undefined) await savingUnless(waits, () => save(run), state.step > began);
    yield trainStep(options, state, rates, ahead);
    await breathe();
    const interrupted = signal?.aborted === true;
    if (store !== null && (interrupted || (every > 0 && state.step % every === 0))) {
      save(run);
      yield newest(state);
    }
    if (interrupted) return false;
  }
  return true;
}

/** Judges the epoch, and keeps it where it is the best so far, or may become it. Answers with whether it came to its end. */
async function* evaluation(run: Running, evaluate: Evaluate): AsyncGenerator<FitEvent, boolean, undefined> {
  const { options, store, state, keeper } = run;
  const { epoch, step, bestEpoch } = state;
  let judged: Pick<EvaluationEvent, "metrics" | "undefined" | "best">;
  try {
    const missing: UndefinedMetric[] = [];
    const metrics = requireMetrics(await evaluate("valid", (one) => missing.push(one), undefined, options.signal));
    judged = { metrics, undefined: missing, best: judge(options, state, metrics, missing) };
  } catch (error) {
    state.told = true;
    save(run);
    if (!isInterruption(error, options.signal)) throw error;
    if (store !== null) yield newest(state);
    return false;
  }
  delete state.told;
  yield { type: "evaluation", epoch, step, ...judged };
  keeper.keep(state, bestEpoch, () => snapshotOf(run));
  if (state.bestEpoch !== bestEpoch) {
    yield { type: "checkpoint", epoch, step, kind: "best" };
  }
  return true;
}

/** The result, with a test of the best epoch's weights; of the last ones where no epoch is the best. */
async function tested(run: Running, stopped: "epochs" | "patience"): Promise<FitResult> {
  const { options, store, state, identity, keeper } = run;
  const { engine, evaluate, signal, checkpoint } = options;
  if (evaluate === undefined) return resultOf(state, stopped, null, []);
  // Without a best epoch (no value was a number) a best checkpoint would be another run's.
  const { folder = "" } = checkpoint ?? {};
  const { bestEpoch } = state;
  const held =
    bestEpoch === null
      ? null
      : store === null
        ? keeper.inMemory(bestEpoch)
        : loadBest({ store, folder, state, identity });
  if (held !== null) engine.restore({ arrays: held.arrays as never, json: held.json["engine"] as JsonObject });
  const missing: UndefinedMetric[] = [];
  try {
    const test = requireMetrics(await evaluate("test", (one) => missing.push(one), undefined, signal));
    return resultOf(state, stopped, test, missing);
  } catch (error) {
    // All that was learned is saved: resumed, the run only tests.
    if (isInterruption(error, signal)) return resultOf(state, "interrupted", null, []);
    throw error;
  }
}

/** The newest checkpoint, where any are saved; what neither it nor the one before it needs goes. */
function save(run: Running): void {
  run.store?.saveNewest(snapshotOf(run));
  run.keeper.saved(run.state);
}

const newest = ({ epoch, step }: FitState): CheckpointEvent => ({ type: "checkpoint", epoch, step, kind: "newest" });

function snapshotOf({ options, state, ahead, identity }: Running): Snapshot {
  const { arrays, json } = options.engine.snapshot();
  const kept = options.keep === undefined ? {} : { kept: options.keep() };
  return { arrays, json: { fit: toJson(state), feed: ahead.state(), engine: json, ...identity, ...kept } };
}
