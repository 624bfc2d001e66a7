import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { given } from "@gradpool/core";
import { growing, loadKeys, loadVocabularies } from "@gradpool/data";
import { refuseLocked } from "@gradpool/files";
import { loadPool } from "@gradpool/registry";
import { follow, type FitResult, type Snapshot } from "@gradpool/trainer";
import { makeCard } from "../card/card.js";
import { trainedMetrics } from "../card/metrics.js";
import type { ModelCard } from "../card/schema.js";
import { writeCard } from "../card/write.js";
import { factsOfRows } from "../data/facts.js";
import type { KeptData } from "../kept/contract.js";
import { keptNumbers, writeKept } from "../kept/keep.js";
import { optionError } from "../options/errors.js";
import type { TrainConfig } from "../options/training.js";
import { loadWorkload } from "../workloads/load.js";
import { readAsked } from "./asked.js";
import { fingerprintOf, requireHeld } from "./continue.js";
import { costOf } from "./cost.js";
import { environment, machine } from "./environment.js";
import { hasTrained, pathsOf, writeConfig } from "./folder.js";
import { requireKind } from "./followed.js";
import { readFrom, requireSameModel, startOf } from "./from.js";
import { inFolder } from "./in-folder.js";
import { runLog } from "./log.js";
import type { LogLengths, RunFile } from "./messages.js";
import { ofEpochs } from "./of-epochs.js";
import { type FollowEnds, type OpenPartition, partitionArrivals, type PartitionArrivals } from "./partitions.js";
import { recordedResult } from "./recorded.js";
import { writeResult } from "./result-file.js";
import { spellOut } from "./spell-out.js";
import { tensorBoard } from "../live/tensorboard.js";
import type { TrainOptions } from "./train.js";

type Taken = "config" | "out" | "resume" | "keepData" | "allow" | "threads" | "checkpointEvery" | "tensorboard";

export interface FollowRunOptions extends Pick<TrainOptions, Taken | "onEvent" | "onNote" | "signal">, FollowEnds {
  /** Folder with a manifest of rows (`gradpool-rows`), to whose training rows other programs add Parquet files. */
  readonly follow: string;
  /** Seconds between two looks at it. Default 1. */
  readonly poll?: number;
  /** Seconds that a file which cannot be read is given to become whole. Default 10. */
  readonly settle?: number;
  /** A trained run whose configuration, weights, moments and numbers this one begins with; its own stays as it is. */
  readonly from?: string;
}

/**
 * Trains on the partitions of a folder as they appear, each of them judged before anything is learnt from it; see `follow` of the trainer. The run's
 * folder is that of `train`; its metrics are of each partition on arrival, and what it ends with are its newest weights.
 */
