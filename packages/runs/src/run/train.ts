import { cpus, totalmem } from "node:os";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GradpoolError, type JsonObject } from "@gradpool/core";
import { parseMetric } from "@gradpool/metrics";
import { createEngine, type Engine, fit, type FitEvent, type FitResult, selectBackend } from "@gradpool/trainer";
import { loadPool } from "@gradpool/registry";
import { writeWhole } from "./files.js";
import { asJson, identityOf, type TrainConfig } from "./config.js";
import { loadData } from "./data.js";
import { makeEvaluation } from "./evaluation.js";
import { runLog } from "./log.js";
import type { RunFile } from "./messages.js";
import { makeWorkload, type Workload } from "./tasks.js";
import { ownVersion } from "./manifest.js";

export interface TrainOptions {
  readonly config: TrainConfig;
  /** Folder of the run: config.json, metrics.jsonl, diagnostics.jsonl, checkpoint/, result.json. */
  readonly out: string;
  /** Go on from the newest checkpoint; without it a folder that holds a run is refused. */
  readonly resume?: boolean;
  readonly onEvent?: (event: FitEvent, epochs: number) => void;
  /** One line about the backend and other things worth knowing once. */
  readonly onNote?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Trains one model with one pool and writes the run's folder. */
export async function train(options: TrainOptions): Promise<RunFile> {
  const { config, out } = options;
  const started = performance.now();
  prepareFolder(options);
  config.metrics.forEach(parseMetric);
  const { pool, level } = await loadPool(config.pool);
  const { set, hash } = await loadData(config.data);
  const workload = makeWorkload(set, config);
  const engine = await makeEngine(options, workload, pool, level);
  const log = runLog(out);
  const monitor = config.metrics[0] as string;
  const taskOptions = taskOptionsOf(workload);
  const fingerprint = { ...identityOf(config), data: hash, ...taskOptions };
  const run = fit({
    engine,
    feed: workload.feed,
    epochs: config.epochs,
    evaluate: makeEvaluation(set, config, workload, engine),
    monitor,
    direction: parseMetric(monitor).higherIsBetter ? "max" : "min",
    evaluateEvery: config.evalEvery,
    ...(config.patience === null ? {} : { patience: config.patience }),
    diagnosticsEvery: config.diagnosticsEvery,
    checkpoint: { folder: join(out, "checkpoint") },
    resume: options.resume === true,
    fingerprint,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  for await (const event of run) {
    log.record(event, engine.tasks.names);
    options.onEvent?.(event, config.epochs);
  }
  const result = await run.result();
  const file: RunFile = {
    version: 1,
    config,
    dataHash: hash,
    ...taskOptions,
    result: resultOf(result),
    cost: costOf(result, (performance.now() - started) / 1000),
    environment: environment(engine),
  };
  writeWhole(join(out, "result.json"), `${JSON.stringify(file, null, 2)}\n`);
  engine.dispose();
  return file;
}

/** Options that tasks took from the data: kept in the checkpoint, so that a run never goes on with other ones. */
function taskOptionsOf({ model }: Workload): { readonly taskOptions?: Readonly<Record<string, JsonObject>> } {
  if (model.kind !== "embedding") return {};
  const held = model.tasks.flatMap(({ name, options }) => (options === undefined ? [] : [[name, options] as const]));
  return held.length === 0 ? {} : { taskOptions: Object.fromEntries(held) };
}

function prepareFolder({ out, config, resume }: TrainOptions): void {
  const path = join(out, "config.json");
  if (existsSync(join(out, "checkpoint")) && resume !== true) {
    throw new GradpoolError({
      code: "invalid-input",
      what: "the folder holds a run already",
      where: out,
      remedy: "go on with it with --resume, or choose another --out",
    });
  }
  mkdirSync(out, { recursive: true });
  writeWhole(path, `${JSON.stringify(asJson(config), null, 2)}\n`);
}

async function makeEngine(
  { config, onNote }: TrainOptions,
  { model }: Workload,
  pool: Awaited<ReturnType<typeof loadPool>>["pool"],
  level: Awaited<ReturnType<typeof loadPool>>["level"],
): Promise<Engine> {
  const common = {
    pool,
    ...(level === undefined ? {} : { level }),
    optimizer: {
      name: config.optimizer,
      learningRate: config.lr,
      weightDecay: config.weightDecay,
      rows: config.rows,
    },
    seed: config.seed,
    ...(config.balance === null ? {} : { balance: config.balance }),
    onNonFinite: config.onNonFinite,
  };
  if (model.kind === "embedding") {
    // A model that is all embeddings has no shared representation beside them: there the parameters are the level.
    const placed = level === undefined && pool.level === "representation" ? { level: "parameters" as const } : {};
    if (placed.level !== undefined) onNote?.(`${pool.name} acts on the parameters: ${model.name} has no shared trunk`);
    return createEngine({ model, ...common, ...placed });
  }
  const { tf } = await selectBackend(config.backend, { log: onNote ?? null });
  return createEngine({ model, tf, ...common });
}

function resultOf({ best, bestEpoch, test, history, steps, samples, skipped, stopped }: FitResult): RunFile["result"] {
  return { best, bestEpoch, test, history, steps, samples, skipped, stopped };
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

function environment(engine: Engine): Record<string, string> {
  const processors = cpus();
  return {
    gradpool: ownVersion(),
    node: process.versions.node,
    engine: `${engine.kind}, ${engine.backend}`,
    platform: `${process.platform} ${process.arch}`,
    processor: `${processors.length} × ${processors[0]?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  };
}

/** Reads a configuration file over the defaults. */
export function readConfig(path: string, defaults: TrainConfig): TrainConfig {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new GradpoolError({
      code: "not-found",
      what: "cannot be read",
      where: path,
      remedy: "give the path of a configuration",
      cause,
    });
  }
  try {
    return { ...defaults, ...(JSON.parse(text) as Partial<TrainConfig>) };
  } catch (cause) {
    throw new GradpoolError({
      code: "invalid-input",
      what: "not JSON",
      where: path,
      remedy: "give a run's config.json",
      cause,
    });
  }
}
