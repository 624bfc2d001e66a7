import type { JsonObject } from "@gradpool/core";
import type { UndefinedMetric } from "@gradpool/metrics";
import type { Snapshot } from "../checkpoint/format.js";
import { type CheckpointStore, checkpointStore } from "../checkpoint/store.js";
import type { Engine, EngineSnapshot } from "../engine/contract.js";
import type { Evaluate } from "../evaluate/contract.js";
import { breather } from "../event-loop/breathe.js";
import { requireMetrics } from "./answered.js";
import type { EvaluationEvent, FitEvent, FitResult } from "./events.js";
import { feedAhead } from "./feed-ahead.js";
import type { Feed } from "./feed-contract.js";
import { grownArrays } from "./grow.js";
import type { FitOptions } from "./options.js";
import { beginEpoch, type FitState, fromJson, initialState, toJson } from "./progress-state.js";
import { refuseOthers, requireSame } from "./resume.js";
import { resultOf } from "./result.js";
import { epochEvent, isInterruption, learningRates, savingUnless, trainStep } from "./train-step.js";

/** Rows that have come, and what trains on them. */
export interface Arrival {
  readonly name: string;
  /** The same as for the arrival before, or one of a model whose tables have more rows. */
  readonly engine: Engine;
  /** The model's tables. */
  readonly tables: readonly string[];
  /** Its epoch is one pass over the rows. */
  readonly feed: Feed;
  /** Judges the rows, before anything is learnt from them. Asked for `valid`. */
  readonly evaluate: Evaluate;
}

/** Where rows come from, one arrival after the other. */
export interface Arrivals {
  /** Waits for the next; null: no more are to come, or `signal` has fired. The arrival before is done with. */
  next(signal: AbortSignal | undefined): Promise<Arrival | null>;
  /** After `restore`: the one that was under way, opened again; null if none was. */
  again(): Promise<Arrival | null>;
  /** Plain data: which have been learnt from, and which is under way. */
  state(): JsonObject;
  restore(state: JsonObject): void;
  /** The one under way has been learnt from. */
  done(): void;
}

type Taken = Pick<FitOptions, "diagnosticsEvery" | "fingerprint" | "keep" | "signal" | "resume">;

export interface FollowOptions extends Taken {
  readonly arrivals: Arrivals;
  readonly tasks: readonly string[];
  readonly checkpoint: NonNullable<FitOptions["checkpoint"]>;
  /** What another run has learnt, to begin with: saved as this one's before anything else, so that a break loses nothing of it. */
  readonly start?: Snapshot;
}

/**
 * Trains on rows as they arrive: each arrival is judged first (progressive validation), then learnt from in one pass, then saved; an epoch is an
 * arrival. Killed at any moment and resumed, it ends with the bits of an unbroken run over the same arrivals. Tables may grow from one to the next.
 *
 * Errors: those of `fit`, and of `arrivals`; whatever fails, what was learnt is saved.
 */
export async function* follow(options: FollowOptions): AsyncGenerator<FitEvent, FitResult, undefined> {
  const { arrivals, signal, checkpoint } = options;
  const store = checkpointStore(checkpoint.folder);
  const run: Following = { store, state: initialState(options.tasks.length), engine: null };
  let underWay: JsonObject | null = null;
  if (options.resume !== true) refuseOthers(store, options);
  const loaded = options.resume === true ? store.loadNewest() : null;
  if (loaded !== null) {
    const { json } = loaded.snapshot;
    requireSame(json["fingerprint"] as JsonObject, options.fingerprint ?? {}, checkpoint.folder);
    run.state = fromJson(json["fit"] as JsonObject);
    underWay = json["feed"] as JsonObject;
    arrivals.restore(json["arrivals"] as JsonObject);
    const kept = (json["kept"] ?? null) as JsonObject | null;
    const { epoch, step } = run.state;
    yield { type: "resume", epoch, step, warnings: loaded.warnings, kept };
  }
  if (loaded === null && options.start !== undefined) {
    const { arrays, json } = options.start;
    const { fingerprint = {} } = options;
    const own = { fingerprint, run: json["run"] ?? {}, arrivals: arrivals.state(), engine: json["engine"] ?? {} };
    store.saveNewest({ arrays, json: { fit: toJson(run.state), feed: {}, ...own } });
    yield { type: "checkpoint", epoch: run.state.epoch, step: 0, kind: "newest" };
  }
  for (let arrival = loaded && (await arrivals.again()); ; arrival = null) {
    if (arrival === null) {
      underWay = null;
      arrival = await arrivals.next(signal);
      if (arrival === null) break;
      if (run.state.stepInEpoch > 0) beginEpoch(run.state);
    }
    takeOver(run, arrival);
    if (underWay !== null) arrival.feed.restore(underWay);
    if (!(yield* learn(options, run, arrival, underWay === null))) break;
  }
  return resultOf(run.state, signal?.aborted === true ? "interrupted" : "epochs", null, []);
}

