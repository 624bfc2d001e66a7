import { given, isGradpoolError, type NamesOf, requireNames } from "@gradpool/core";
import { refuseLocked } from "@gradpool/files";
import { loadPool } from "@gradpool/registry";
import {
  accumulatedFeed,
  type Engine,
  type Evaluate,
  fit,
  type FitEvent,
  type FitResult,
  type UserValues,
} from "@gradpool/trainer";
import { makeCard } from "../card/card.js";
import { trainedMetrics } from "../card/metrics.js";
import type { ModelCard } from "../card/schema.js";
import { writeCard } from "../card/write.js";
import { chooseFeatures } from "../data/choose-features.js";
import { factsOf } from "../data/facts.js";
import { type LoadedData, loadData } from "../data/load.js";
import { noteOnValues } from "../data/side-tasks.js";
import { absoluteData, parseData } from "../data/spec.js";
import { keptOf, readKept, writeKept } from "../kept/keep.js";
import { optionError } from "../options/errors.js";
import { readSchedule } from "../options/schedule.js";
import type { TrainConfig } from "../options/training.js";
import { tensorBoard } from "../live/tensorboard.js";
import type { MadeWorkload, Workload } from "../workloads/contract.js";
import { judgeUntrained } from "./judge-untrained.js";
import { loadWorkload } from "../workloads/load.js";
import { needsOf, requireDraws } from "../workloads/draws.js";
import { makeWorkload } from "../workloads/make.js";
import { readAsked } from "./asked.js";
import { fingerprintOf, goesFurther, noteOnMore, requireHeld } from "./continue.js";
import { costOf } from "./cost.js";
import { makeEngine } from "./engine.js";
import { monitorOf } from "../options/monitor.js";
import { environment } from "./environment.js";
import { noteOnFewSteps } from "./few-steps.js";
import { pathsOf, writeConfig } from "./folder.js";
import { requireKind } from "./followed.js";
import { inFolder } from "./in-folder.js";
import { describeLeftOut } from "./left-out.js";
import { runLog } from "./log.js";
import type { LogLengths, RunFile } from "./messages.js";
import { recordedResult } from "./recorded.js";
import { readResult, writeResult } from "./result-file.js";
import { spellOut } from "./spell-out.js";

export interface TrainOptions {
  /** What differs from the defaults; when resuming, from the run's own configuration: nothing need be said again. */
  readonly config: Partial<TrainConfig>;
  /** Folder of the run: config.json, metrics.jsonl, diagnostics.jsonl, data.gradpool, checkpoint/, result.json. One process writes to it. */
  readonly out: string;
  /** Go on from the newest checkpoint; without it a folder that holds a run is refused. */
  readonly resume?: boolean;
  /**
   * Keep with the run what its model needs of the data (`data.gradpool`: ids, and what users had chosen), so that `openRun` needs
   * the run's folder alone. Default true.
   */
  readonly keepData?: boolean;
  /**
   * The paths and packages whose code may run where the configuration names them as a pool or model; give it where that is
   * data, such as a file. Absent: the caller wrote the configuration, and what it names may run.
   */
  readonly allow?: readonly string[];
  /**
   * Threads that share a step of an embedding or graph model: no result depends on their number, and a run may go on with another. Default 1.
   */
  readonly threads?: number;
  /** Save a checkpoint every so many steps, beside those after epochs. Default: none. */
  readonly checkpointEvery?: number;
  /** Folder for event files that TensorBoard reads, written while the run goes on. Default: none. */
  readonly tensorboard?: string;
  /** Refuse, as `damaged`, to go on with a run whose log was deleted. Default: a note, and lines from there on. */
  readonly wholeLogs?: boolean;
  /** Milliseconds to wait for another process that is about to leave the folder. Default 0. */
  readonly patience?: number;
  readonly onEvent?: (event: FitEvent, config: TrainConfig) => void;
  /** One line about the backend and other things worth knowing once. */
  readonly onNote?: (line: string) => void;
  readonly signal?: AbortSignal;
}