export async function followRun(options: FollowRunOptions): Promise<RunFile> {
  const started = performance.now();
  const { out, onNote, allow, resume = false, follow: folder } = options;
  refuseLocked(out);
  const stray = ofEpochs.find((field) => options.config[field] !== undefined);
  if (stray !== undefined) throw optionError("rows that come once have no use for it", stray, "leave it out");
  const from = options.from === undefined || (resume && hasTrained(out)) ? undefined : await readFrom(options.from);
  const over = { data: resolve(folder), read: "stream", epochs: 1 } as const;
  const asked = readAsked({ ...from?.config, ...options.config, ...over }, out, resume);
  if (asked.goesOn) requireKind(out, asked.config.data, true);
  const pool = await loadPool(asked.config.pool, given({ allow }));
  const { workload, options: modelOptions } = await loadWorkload(asked.config.model, { allow });
  if (workload.streams !== true)
    throw optionError(
      `${workload.name} reads no rows from the disk`,
      "model",
      "train a model of labels, such as click",
    );
  const work = pathsOf(out).partitions;
  const rows = await growing(folder, work);
  const config = spellOut(asked.config, factsOfRows(rows), workload);
  if (from !== undefined) requireSameModel(from, config);
  if (asked.held !== null) requireHeld(asked.held, config, out);
  const { poll = 1, settle = 10, until, idle, threads } = options;
  const ends = given({ until, idle });
  const arrivals = partitionArrivals({
    rows,
    work,
    beginning: from?.beginning,
    config,
    workload,
    options: modelOptions,
    pool,
    threads,
    onNote,
    poll,
    settle,
    ...ends,
  });
  const hash = createHash("sha256").update(JSON.stringify(rows.manifest)).digest("hex");
  try {
    return await inFolder(options, asked.goesOn, async () => {
      const { result, logs } = await followed(options, {
        config,
        hash,
        arrivals,
        start: from && startOf(from, config),
      });
      const engine = arrivals.open()?.engine;
      const file: RunFile = {
        version: 1,
        config,
        dataHash: hash,
        result: recordedResult(result),
        cost: costOf(result, (performance.now() - started) / 1000),
        environment: engine === undefined ? { ...machine(), engine: "none" } : environment(engine),
        logs,
      };
      const open = arrivals.open();
      if (open !== null && result.history.length > 0) writeCard(out, cardOfFollowing(file, open, arrivals.judged()));
      if (result.steps > 0) writeResult(out, file);
      return file;
    });
  } finally {
    arrivals.close();
  }
}

/** The card after the partitions that have come: metrics are of the last one, as it was judged before anything was learnt from it. */
function cardOfFollowing(
  { config, result, dataHash: hash, environment: machine }: RunFile,
  { set, made: { model }, engine }: OpenPartition,
  arrival: string,
): ModelCard {
  const { metrics } = result.history.at(-1) as RunFile["result"]["history"][number];
  return makeCard({
    config,
    tasks: engine.tasks.names,
    model,
    weights: { of: "newest", epoch: null },
    data: { hash, set },
    metrics: trainedMetrics(metrics, [], [], null),
    environment: machine,
    followed: { partitions: result.history.length, last: arrival },
  });
}

interface Work {
  readonly config: TrainConfig;
  readonly hash: string;
  readonly arrivals: PartitionArrivals;
  readonly start: Snapshot | undefined;
}

/** What using the model needs of the data, as far as it has come. */
async function keptOfPartition({ set, named }: OpenPartition, hash: string): Promise<KeptData> {
  const kept = keptNumbers({ set, hash });
  if (named === null) return kept;
  return { ...kept, names: await loadKeys(named), vocabularies: await loadVocabularies(named) };
}

async function followed(
  { out, resume, keepData = true, checkpointEvery, tensorboard, signal, onEvent, onNote }: FollowRunOptions,
  { config, hash, arrivals, start }: Work,
): Promise<{ readonly result: FitResult; readonly logs: LogLengths }> {
  const log = runLog(out, onNote);
  const board = tensorboard === undefined ? null : tensorBoard(tensorboard);
  const paths = pathsOf(out);
  const events = follow({
    arrivals,
    tasks: config.tasks,
    checkpoint: { folder: paths.checkpoint, lock: false, ...given({ everySteps: checkpointEvery }) },
    resume: resume === true,
    fingerprint: { ...fingerprintOf(config, hash, undefined, true), follow: true },
    diagnosticsEvery: config.diagnosticsEvery,
    keep: log.lengths,
    ...given({ signal, start }),
  });
  let kept: unknown;
  try {
    for (let step = await events.next(); ; step = await events.next()) {
      if (step.done === true) return { result: step.value, logs: log.lengths() };
      writeConfig(out, config);
      // Before the first checkpoint of this size.
      const open = arrivals.open();
      if (keepData && open !== null && open !== kept) {
        writeKept(paths.data, await keptOfPartition(open, hash));
        kept = open;
      }
      log.record(step.value, config.tasks);
      board?.record(step.value, config.tasks);
      onEvent?.(step.value, config);
    }
  } finally {
    board?.close();
  }
}
