import { GradpoolError, type JsonObject, type NamesOf, requireNames } from "@gradpool/core";
import { type Monitor, readMonitor } from "@gradpool/metrics";
import type { Engine } from "../engine/contract.js";
import type { Evaluate } from "../evaluate/contract.js";
import type { Feed } from "./feed.js";
import { checkSchedule, type Schedule } from "./schedule.js";

export interface FitOptions {
  readonly engine: Engine;
  readonly feed: Feed;
  /** At least 1. A run that has ended and is resumed with more goes on. */
  readonly epochs: number;
  /** Measures the engine's present weights. Without it there is no early stopping and no best epoch. */
  readonly evaluate?: Evaluate;
  /** What of the validation part decides which epoch is best: a metric, a sum or ranks of some (`readMonitor`). Default: the first one. */
  readonly monitor?: string;
  /** Default: `min` for `logloss` and `ne` (of a task, too: `ne/like`), else `max`. */
  readonly direction?: "max" | "min";
  /** Evaluate after every so many epochs, and after the last. Default 1. */
  readonly evaluateEvery?: number;
  /** Stop after so many evaluations without gain. Default: never. */
  readonly patience?: number;
  /** What an evaluation must be better by than the last gain, to be one for patience and plateaus; best is what is best. Default 0. */
  readonly minDelta?: number;
  /**
   * How the learning rate moves, as shares of the optimiser's. It moves every step; with `dense-equivalent` rows every epoch (by the
   * share of its middle), since a change settles whole tables there. Default: constant.
   */
  readonly schedule?: Schedule;
  /** Epochs, or parts of one, in which the learning rate rises from 0 first. Default 0. */
  readonly warmup?: number;
  /** Compute step diagnostics every so many steps. Default 0: never. */
  readonly diagnosticsEvery?: number;
  readonly checkpoint?: {
    /** One run's own: a folder that holds checkpoints is refused, unless the run resumes them. */
    readonly folder: string;
    /** Beside the one after every epoch, one every so many steps. Default 0: none. */
    readonly everySteps?: number;
    /** Lock the folder against other processes while the run goes on; false where the caller has locked one above it. Default true. */
    readonly lock?: boolean;
  };
  /** Go on from the newest checkpoint, if there is one. Default false. */
  readonly resume?: boolean;
  /** What a resumed run must share with the one that wrote the checkpoint, e.g. its configuration. Default: nothing. */
  readonly fingerprint?: JsonObject;
  /** What the caller keeps beside the run, such as how long its logs are: stored in each checkpoint, told by `resume`. */
  readonly keep?: () => JsonObject;
  /** Stops after the current step or within an evaluation that heeds it, with a checkpoint, `stopped: "interrupted"`. */
  readonly signal?: AbortSignal;
}

const names: NamesOf<FitOptions> = {
  engine: true,
  feed: true,
  epochs: true,
  evaluate: true,
  monitor: true,
  direction: true,
  evaluateEvery: true,
  patience: true,
  minDelta: true,
  schedule: true,
  warmup: true,
  diagnosticsEvery: true,
  checkpoint: true,
  resume: true,
  fingerprint: true,
  keep: true,
  signal: true,
};
const checkpointNames: NamesOf<NonNullable<FitOptions["checkpoint"]>> = { folder: true, everySteps: true, lock: true };

/** A call of `fit` that cannot work: `invalid-option`, before anything is trained. */
export function checkOptions(options: FitOptions): void {
  const { engine, feed, evaluate, monitor, direction, checkpoint } = options;
  requireNames(options, names, "fit");
  if (checkpoint !== undefined) requireNames(checkpoint, checkpointNames, "fit, checkpoint");
  whole("epochs", options.epochs, 1);
  whole("evaluateEvery", options.evaluateEvery ?? 1, 1);
  whole("diagnosticsEvery", options.diagnosticsEvery ?? 0, 0);
  whole("checkpoint.everySteps", checkpoint?.everySteps ?? 0, 0);
  if (options.patience !== undefined && options.patience !== Infinity) whole("patience", options.patience, 1);
  requireFeed(engine, feed);
  const { minDelta = 0 } = options;
  if (!(minDelta >= 0 && minDelta < Infinity))
    throw bad(`minDelta is ${minDelta}`, "minDelta", "give a number from 0 up");
  checkSchedule(options.schedule ?? { kind: "constant" }, options.warmup ?? 0, evaluate !== undefined);
  if (!Number.isInteger(feed.stepsPerEpoch) || feed.stepsPerEpoch < 1) {
    throw bad(
      `the feed has ${feed.stepsPerEpoch} steps per epoch`,
      "feed",
      "give samplers over data that is not empty",
    );
  }
  if (checkpoint !== undefined && (typeof checkpoint.folder !== "string" || checkpoint.folder === "")) {
    throw bad(
      `checkpoint.folder is ${JSON.stringify(checkpoint.folder)}`,
      "checkpoint",
      "give a folder of the run's own",
    );
  }
  if (options.resume === true && checkpoint === undefined) {
    throw bad("resume without checkpoints", "resume", "say where they are: checkpoint: { folder }");
  }
  if (direction !== undefined && direction !== "max" && direction !== "min") {
    throw bad(`direction is ${String(direction)}`, "direction", "give max or min");
  }
  for (const name of ["monitor", "direction", "patience", "minDelta", "evaluateEvery"] as const) {
    if (evaluate !== undefined || options[name] === undefined) continue;
    throw bad(`${name} without evaluate`, name, `give evaluate, e.g. ${evaluatorFor(engine)}`);
  }
  // Checked before the first step: that the monitor can be read, and, where the metrics are known, that it is made of them.
  const watched = monitor === undefined ? undefined : monitorOf(options, []);
  if (watched?.ranked === true && minDelta > 0)
    throw bad(`minDelta is ${minDelta}, and ranks have no distance`, "minDelta", "leave it out, or watch a metric");
  if (evaluate?.metrics !== undefined) watched?.value(Object.fromEntries(evaluate.metrics.map((name) => [name, 0])));
}

/** Refuses a feed that lacks what the engine's pool needs, before the first step. */
function requireFeed({ needs }: Engine, { offers = { batches: 1, validation: false } }: Feed): void {
  const lacking =
    needs.batches > offers.batches
      ? `${needs.batches} independent batches a step, and the feed gives ${offers.batches}`
      : needs.validation !== undefined && !offers.validation
        ? "held-out examples, and the feed gives none"
        : undefined;
  if (lacking === undefined) return;
  throw new GradpoolError({
    code: "unsupported",
    what: `${needs.pool} needs ${lacking}`,
    where: "fit, feed",
    remedy:
      needs.batches > offers.batches
        ? "make the feed with further samplers, or with { split }"
        : "make the feed with a validation sampler (holdOut)",
  });
}

/** What the run is judged by: what was asked for, else the first metric that the evaluation gives. */
export function monitorOf({ monitor, direction }: FitOptions, given: readonly string[]): Monitor {
  const text = monitor ?? given[0];
  if (text !== undefined) return readMonitor(text, direction);
  throw bad("the evaluation gives no metric", "monitor", "let evaluate answer with { name: number }");
}

const evaluatorFor = ({ kind }: Engine): string =>
  kind !== "tensor" ? "rankingEvaluator" : "rankingEvaluator or classificationEvaluator";

function whole(name: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  throw bad(`${name} is ${String(value)}`, name, `give a whole number from ${least} up`);
}

const bad = (what: string, option: string, remedy: string): GradpoolError =>
  new GradpoolError({ code: "invalid-option", what, where: `fit, ${option}`, remedy });
