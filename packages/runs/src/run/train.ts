import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { given, GradpoolError } from "@gradpool/core";
import { parseMetric } from "@gradpool/metrics";
import { loadPool } from "@gradpool/registry";
import { type Engine, fit, type FitEvent, type FitResult } from "@gradpool/trainer";
import { factsOf } from "../data/facts.js";
import { type LoadedData, loadData } from "../data/load.js";
import { noteOnValues } from "../data/side-tasks.js";
import { absoluteData } from "../data/spec.js";
import { keptName, keptOf, writeKept } from "../kept/keep.js";
import { checkConfig } from "../options/read.js";
import { defaultConfig, type TrainConfig } from "../options/training.js";
import type { MadeWorkload } from "../workloads/contract.js";
import { loadWorkload } from "../workloads/load.js";
import { spellOut } from "./complete.js";
import { makeEngine } from "./engine.js";
import { environment } from "./environment.js";
import { runLog } from "./log.js";
import type { RunFile } from "./messages.js";
import { recordedResult } from "./recorded.js";
import { writeWhole } from "./write-whole.js";

export interface TrainOptions {
  /** What differs from the defaults. */
  readonly config: Partial<TrainConfig>;
  /** Folder of the run: config.json, metrics.jsonl, diagnostics.jsonl, checkpoint/, result.json, data.gradpool. */
  readonly out: string;
  /** Go on from the newest checkpoint; without it a folder that holds a run is refused. */
  readonly resume?: boolean;
  /**
   * Keep with the run what its model needs of the data (`data.gradpool`: ids, and what users had chosen), so that `openRun` needs
   * the run's folder alone. Default true.
   */
  readonly keepData?: boolean;
  readonly onEvent?: (event: FitEvent, epochs: number) => void;
  /** One line about the backend and other things worth knowing once. */
  readonly onNote?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Trains one model with one pool and writes the run's folder. */
export async function train(options: TrainOptions): Promise<RunFile> {
  const started = performance.now();
  const asked = { ...defaultConfig, ...checkConfig(options.config, "configuration") };
  refuseHeld(options);
  asked.metrics.forEach((metric) => parseMetric(metric.trim().toLowerCase()));
  const pool = await loadPool(asked.pool);
  const { workload, options: modelOptions } = await loadWorkload(asked.model);
  const data = await loadData(absoluteData(asked.data));
  const facts = factsOf(data.set);
  const note = noteOnValues(asked.tasks, facts);
  if (note !== undefined) options.onNote?.(note);
  const config = spellOut(asked, facts, workload);
  const made = workload.make({ set: data.set, config, options: modelOptions });
  const engine = await makeEngine(config, made, pool, options.onNote);
  try {
    writeConfig(options.out, config);
    if (options.keepData ?? true) writeKept(join(options.out, keptName), await keptOf(config.data, data));
    const result = await fitRun(options, config, data, made, engine);
    const file: RunFile = {
      version: 1,
      config,
      dataHash: data.hash,
      ...given({ taskOptions: made.taskOptions }),
      result: recordedResult(result),
      cost: costOf(result, (performance.now() - started) / 1000),
      environment: environment(engine),
    };
    writeWhole(join(options.out, "result.json"), `${JSON.stringify(file, null, 2)}\n`);
    return file;
  } finally {
    engine.dispose();
  }
}

async function fitRun(
  { out, resume, signal, onEvent }: TrainOptions,
  config: TrainConfig,
  data: LoadedData,
  { feed, evaluation, taskOptions }: MadeWorkload,
  engine: Engine,
): Promise<FitResult> {
  const log = runLog(out);
  const monitor = config.metrics[0] as string;
  const run = fit({
    engine,
    feed,
    epochs: config.epochs,
    evaluate: evaluation(engine),
    monitor,
    direction: parseMetric(monitor).higherIsBetter ? "max" : "min",
    evaluateEvery: config.evalEvery,
    diagnosticsEvery: config.diagnosticsEvery,
    checkpoint: { folder: join(out, "checkpoint") },
    resume: resume === true,
    fingerprint: { ...config, data: data.hash, ...given({ taskOptions }) },
    ...given({ patience: config.patience ?? undefined, signal }),
  });
  for await (const event of run) {
    log.record(event, engine.tasks.names);
    onEvent?.(event, config.epochs);
  }
  return run.result();
}

function refuseHeld({ out, resume }: TrainOptions): void {
  if (!existsSync(join(out, "checkpoint")) || resume === true) return;
  throw new GradpoolError({
    code: "invalid-input",
    what: "the folder holds a run already",
    where: out,
    remedy: "go on with it with `resume`, or choose another `out`",
  });
}

/** The whole configuration, so that the same run can be made again from its folder alone. */
export function writeConfig(out: string, config: TrainConfig): string {
  const path = join(out, "config.json");
  mkdirSync(out, { recursive: true });
  writeWhole(path, `${JSON.stringify(config, null, 2)}\n`);
  return path;
}

function costOf(result: FitResult, wallSeconds: number): RunFile["cost"] {
  const { trainingSeconds, samples, epochs } = result;
  return {
    trainingSeconds,
    samplesPerSecond: samples / trainingSeconds,
    secondsPerEpoch: trainingSeconds / Math.max(1, epochs),
    wallSeconds,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}
