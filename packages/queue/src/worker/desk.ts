import type { TrialSpec } from "@gradpool/bench";
import type { TrainMessage } from "@gradpool/runs";
import { type Job, UnrecoverableError, WaitingError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { tries } from "../shared/job.js";
import type { Machine } from "../shared/machines.js";
import { prefix } from "../shared/names.js";
import { plain } from "../shared/plain.js";
import type { Progress } from "../shared/progress.js";
import type { WorkerEvent } from "./events.js";
import { runJob, type RunJobOptions } from "./run-job.js";
import { slotsOf } from "./slots.js";

export interface DeskOptions extends Pick<RunJobOptions, "runs" | "allow" | "find" | "onNote"> {
  readonly redis: Redis;
  readonly machine: Machine;
  readonly jobs: number;
  readonly silence: number;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** Takes trials of several queues, so many at a time over all of them. */
export interface Desk {
  /** Takes of this queue too. */
  open(queue: string): void;
  names(): Iterable<string>;
  /** Since when nothing runs; null while something does. */
  idleSince(): number | null;
  /** Hands back what runs, with its checkpoint, and ends. */
  close(): Promise<void>;
}

/** Between two messages of a trial to its comparison, in milliseconds. */
const tellEvery = 1000;

export function openDesk(options: DeskOptions): Desk {
  const { redis, machine, jobs, silence, onEvent, onNote } = options;
  const workers = new Map<string, Worker>();
  const slots = slotsOf(jobs);
  const stop = new AbortController();
  let idleSince = Date.now();

  async function take(worker: Worker, job: Job, token: string, lost: AbortSignal): Promise<unknown> {
    if (stop.signal.aborted || !slots.take()) {
      // Another queue's trials run here: nothing is taken until one has ended.
      await worker.pause(true);
      slots.whenFree(() => void worker.resume());
      return handBack(job, token);
    }
    let trial: TrialSpec | null = null;
    const end = (type: WorkerEvent["type"], error?: string): void =>
      onEvent({ type, trial, ...(error !== undefined && { error }) });
    try {
      const answer = await runJob(job.data, {
        ...options,
        machine: machine.name,
        signal: AbortSignal.any([stop.signal, lost]),
        onStart(begun) {
          trial = begun;
          end("start");
        },
        onMessage: teller(job, machine.name),
      });
      if (answer !== null) {
        end("done");
        return answer;
      }
      end("back");
    } catch (error) {
      const last = error instanceof UnrecoverableError || job.attemptsMade + 1 >= tries;
      end(last ? "failed" : "again", plain((error as Error).message));
      throw error;
    } finally {
      slots.give();
      idleSince = Date.now();
    }
    // Whose lock was lost runs elsewhere by now: there is nothing to hand back.
    if (lost.aborted) throw new WaitingError();
    return handBack(job, token);
  }

  return {
    open(queue) {
      if (workers.has(queue)) return;
      const worker: Worker = new Worker(
        queue,
        // Three parameters, without defaults: by their number it is given the signal.
        (job: Job, token: string | undefined, signal: AbortSignal | undefined) =>
          take(worker, job, token as string, signal as AbortSignal),
        {
          connection: redis,
          prefix,
          name: machine.name,
          concurrency: jobs,
          lockDuration: 1000 * silence,
          stalledInterval: Math.min(500 * silence, 5000),
          maxStalledCount: tries - 1,
          drainDelay: 2,
        },
      );
      worker.on("lockRenewalFailed", (ids) => {
        onNote("the queue has not heard of this machine for too long: its trials go on elsewhere, or here again");
        for (const id of ids) worker.cancelJob(id);
      });
      // A Redis that is away comes back; what a trial came to is in its folder until then.
      worker.on("error", () => undefined);
      workers.set(queue, worker);
    },
    names: () => workers.keys(),
    idleSince: () => (slots.busy() > 0 ? null : idleSince),
    async close() {
      stop.abort();
      await Promise.all([...workers.values()].map((worker) => worker.close()));
    },
  };
}

async function handBack(job: Job, token: string): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

/** Tells of a trial's progress, the newest, and nothing while the last has not arrived: a Redis that is away is not to drown later. */
function teller(job: Job, machine: string): (message: TrainMessage) => void {
  let spoke = 0;
  let telling = false;
  return (message) => {
    const now = performance.now();
    if (telling || (message.type === "progress" && now - spoke < tellEvery)) return;
    spoke = now;
    telling = true;
    const progress: Progress = { machine, message };
    // A job that the queue has lost has nobody to tell.
    void job
      .updateProgress(progress)
      .catch(() => undefined)
      .finally(() => (telling = false));
  };
}