interface Following {
  readonly store: CheckpointStore;
  state: FitState;
  /** The one that holds what has been learnt; null: what has is in the newest checkpoint. */
  engine: Engine | null;
}

/** Another engine takes over what the checkpoint holds, which is all there is between two arrivals. */
function takeOver(run: Following, { engine, tables }: Arrival): void {
  if (run.engine === engine) return;
  run.engine = engine;
  const held = run.store.loadNewest()?.snapshot;
  if (held === undefined) return;
  const arrays = grownArrays(held.arrays as EngineSnapshot["arrays"], engine.snapshot().arrays, tables);
  engine.restore({ arrays, json: held.json["engine"] as JsonObject });
}

/** Judges an arrival that is new, and learns from it. Answers with whether it came to its end. */
async function* learn(
  options: FollowOptions,
  { store, state }: Following,
  { engine, feed, evaluate, name }: Arrival,
  isNew: boolean,
): AsyncGenerator<FitEvent, boolean, undefined> {
  const { arrivals, signal, checkpoint, fingerprint = {}, keep, diagnosticsEvery = 0 } = options;
  const fitting: FitOptions = { engine, feed, epochs: state.epoch, diagnosticsEvery };
  const ahead = feedAhead(feed);
  const snapshot = (): Snapshot => {
    const { arrays, json } = engine.snapshot();
    const run = { tasks: options.tasks, level: engine.level };
    const kept = keep === undefined ? {} : { kept: keep() };
    const beside = { fingerprint, run, arrivals: arrivals.state(), ...kept };
    return { arrays, json: { fit: toJson(state), feed: ahead.state(), engine: json, ...beside } };
  };
  const save = (): FitEvent => {
    store.saveNewest(snapshot());
    return { type: "checkpoint", epoch: state.epoch, step: state.step, kind: "newest" };
  };
  if (isNew) {
    try {
      yield await judge(state, name, evaluate, signal);
    } catch (error) {
      // Between two arrivals everything is saved.
      if (isInterruption(error, signal)) return false;
      throw error;
    }
  }
  const rates = learningRates(fitting);
  const began = state.step;
  const breathe = breather();
  while (state.stepInEpoch < feed.stepsPerEpoch) {
    const waits = feed.ready?.();
    if (waits !== undefined) await savingUnless(waits, save, state.step > began);
    yield trainStep(fitting, state, rates, ahead);
    await breathe();
    if (state.stepInEpoch === feed.stepsPerEpoch) break;
    const { everySteps = 0 } = checkpoint;
    const interrupted = signal?.aborted === true;
    if (interrupted || (everySteps > 0 && state.step % everySteps === 0)) yield save();
    if (interrupted) return false;
  }
  yield { ...epochEvent(state, engine.learningRate), arrival: name };
  arrivals.done();
  yield save();
  return true;
}

async function judge(
  state: FitState,
  arrival: string,
  evaluate: Evaluate,
  signal: AbortSignal | undefined,
): Promise<EvaluationEvent> {
  const missing: UndefinedMetric[] = [];
  const metrics = requireMetrics(await evaluate("valid", (one) => missing.push(one), undefined, signal));
  const { epoch, step } = state;
  state.history.push({ epoch, step, losses: [], metrics, ...(missing.length > 0 && { undefined: missing }) });
  return { type: "evaluation", epoch, step, metrics, undefined: missing, best: false, arrival };
}
