import { GradpoolError } from "@gradpool/core";
import {
  chunkCount,
  chunkRows,
  chunksOf,
  HEADER,
  makeRanker,
  NOT_A_NUMBER,
  PER_CHUNK,
  runChunk,
  STOP,
  work,
} from "./chunks.js";
import { scoreOf } from "./plain.js";
import { availableThreads, shared, startHelpers } from "./threads.js";
import { type ExposureCollector, exposureCollector } from "./exposure.js";
import { beyondList, cutCollector } from "./ties.js";
import type { ItemExposure, ItemLists, Job, Output, TopK, TopKOptions } from "./types.js";
import { positiveInteger } from "../errors.js";
import { checkLists, makeJob } from "./validate.js";

/** Multiply-adds below which starting a thread (tens of milliseconds) is not worth it. */
const WORTH_A_THREAD = 2e9;

/**
 * The K best items of every user by full ranking: score(u, i) = ⟨users[u], items[i]⟩ + bias[i] in float32 (summed in
 * the order of the coordinates), excluded items left out, equal scores by ascending item (`ties` says what K cut off among
 * them, so that metrics need not depend on the numbering). Products of small integers rule nearly all items out, what they leave
 * is scored as said: see `filterRanker`. Memory stays at the inputs, the lists, a few MiB and, of catalogues up to 128 MiB, a copy
 * per thread.
 *
 * Errors: `invalid-input` for shapes and ids that do not fit, `non-finite` for a NaN score (with its user and item).
 */
export function rankTopK(options: TopKOptions): TopK {
  const { job, output, progress, end } = begin(options);
  work(job, output, progress);
  return end();
}

/**
 * {@link rankTopK} for programs that must hear of other things meanwhile: `pause` is awaited between chunks of users, and what it throws
 * ends the ranking. The vectors must stay as they are until then. Same lists.
 */
export const rankTopKInChunks = (options: TopKOptions, pause: () => Promise<void> | undefined): Promise<TopK> =>
  beginTopK(options).finish(pause);

/** A ranking that other threads are at, if it is worth any, while this one does something else. */
export interface BegunTopK {
  /** This thread takes part from now on, as {@link rankTopKInChunks} says. Once. */
  finish(pause: () => Promise<void> | undefined): Promise<TopK>;
  /**
   * In place of `finish`: the lists some rows at a time, in the order of the rows, each part as soon as it and those before it are
   * made. What the caller does with one goes on beside the ranking of the next. Left early, it stops. Parts say nothing of ties.
   */
  parts(pause: () => Promise<void> | undefined): AsyncGenerator<TopK>;
  /** Nobody waits for it any more: threads end after the users that they are at. */
  stop(): void;
}

/** {@link rankTopK} begun, for programs that have other work before they need the lists. Same lists. */
export function beginTopK(options: TopKOptions): BegunTopK {
  const { job, output, progress, wait, end } = begin(options);
  const stop = (): void => void Atomics.store(progress, STOP, 1);
  return {
    async *parts(pause) {
      const [own, chunks] = [chunksOf(job, output, progress), chunkCount(job)];
      try {
        for (let next = 0, waited = false; next < chunks;) {
          const done = doneFrom(progress, next, chunks);
          if (done > next) {
            checkScores(job, next, done, progress);
            yield rowsOf(job, output, next, done);
            next = done;
          } else if (own.next().done !== true) await pause();
          else if (waited) return;
          else {
            wait();
            waited = true;
          }
        }
      } finally {
        stop();
      }
    },
    async finish(pause) {
      try {
        for (const _ of chunksOf(job, output, progress)) await pause();
      } catch (error) {
        stop();
        throw error;
      }
      return end();
    },
    stop,
  };
}

/** A ranking whose helpers are at work, if it is worth any. */
interface Begun {
  readonly job: Job;
  readonly output: Output;
  readonly progress: Int32Array;
  /** Waits for what the helpers have taken, once this thread finds no chunk left. */
  wait(): void;
  /** The same, and all lists. */
  end(): TopK;
}

/** The end of the chunks from `next` on that are finished without a gap. */
function doneFrom(progress: Int32Array, next: number, chunks: number): number {
  let end = next;
  while (end < chunks && Atomics.load(progress, HEADER + end * PER_CHUNK) !== 0) end++;
  return end;
}

