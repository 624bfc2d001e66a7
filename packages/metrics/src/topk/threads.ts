import { workerSource } from "../generated/worker.js";
import { chunkCount, FINISHED, HEADER, NEXT, PER_CHUNK } from "./chunks.js";
import type { Job, Output } from "./types.js";

interface NodeProcess {
  getBuiltinModule?(id: string): unknown;
}

/** A Node module where there is one; never imported, so that browsers can load this package. */
function builtin<T>(id: string): T | undefined {
  const { process } = globalThis as { process?: NodeProcess };
  return process?.getBuiltinModule?.(id) as T | undefined;
}

/** How many threads `rankTopK` uses when not told: what the machine has, at most 8. */
export function availableThreads(): number {
  const os = builtin<typeof import("node:os")>("node:os");
  const threads = builtin<typeof import("node:worker_threads")>("node:worker_threads");
  return os && threads ? Math.min(8, os.availableParallelism()) : 1;
}

/** The array itself if it already lies in shared memory, else a copy that does. */
export function shared<T extends Float32Array | Int32Array>(array: T): T {
  if (array.buffer instanceof SharedArrayBuffer) return array;
  const make = array.constructor as new (buffer: SharedArrayBuffer) => T;
  const copy = new make(new SharedArrayBuffer(array.byteLength));
  copy.set(array);
  return copy;
}

export interface Helpers {
  /** Blocks until all taken chunks are finished; a chunk that a helper took and did not finish goes to `rescue`. */
  wait(rescue: (chunk: number) => void): void;
}

/** The job with its arrays in shared memory; of a table of which few rows are ranked, only those rows. */
function share(job: Job): Job {
  const { users, dim, count, userIds, excludeOffsets, excludeItems } = job;
  const common = { ...job, items: shared(job.items), bias: job.bias && shared(job.bias) };
  if (!userIds || userIds.length * dim >= users.length || users.buffer instanceof SharedArrayBuffer) {
    return {
      ...common,
      users: shared(users),
      userIds: userIds && shared(userIds),
      excludeOffsets: excludeOffsets && shared(Int32Array.from(excludeOffsets)),
      excludeItems: excludeItems && shared(excludeItems),
    };
  }
  const rows = new Float32Array(new SharedArrayBuffer(4 * count * dim));
  const offsets = new Int32Array(new SharedArrayBuffer(4 * (count + 1)));
  userIds.forEach((user, row) => {
    rows.set(users.subarray(user * dim, (user + 1) * dim), row * dim);
    if (excludeOffsets) offsets[row + 1] = offsets[row]! + excludeOffsets[user + 1]! - excludeOffsets[user]!;
  });
  const excluded = new Int32Array(new SharedArrayBuffer(4 * offsets[count]!));
  userIds.forEach((user, row) => {
    if (!excludeOffsets || !excludeItems) return;
    excluded.set(excludeItems.subarray(excludeOffsets[user]!, excludeOffsets[user + 1]!), offsets[row]!);
  });
  return {
    ...common,
    users: rows,
    userIds: undefined,
    excludeOffsets: excludeOffsets && offsets,
    excludeItems: excludeItems && excluded,
  };
}

/** Starts threads that take chunks of the job as soon as they are up. */
export function startHelpers(job: Job, output: Output, progress: Int32Array, count: number): Helpers | undefined {
  const threads = builtin<typeof import("node:worker_threads")>("node:worker_threads");
  if (!threads) return undefined;
  const sharedJob = share(job);
  for (let i = 0; i < count; i++) {
    const worker = new threads.Worker(workerSource, {
      eval: true,
      // Loaders and flags of the host program are not for this one.
      execArgv: [],
      workerData: { job: sharedJob, output, progress },
    });
    // A helper that fails leaves its chunk to `wait`, which computes it here and meets the same error, if it is one.
    worker.on("error", () => undefined);
    worker.unref();
  }
  const started = Date.now();
  return {
    wait(rescue) {
      // By now this thread has ranked its share: a helper that needs as long again for one chunk is taken for dead.
      const patience = Math.max(2_000, 2 * (Date.now() - started));
      const taken = Math.min(Atomics.load(progress, NEXT), chunkCount(job));
      const deadline = Date.now() + patience;
      while (pending(progress, taken).length > 0 && Date.now() < deadline) {
        const finished = Atomics.load(progress, FINISHED);
        if (pending(progress, taken).length > 0) Atomics.wait(progress, FINISHED, finished, 50);
      }
      for (const chunk of pending(progress, taken)) rescue(chunk);
    },
  };
}

function pending(progress: Int32Array, taken: number): number[] {
  const chunks: number[] = [];
  for (let chunk = 0; chunk < taken; chunk++) {
    if (Atomics.load(progress, HEADER + chunk * PER_CHUNK) === 0) chunks.push(chunk);
  }
  return chunks;
}
