import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf, exitInterrupted, type TrialEnd, type TrialRun, type TrialRunner } from "@gradpool/bench";
import { isGradpoolError } from "@gradpool/core";
import { makeFolders, writeWhole } from "@gradpool/files";
import { absoluteData, hashData, parseData } from "@gradpool/runs";
import { connect } from "../shared/connect.js";
import { byHash, kept, tries, type TrialJob } from "../shared/job.js";
import { plain } from "../shared/plain.js";
import { queueName } from "../shared/names.js";
import { type Lane, openLane } from "./lane.js";
import { receiveFailure, receiveResult } from "./receive.js";

export interface QueueOptions {
  /** `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://` with TLS. */
  readonly url: string;
  /** The comparison's folder, which keeps its name in the queue: run again, it finds its trials there. */
  readonly out: string;
  /** A line about machines and trials that is worth knowing once. */
  readonly onNote: (line: string) => void;
}

/** Runs trials on the machines that take them from a queue; all are put there at once. */
export interface OpenQueue extends TrialRunner {
  /** Ends the connections; what is in the queue stays there. */
  close(): Promise<void>;
}

/** A look at the queue, whatever was or was not heard from it, in milliseconds. */
const lookEvery = 5000;

/** Connects to the queue. Errors as of `connect`: `usage`, `failed`. */
export async function openQueue({ url, out, onNote }: QueueOptions): Promise<OpenQueue> {
  const redis = await connect(url);
  const lanes = new Map<string, Promise<Lane>>();
  const hashes = new Map<string, Promise<string>>();
  const once = <T>(held: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> => {
    const found = held.get(key) ?? make();
    held.set(key, found);
    return found;
  };
  let bench: string | undefined;
  return {
    jobs: Number.MAX_SAFE_INTEGER,
    async run(asked) {
      const data = absoluteData(asked.trial.config.data);
      const dataHash = await once(hashes, data, () => hashData(data));
      const name = queueName(data, dataHash);
      const lane = await once(lanes, name, () => openLane({ redis, name, data, dataHash, onNote }));
      bench ??= benchOf(out);
      const config = { ...asked.trial.config, data: parseData(data).kind === "shop" ? data : byHash };
      const code = codeOf(asked.trial.config);
      return follow(lane, { version: 1, bench, trial: { ...asked.trial, config }, dataHash, code }, asked);
    },
    async close() {
      for (const lane of lanes.values()) await (await lane).close();
      redis.disconnect();
    },
  };
}

/** The comparison's name in the queue, made with its folder. */
function benchOf(out: string): string {
  const path = join(out, "queue.json");
  const held = existsSync(path) ? /"bench": "([0-9a-f]{16})"/.exec(readFileSync(path, "utf8"))?.[1] : undefined;
  if (held !== undefined) return held;
  const bench = randomBytes(8).toString("hex");
  makeFolders(out);
  writeWhole(path, `${JSON.stringify({ version: 1, bench }, null, 2)}\n`);
  return bench;
}

/** A trial's way through the queue: put there once, put there again where the queue lost it, taken out when it has ended. */
async function follow(lane: Lane, job: TrialJob, { trial, out, signal, onMessage }: TrialRun): Promise<TrialEnd> {
  const id = `${job.bench}-${trial.id}`;
  const { queue } = lane;
  const heard = lane.hear(id, trial, onMessage);
  const options = { jobId: id, attempts: tries, removeOnComplete: { age: kept }, removeOnFail: { age: kept } };
  // What failed while nobody listened is tried again, as every failed trial of a comparison that is run again.
  if ((await queue.getJobState(id)) === "failed") await queue.remove(id);
  try {
    for (;;) {
      if (signal?.aborted === true) {
        // One that runs cannot be taken out: it ends by itself, and its result waits for the next call.
        await queue.remove(id);
        return { code: exitInterrupted, lastLine: "" };
      }
      const found = await queue.getJob(id);
      const state = await found?.getState();
      if (found === undefined || state === "unknown") await queue.add("trial", job, options);
      else if (state === "completed" || state === "failed") {
        const place = { out, trial, dataHash: job.dataHash };
        const end = orError(() =>
          state === "failed" ? receiveFailure(found, heard.machine()) : receiveResult(found, place, lane.engine),
        );
        // Not before it is at home.
        await queue.remove(id);
        return end;
      }
      await heard.next(lookEvery, signal);
    }
  } finally {
    heard.end();
  }
}

/** An answer that is not this trial's fails the trial, not the comparison. */
function orError(receive: () => TrialEnd): TrialEnd {
  try {
    return receive();
  } catch (error) {
    if (!isGradpoolError(error)) throw error;
    return { code: 1, lastLine: plain(error.message) };
  }
}
