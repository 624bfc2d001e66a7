import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { given } from "@gradpool/core";
import { growingRows } from "@gradpool/data";
import { refuseLocked } from "@gradpool/files";
import { loadPool } from "@gradpool/registry";
import { follow, type FitResult } from "@gradpool/trainer";
import { factsOfRows } from "../data/facts.js";
import { keptNumbers, writeKept } from "../kept/keep.js";
import { optionError } from "../options/errors.js";
import type { TrainConfig, TrainField } from "../options/training.js";
import { loadWorkload } from "../workloads/load.js";
import { readAsked } from "./asked.js";
import { fingerprintOf, requireHeld } from "./continue.js";
import { costOf } from "./cost.js";
import { environment, machine } from "./environment.js";
import { pathsOf, writeConfig } from "./folder.js";
import { inFolder } from "./in-folder.js";
import { runLog } from "./log.js";
import type { LogLengths, RunFile } from "./messages.js";
import { type FollowEnds, partitionArrivals, type PartitionArrivals } from "./partitions.js";
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
}

/** What has no meaning for rows that come once. */
const unused: readonly TrainField[] = [
  "epochs",
  "schedule",
  "warmup",
  "patience",
  "minDelta",
  "monitor",
  "evalEvery",
  "heldOut",
];

/**
 * Trains on the partitions of a folder as they appear, each of them judged before anything is learnt from it; see `follow` of the trainer. The run's
 * folder is that of `train`; its metrics are of each partition on arrival, and what it ends with are its newest weights.
 */
export async function followRun(options: FollowRunOptions): Promise<RunFile> {
  const started = performance.now();
  const { out, onNote, allow, resume = false, follow: folder } = options;
  refuseLocked(out);
  const stray = unused.find((field) => options.config[field] !== undefined);
  if (stray !== undefined) throw optionError("rows that come once have no use for it", stray, "leave it out");
  const asked = readAsked({ ...options.config, data: resolve(folder), read: "stream", epochs: 1 }, out, resume);
  const pool = await loadPool(asked.config.pool, given({ allow }));
  const { workload, options: modelOptions } = await loadWorkload(asked.config.model, { allow });
  if (workload.streams !== true)
    throw optionError(
      `${workload.name} reads no rows from the disk`,
      "model",
      "train a model of labels, such as click",
    );
  const rows = await growingRows(folder);
  const config = spellOut(asked.config, factsOfRows(rows.manifest), workload);
  if (asked.held !== null) requireHeld(asked.held, config, out);
  const { poll = 1, settle = 10, until, idle, threads } = options;
  const ends = given({ until, idle });
  const arrivals = partitionArrivals({
    rows,
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
      const { result, logs } = await followed(options, { config, hash, arrivals });
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
      if (result.steps > 0) writeResult(out, file);
      return file;
    });
  } finally {
    arrivals.close();
  }
}

interface Work {
  readonly config: TrainConfig;
  readonly hash: string;
  readonly arrivals: PartitionArrivals;
}

async function followed(
  { out, resume, keepData = true, checkpointEvery, tensorboard, signal, onEvent, onNote }: FollowRunOptions,
  { config, hash, arrivals }: Work,
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
    ...given({ signal }),
  });
  let kept: unknown;
  try {
    for (let step = await events.next(); ; step = await events.next()) {
      if (step.done === true) return { result: step.value, logs: log.lengths() };
      writeConfig(out, config);
      // Before the first checkpoint of this size.
      const open = arrivals.open();
      if (keepData && open !== null && open.engine !== kept) {
        writeKept(paths.data, keptNumbers({ set: open.set, hash }));
        kept = open.engine;
      }
      log.record(step.value, config.tasks);
      board?.record(step.value, config.tasks);
      onEvent?.(step.value, config);
    }
  } finally {
    board?.close();
  }
}