const names: NamesOf<TrainOptions> = {
  config: true,
  out: true,
  resume: true,
  keepData: true,
  allow: true,
  threads: true,
  checkpointEvery: true,
  tensorboard: true,
  wholeLogs: true,
  patience: true,
  onEvent: true,
  onNote: true,
  signal: true,
};

/**
 * Trains one model with one pool and writes the run's folder, once all that can be checked before is right. A refused call
 * changes nothing there, and a run that fails before its first checkpoint leaves nothing.
 */
export async function train(options: TrainOptions): Promise<RunFile> {
  requireNames(options, names, "train");
  const started = performance.now();
  const { out, onNote, allow, resume = false, patience = 0 } = options;
  if (patience === 0) refuseLocked(out);
  const asked = readAsked(options.config, out, resume);
  if (asked.goesOn) requireKind(out, asked.config.data, false);
  const pool = await loadPool(asked.config.pool, given({ allow }));
  const { workload, options: modelOptions } = await loadWorkload(asked.config.model, { allow });
  const { set, hash } = await loadData(absoluteData(asked.config.data), readingOf(asked.config, workload));
  const data = { set: chooseFeatures(set, asked.config), hash };
  const facts = factsOf(data.set);
  const note = noteOnValues(asked.config.tasks, facts);
  if (note !== undefined) onNote?.(note);
  const config = spellOut(asked.config, facts, workload);
  if (asked.held !== null) requireHeld(asked.held, config, out);
  const further = asked.held === null ? undefined : noteOnMore(asked.held, config);
  if (further !== undefined) onNote?.(further);
  const needs = needsOf(pool.pool);
  requireDraws(needs, config);
  const request = { set: data.set, config, options: modelOptions, needs };
  const seconds = (): number => (performance.now() - started) / 1000;
  if (workload.untrained !== undefined) {
    const scores = workload.untrained(request);
    return await inFolder(options, asked.goesOn, () => judgeUntrained(options, config, data, scores, seconds));
  }
  const made = makeWorkload(workload, request);
  requireRead(made, config);
  for (const line of made.notes ?? []) onNote?.(line);
  const small = noteOnFewSteps(config, made.feed.stepsPerEpoch);
  if (small !== undefined) onNote?.(small);
  const { leftOut } = made.feed;
  if (leftOut !== undefined) onNote?.(await describeLeftOut(leftOut, config.data));
  const engine = await makeEngine(config, made, pool, { onNote, threads: options.threads });
  try {
    const work = { config, data, made, engine, seconds };
    return await inFolder(options, asked.goesOn, () => run(options, work));
  } finally {
    made.feed.close?.();
    engine.dispose();
  }
}

/** Where the rows shown are to be. Refuses to leave them on the disk for a model that does not read them from there. */
function readingOf({ read, data }: TrainConfig, { name, streams }: Workload): TrainConfig["read"] {
  if (streams === true && parseData(data).kind === "folder") return read;
  if (read !== "stream") return "memory";
  const why = streams === true ? "the generated shop is on no disk" : `${name} reads no rows from the disk`;
  throw optionError(why, "read", "leave it out, or train a model of labels, such as click, on a prepared set");
}

/** Refuses a choice of features for a model of users and items alone: it would do nothing. */
function requireRead({ model, readsFeatures }: MadeWorkload, { features, drop }: TrainConfig): void {
  if ((features ?? drop) === null || model.ranking === undefined || readsFeatures === true) return;
  const remedy = "leave it out, or train a model that reads features, such as click or mf(features=true)";
  throw optionError(`${model.name} reads no features`, features === null ? "drop" : "features", remedy);
}

interface Work {
  readonly config: TrainConfig;
  readonly data: LoadedData;
  readonly made: MadeWorkload;
  readonly engine: Engine;
  /** Since the call. */
  seconds(): number;
}

