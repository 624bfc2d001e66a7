import { GradpoolError, type JsonObject } from "@gradpool/core";
import { metricNames, metricParts, parseMetric } from "@gradpool/metrics";
import type { Engine } from "../engine/contract.js";
import type { Evaluate } from "../evaluate/contract.js";
import type { Feed } from "./feed.js";

export interface FitOptions {
  readonly engine: Engine;
  readonly feed: Feed;
  /** At least 1. A run that has ended and is resumed with more goes on. */
  readonly epochs: number;
  /** Measures the engine's present weights. Without it there is no early stopping and no best epoch. */
  readonly evaluate?: Evaluate;
  /** The metric of the validation part that decides which epoch is best. Default: the first one. */
  readonly monitor?: string;
  /** Default: `min` for `logloss` and `ne` (of a task, too: `ne/like`), else `max`. */
  readonly direction?: "max" | "min";
  /** Evaluate after every so many epochs, and after the last. Default 1. */
  readonly evaluateEvery?: number;
  /** Stop after so many evaluations without gain. Default: never. */
  readonly patience?: number;
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
  /** Stops after the current step, with a checkpoint, `stopped: "interrupted"`. */
  readonly signal?: AbortSignal;
}

/** A call of `fit` that cannot work: `invalid-option`, before anything is trained. */
export function checkOptions(options: FitOptions): void {
  const { engine, feed, evaluate, monitor, direction, checkpoint } = options;
  whole("epochs", options.epochs, 1);
  whole("evaluateEvery", options.evaluateEvery ?? 1, 1);
  whole("diagnosticsEvery", options.diagnosticsEvery ?? 0, 0);
  whole("checkpoint.everySteps", checkpoint?.everySteps ?? 0, 0);
  if (options.patience !== undefined && options.patience !== Infinity) whole("patience", options.patience, 1);
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
  for (const name of ["monitor", "direction", "patience", "evaluateEvery"] as const) {
    if (evaluate !== undefined || options[name] === undefined) continue;
    throw bad(`${name} without evaluate`, name, `give evaluate, e.g. ${evaluatorFor(engine)}`);
  }
  if (monitor !== undefined && evaluate?.metrics !== undefined && !evaluate.metrics.includes(monitor)) {
    throw noMetric(monitor, evaluate.metrics);
  }
}

/** The error for a metric to watch that the evaluation does not give. */
export function noMetric(monitor: string, given: readonly string[]): GradpoolError {
  const remedy = given.length === 0 ? "let evaluate answer with { name: number }" : `watch one of ${given.join(", ")}`;
  return bad(`the evaluation gives no ${monitor === "" ? "metric" : monitor}`, "monitor", remedy);
}

/** Which values of a metric are better. Names that are nobody's but the caller's are taken to rise. */
export function directionOf({ direction }: FitOptions, monitor: string): "max" | "min" {
  if (direction !== undefined) return direction;
  const [name] = metricParts(monitor);
  return falling.includes(name.toLowerCase().replace(/@\d+$/, "@K")) ? "min" : "max";
}

const falling: readonly string[] = metricNames.filter((name) => !parseMetric(name.replace("@K", "@1")).higherIsBetter);

const evaluatorFor = ({ kind }: Engine): string =>
  kind !== "tensor" ? "rankingEvaluator" : "rankingEvaluator or classificationEvaluator";

function whole(name: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  throw bad(`${name} is ${String(value)}`, name, `give a whole number from ${least} up`);
}

const bad = (what: string, option: string, remedy: string): GradpoolError =>
  new GradpoolError({ code: "invalid-option", what, where: `fit, ${option}`, remedy });
