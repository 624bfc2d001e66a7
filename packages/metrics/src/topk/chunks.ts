import { filterRanker, worthAFilter } from "./filter.js";
import { rankKernel } from "./kernel.js";
import { plainRanker } from "./plain.js";
import type { Job, NanScore, Output, Ranker } from "./types.js";
import { wasmRanker } from "./wasm.js";

/** The best ranker this engine has. */
export function makeRanker(job: Job): Ranker {
  const kernel = rankKernel();
  if (kernel === null) return plainRanker(job);
  const full = (): Ranker => wasmRanker(job, kernel);
  const filter = worthAFilter(job) ? rankKernel("filter") : null;
  return filter === null ? full() : filterRanker(job, filter, full);
}

/** Rows ranked at a time: the unit that threads share out. Fixed by the problem, so that results never depend on threads. */
export function chunkRows({ k, itemCount, count }: Job): number {
  const heapBytes = 8 * Math.max(1, Math.min(k, itemCount));
  return Math.max(4, Math.min(512, count, Math.floor((32 << 20) / heapBytes)));
}

/** Shared progress of a job: [next chunk, chunks finished, 1 to stop], then per chunk: state, row and item of a NaN score. */
export const NEXT = 0;
export const FINISHED = 1;
export const STOP = 2;
export const HEADER = 3;
export const PER_CHUNK = 3;
/** States of a chunk. */
const DONE = 1;
export const NOT_A_NUMBER = 2;

export function chunkCount(job: Job): number {
  return Math.ceil(job.count / chunkRows(job));
}

/** Takes chunks and ranks them until none is left; any number of threads may run it on one job. */
export function work(job: Job, output: Output, progress: Int32Array): void {
  for (const _ of chunksOf(job, output, progress));
}

/** The same, pausing after each chunk. */
export function* chunksOf(job: Job, output: Output, progress: Int32Array): Generator<void> {
  const ranker = makeRanker(job);
  const total = chunkCount(job);
  while (Atomics.load(progress, STOP) === 0) {
    const chunk = Atomics.add(progress, NEXT, 1);
    if (chunk >= total) return;
    const nan = runChunk(job, ranker, output, chunk, progress);
    // Chunks are taken in order, so the first NaN of the job lies in this chunk or in one already taken.
    if (nan) Atomics.store(progress, STOP, 1);
    yield;
  }
}

/** Ranks one chunk and records how it went. Running a chunk twice is harmless: it writes the same values. */
export function runChunk(
  job: Job,
  ranker: Ranker,
  output: Output,
  chunk: number,
  progress: Int32Array,
): NanScore | undefined {
  const size = chunkRows(job);
  const at = HEADER + chunk * PER_CHUNK;
  const nan = ranker(chunk * size, Math.min(job.count, (chunk + 1) * size), output);
  if (nan) {
    progress[at + 1] = nan.row;
    progress[at + 2] = nan.item;
  }
  Atomics.store(progress, at, nan ? NOT_A_NUMBER : DONE);
  Atomics.add(progress, FINISHED, 1);
  Atomics.notify(progress, FINISHED);
  return nan;
}
