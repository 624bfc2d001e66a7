import { join } from "node:path";
import { codeOf, localRunner, runTrial, type TrialSpec } from "@gradpool/bench";
import { GradpoolError, isGradpoolError } from "@gradpool/core";
import type { TrainMessage } from "@gradpool/runs";
import { UnrecoverableError } from "bullmq";
import { packFiles, requireOurs, type TrialAnswer } from "../shared/files.js";
import { byHash, readJob, type TrialJob } from "../shared/job.js";

export interface RunJobOptions {
  readonly machine: string;
  /** Folder of the trials, their checkpoints among them. */
  readonly runs: string;
  readonly allow: readonly string[];
  /** The folder of a set with this hash. */
  readonly find: (hash: string) => Promise<string | undefined>;
  readonly signal: AbortSignal;
  readonly onStart: (trial: TrialSpec) => void;
  readonly onMessage: (message: TrainMessage) => void;
  readonly onNote: (line: string) => void;
}

/**
 * A process elsewhere that was killed is seen to be over after 200 seconds (see `lockFolder`): so long its trial's folder, if it is
 * shared, may be taken.
 */
const patience = 300_000;

/**
 * Runs what a job asks for, from its checkpoint where this folder has one. Answers with null if it was stopped. An error of the trial's
 * own is an UnrecoverableError: it would come again. One of its process (a signal, memory) is a plain one, and is tried again.
 */
export async function runJob(held: unknown, options: RunJobOptions): Promise<TrialAnswer | null> {
  const { machine, runs, allow, signal, onStart, onMessage, onNote } = options;
  try {
    const job = readJob(held);
    const trial = { ...job.trial, config: { ...job.trial.config, data: await dataOf(job, options) } };
    requireCode(job);
    onStart(trial);
    const out = join(runs, `${job.bench}-${trial.folder ?? trial.id}`);
    const asked = { trial, out, allow, patience, signal, onMessage };
    const { record, code, lastLine } = await runTrial(asked, { runner: localRunner(1), onNote });
    if (record !== null) {
      requireOurs(out, record, job.dataHash);
      return packFiles(out, machine);
    }
    if (signal.aborted) return null;
    const error = lastLine || `ended with code ${code}`;
    throw typeof code === "string" ? new Error(error) : new UnrecoverableError(error);
  } catch (error) {
    throw isGradpoolError(error) ? new UnrecoverableError(error.message) : error;
  }
}

/** Where this machine has the job's data. Error `not-found`. */
async function dataOf({ trial, dataHash }: TrialJob, { find, machine }: RunJobOptions): Promise<string> {
  if (trial.config.data !== byHash) return trial.config.data;
  const folder = await find(dataHash);
  if (folder !== undefined) return folder;
  const remedy = "copy the set as it is to all machines: one that is prepared again may differ";
  const what = `no set has the hash ${dataHash.slice(0, 12)} any more`;
  throw new GradpoolError({ code: "not-found", what, where: machine, remedy });
}

/** Refuses a job whose files of code are others here, or not here. */
function requireCode({ trial: { config }, code }: TrialJob): void {
  const remedy = "copy it to all machines, to the same place below the folder where the worker is started";
  for (const [path, digest] of Object.entries(codeOrNone(config, remedy))) {
    if (code[path] === digest) continue;
    throw new GradpoolError({ code: "invalid-input", what: "the file differs from the bench's", where: path, remedy });
  }
}

function codeOrNone(config: TrialSpec["config"], remedy: string): Readonly<Record<string, string>> {
  try {
    return codeOf(config);
  } catch (cause) {
    if (isGradpoolError(cause)) throw cause;
    const what = `a file that the trial names cannot be read: ${(cause as Error).message}`;
    throw new GradpoolError({ code: "not-found", what, where: config.pool, remedy, cause });
  }
}