async function run(options: TrainOptions, work: Work): Promise<RunFile> {
  const { config, data, made, engine } = work;
  const ended = readResult(options.out);
  if (ended !== null && ended.result.stopped !== "interrupted" && !goesFurther(ended.config, config)) {
    options.onNote?.(`nothing to resume: the run has ended, after ${ended.result.steps} steps`);
    return ended;
  }
  const { result, logs, looked } = await fitRun(options, work);
  const file: RunFile = {
    version: 1,
    config,
    dataHash: data.hash,
    ...given({ taskOptions: made.taskOptions }),
    result: recordedResult(result),
    cost: costOf(result, work.seconds()),
    environment: environment(engine),
    logs,
  };
  // Before the result, which says that a run has ended.
  if (result.test !== null) writeCard(options.out, cardOfTraining(file, looked, work));
  writeResult(options.out, file);
  return file;
}

function cardOfTraining(
  { config, result, environment: machine }: RunFile,
  looked: readonly UserValues[],
  { data, made: { model }, engine }: Work,
): ModelCard {
  const { names: tasks } = engine.tasks;
  const target = model.ranking === undefined ? null : (tasks[0] as string);
  const metrics = trainedMetrics(result.test ?? {}, looked, result.undefined ?? [], target);
  const { bestEpoch: epoch } = result;
  const weights = { of: epoch === null ? "newest" : "best", epoch } as const;
  return makeCard({ config, tasks, model, weights, data, metrics, environment: machine });
}

/** An evaluation whose values of the test part's users are noted down. */
function noting(evaluate: Evaluate, looked: UserValues[]): Evaluate {
  const note = (...[part, tell, look, signal]: Parameters<Evaluate>): ReturnType<Evaluate> =>
    evaluate(part, tell, part === "test" ? (one) => looked.push(one) : look, signal);
  return Object.assign(note, given({ metrics: evaluate.metrics }));
}

async function fitRun(
  { out, resume, keepData = true, checkpointEvery, tensorboard, wholeLogs, signal, onEvent, onNote }: TrainOptions,
  { config, data, made, engine }: Work,
): Promise<{ readonly result: FitResult; readonly logs: LogLengths; readonly looked: readonly UserValues[] }> {
  const { feed, evaluation, taskOptions } = made;
  const log = runLog(out, onNote, wholeLogs);
  const board = tensorboard === undefined ? null : tensorBoard(tensorboard);
  const { text: monitor } = monitorOf(config);
  const paths = pathsOf(out);
  const looked: UserValues[] = [];
  const fitted = fit({
    engine,
    feed: accumulatedFeed(feed, config.accumulate),
    epochs: config.epochs,
    evaluate: noting(evaluation(engine), looked),
    monitor,
    schedule: readSchedule(config.schedule),
    warmup: config.warmup,
    minDelta: config.minDelta,
    evaluateEvery: config.evalEvery,
    diagnosticsEvery: config.diagnosticsEvery,
    checkpoint: { folder: paths.checkpoint, lock: false, ...given({ everySteps: checkpointEvery }) },
    resume: resume === true,
    fingerprint: fingerprintOf(config, data.hash, taskOptions, data.set.impressions?.streamed !== undefined),
    keep: log.lengths,
    ...given({ patience: config.patience ?? undefined, signal }),
  });
  // Before the first checkpoint, and not before one that is gone on with is known to be this run's.
  let begun = false;
  try {
    for await (const event of fitted) {
      if (!begun) {
        writeConfig(out, config);
        if (keepData && !isWhole(paths.data, data.hash)) writeKept(paths.data, await keptOf(config.data, data));
      }
      begun = true;
      log.record(event, engine.tasks.names);
      board?.record(event, engine.tasks.names);
      onEvent?.(event, config);
    }
  } finally {
    board?.close();
  }
  return { result: await fitted.result(), logs: log.lengths(), looked };
}

/** Whether the run has kept its data already; a damaged file is written anew. */
function isWhole(path: string, hash: string): boolean {
  try {
    return readKept(path).hash === hash;
  } catch (error) {
    if (isGradpoolError(error)) return false;
    throw error;
  }
}
