import type { TrialRun, TrialSpec } from "@gradpool/bench";
import type { TrainMessage } from "@gradpool/runs";
import { Queue, QueueEvents, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { readProgress } from "../shared/progress.js";
import { prefix } from "../shared/names.js";
import { tries } from "../shared/job.js";
import { trialName } from "../shared/trial-name.js";
import { watchMachines } from "./watch.js";

export interface LaneOptions {
  readonly redis: Redis;
  /** The queue's. */
  readonly name: string;
  readonly data: string;
  readonly dataHash: string;
  readonly onNote: (line: string) => void;
}

/** One queue, seen from the comparison. */
export interface Lane {
  readonly queue: Queue;
  /** Listens for a trial, until `end`. */
  hear(id: string, trial: TrialSpec, onMessage: TrialRun["onMessage"]): Ear;
  /** Hears what a machine trained with, and says so where that is not the same on all: sums may differ in their last bits. */
  engine(engine: string, machine: string): void;
  close(): Promise<void>;
}

export interface Ear {
  /** Answers when something happened to the trial, after `most` milliseconds, or when the signal comes. */
  next(most: number, signal: AbortSignal | undefined): Promise<void>;
  /** Where it was last heard of. */
  machine(): string | undefined;
  end(): void;
}

interface Heard {
  readonly trial: TrialSpec;
  readonly tell: (message: TrainMessage, machine: string) => void;
  machine: string | undefined;
  wake: () => void;
}

/** Looks for trials whose worker is silent so often: it may have been the last one. */
const stalledInterval = 2000;

export async function openLane({ redis, name, data, dataHash, onNote }: LaneOptions): Promise<Lane> {
  const shared = { connection: redis, prefix };
  const queue = new Queue(name, shared);
  // It waits in its commands, and so on a connection of its own.
  const listening = redis.duplicate();
  const events = new QueueEvents(name, { connection: listening, prefix });
  const watch = new Worker(name, null, { ...shared, autorun: false, stalledInterval, maxStalledCount: tries - 1 });
  // A Redis that is away comes back, and every trial is looked for again.
  const ignore = (): void => undefined;
  listening.on("error", ignore);
  queue.on("error", ignore);
  events.on("error", ignore);
  watch.on("error", ignore);
  await events.waitUntilReady();
  await watch.startStalledCheckTimer();
  const trials = new Map<string, Heard>();
  const wake = ({ jobId }: { readonly jobId: string }): void => trials.get(jobId)?.wake();
  events.on("completed", wake);
  events.on("failed", wake);
  events.on("progress", ({ jobId, data: said }) => {
    const heard = trials.get(jobId);
    const progress = readProgress(said);
    if (heard === undefined || progress === null) return;
    heard.machine = progress.machine;
    heard.tell(progress.message, progress.machine);
  });
  events.on("stalled", ({ jobId }) => {
    const heard = trials.get(jobId);
    if (heard === undefined) return;
    const who = heard.machine ?? "its machine";
    onNote(`${trialName(heard.trial)}: ${who} is silent, and the trial goes on elsewhere, or again`);
  });
  const engines = new Map<string, string>();
  const machines = watchMachines({ redis, queue: name, data, dataHash, onNote });
  return {
    queue,
    hear(id, trial, onMessage) {
      const heard: Heard = {
        trial,
        tell: (...said) => onMessage?.(...said),
        machine: undefined,
        wake: () => undefined,
      };
      trials.set(id, heard);
      return {
        next: (most, signal) => nextOf(heard, most, signal),
        machine: () => heard.machine,
        end: () => void trials.delete(id),
      };
    },
    engine(engine, machine) {
      const [other] = engines;
      if (engine === "none" || engines.has(engine)) return;
      engines.set(engine, machine);
      if (other === undefined) return;
      const met = `${other[1]} computes with ${other[0]}, ${machine} with ${engine}`;
      onNote(`${met}: values may differ in their last digits; name one \`backend\` for all`);
    },
    async close() {
      machines.end();
      listening.disconnect();
      await Promise.all([events.close(), watch.close(true), queue.close()]);
    },
  };
}

function nextOf(heard: Heard, most: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, most);
    heard.wake = done;
    signal?.addEventListener("abort", done, { once: true });
    if (signal?.aborted === true) done();
  });
}