/** The lists of chunks `from` up to `to`, as views. */
function rowsOf(job: Job, { items, scores }: Output, from: number, to: number): TopK {
  const size = chunkRows(job);
  const [first, end] = [from * size, Math.min(job.count, to * size)];
  const [a, b] = [first * job.k, end * job.k];
  return { count: end - first, k: job.k, items: items.subarray(a, b), scores: scores.subarray(a, b) };
}

function begin(options: TopKOptions): Begun {
  const job = makeJob(options, "rankTopK");
  if (options.threads !== undefined) positiveInteger(options.threads, "threads", "rankTopK");
  const { count, k } = job;
  const userCount = options.users.length / job.dim;
  const relevant = options.relevant && checkLists(options.relevant, userCount, job.itemCount, "rankTopK");
  const shown = options.exposure && exposureCollector(options.exposure, k, job.itemCount, "rankTopK");
  const chunks = chunkCount(job);
  const wanted = options.threads ?? (count * job.itemCount * job.dim < WORTH_A_THREAD ? 1 : availableThreads());
  const threads = Math.max(1, Math.min(wanted, chunks));
  const cells = HEADER + PER_CHUNK * chunks;
  const progress = threads > 1 ? shared(new Int32Array(cells)) : new Int32Array(cells);
  const lists: Output = {
    items: new Int32Array(count * k),
    scores: new Float32Array(count * k),
    tied: new Int32Array(count),
  };
  const output =
    threads > 1 ? { items: shared(lists.items), scores: shared(lists.scores), tied: shared(lists.tied) } : lists;
  output.items.fill(-1);
  output.scores.fill(-Infinity);
  const helpers = threads > 1 ? startHelpers(job, output, progress, threads - 1) : undefined;
  const wait = (): void => helpers?.wait((chunk) => void runChunk(job, makeRanker(job), output, chunk, progress));
  const end = (): TopK => {
    wait();
    checkScores(job, 0, chunks, progress);
    if (output !== lists) {
      // Callers get arrays of their own: shared memory cannot be transferred, nor read by some APIs.
      lists.items.set(output.items);
      lists.scores.set(output.scores);
      lists.tied.set(output.tied);
    }
    const { items, scores, tied } = lists;
    const top: TopK = { count, k, items, scores, ties: { count: tied } };
    const cut = relevant && cutItems(job, top, tied, relevant);
    return {
      ...top,
      ties: { count: tied, ...(cut && { relevant: cut }) },
      ...(shown && { exposure: exposures(job, top, shown) }),
    };
  };
  return { job, output, progress, wait, end };
}

/** The relevant items beyond each list that score as its last one does. */
function cutItems(job: Job, top: TopK, tied: Int32Array, relevant: ItemLists): ItemLists {
  const cut = cutCollector();
  for (let row = 0; row < top.count; row++) {
    const user = job.userIds ? job.userIds[row]! : row;
    if (tied[row]! > 0) cut.look(top, row, user, relevant, excludedOf(job), (item) => scoreOf(job, user, item));
    cut.endRow();
  }
  return cut.lists();
}

function exposures(job: Job, top: TopK, shown: ExposureCollector): ItemExposure[] {
  for (let row = 0; row < top.count; row++) {
    const user = job.userIds ? job.userIds[row]! : row;
    const score = (item: number): number => scoreOf(job, user, item);
    shown.add(top, row, beyondList(top, row, user, job.itemCount, excludedOf(job), score));
  }
  return shown.exposures();
}

const excludedOf = ({ excludeOffsets, excludeItems }: Job): ItemLists | undefined =>
  excludeOffsets && excludeItems && { offsets: excludeOffsets, items: excludeItems };

function checkScores(job: Job, from: number, to: number, progress: Int32Array): void {
  for (let chunk = from; chunk < to; chunk++) {
    const at = HEADER + chunk * PER_CHUNK;
    if (progress[at] !== NOT_A_NUMBER) continue;
    const row = progress[at + 1]!;
    const user = job.userIds ? job.userIds[row]! : row;
    nanScore("rankTopK", user, progress[at + 2]!);
  }
}

export function nanScore(where: string, user: number, item: number): never {
  throw new GradpoolError({
    code: "non-finite",
    what: `the score of user ${user} and item ${item} is NaN`,
    where,
    remedy: "look for NaN or opposite infinities in the vectors or scores; training has probably diverged",
  });
}
