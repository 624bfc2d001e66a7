import type { RankKernel } from "./kernel.js";
import { exclusions, grow, type Lists, loadUsers, placeLists, room, writeLists } from "./layout.js";
import type { Job, Output, Ranker } from "./types.js";

/** Users per block: their integers and candidates stay in the nearer caches. */
const BLOCK = 64;
/** Bytes of items that a block of users goes through before they are read again. */
const TILE_BYTES = 64 << 10;
/** A packed catalogue stays in memory: a larger one is ranked tile by tile without it. */
const MOST_BYTES = 128 << 20;
/** Norm of a vector in integers, as in assembly/filter.ts. */
const QUANTA = 32_000;

/** Is the job one for {@link filterRanker}: more than a handful of users, lists much shorter than the catalogue? */
export function worthAFilter({ count, k, itemCount, dim }: Job): boolean {
  return count >= BLOCK && 8 * k <= itemCount && itemCount * bytesOf(dim) <= MOST_BYTES;
}

const bytesOf = (dim: number): number => 6 * (dim + 8) + 16;

/**
 * Ranks with the kernel's filter: a product of integers bounds each score from both sides, only what could be among a user's K
 * best is scored, in float32 as the definition says. Same lists, scores and ties as `plainRanker`.
 *
 * Why nothing is lost: let x̂ = round(Q x / ‖x‖), so that ‖x̂ − Q x/‖x‖‖ ≤ √d / 2. By Cauchy and Schwarz ⟨û, î⟩ differs from
 * Q² ⟨u, i⟩ / (‖u‖ ‖i‖) by at most Q √d + d, and rounding a score to float32 term by term adds at most (d + 2) 2⁻²³ Q². The K-th
 * best of the lower bounds is no better than the K-th best score, so an item whose upper bound is below it is not among the K best,
 * nor tied with the last of them. By the same inequality no product exceeds (Q + √d)² < 2³¹. A bias is one more coordinate.
 *
 * Users of whom nearly all items score alike, and catalogues with huge or non-finite vectors, go to `exact`.
 */
export function filterRanker(job: Job, kernel: RankKernel, exact: () => Ranker): Ranker {
  const packed = packCatalogue(job, kernel);
  if (packed === null) return exact();
  let fallback: Ranker | undefined;
  return (start, stop, output) => {
    const left = rankChunk(job, kernel, packed, start, stop, output);
    if (left !== null) fallback ??= exact();
    if (left === "all") return fallback?.(start, stop, output);
    for (const row of left ?? []) {
      const nan = fallback?.(row, row + 1, output);
      if (nan) return nan;
    }
    return undefined;
  };
}

/** Where the items lie in memory. */
interface Catalogue {
  readonly vectors: number;
  readonly bias: number;
  readonly order: number;
  readonly panels: number;
  readonly ordered: number;
  readonly panelCount: number;
  readonly pairs: number;
  /** The first byte behind it. */
  readonly end: number;
}

/** Items as they are and as integers by falling norm; null if they are not finite or too large. */
function packCatalogue({ items, bias, dim, itemCount }: Job, kernel: RankKernel): Catalogue | null {
  const panelCount = (itemCount + 7) >> 3;
  const pairs = ((dim + (bias ? 1 : 0) + 7) >> 3) * 4;
  const take = room();
  const vectors = take(4 * items.length);
  const biases = bias ? take(4 * itemCount) : 0;
  const lengths = take(4 * itemCount);
  const order = take(32 * panelCount);
  const panels = take(32 * pairs * panelCount);
  const ordered = take(32 * panelCount);
  const end = take(0);
  grow(kernel, end);
  const { buffer } = kernel.memory;
  new Float32Array(buffer, vectors, items.length).set(items);
  if (bias) new Float32Array(buffer, biases, itemCount).set(bias);
  if (kernel.norms(vectors, itemCount, dim, biases, 0, lengths) === 0) return null;
  new Int32Array(buffer, order, itemCount).set(byFallingNorm(new Uint32Array(buffer, lengths, itemCount)));
  kernel.packItems(vectors, itemCount, dim, biases, pairs, lengths, order, panels, ordered);
  return { vectors, bias: biases, order, panels, ordered, panelCount, pairs, end };
}

/** Positive floats are ordered as their bits are: one sort of numbers that hold bits and index. */
function byFallingNorm(bits: Uint32Array): Int32Array {
  const keys = Float64Array.from(bits, (norm, item) => (0xffffffff - norm) * 2 ** 21 + item).sort();
  return Int32Array.from(keys, (key) => key % 2 ** 21);
}

function setBounds({ dim, bias }: Job, kernel: RankKernel): void {
  const d = dim + (bias ? 1 : 0);
  const error = Math.ceil(QUANTA * Math.sqrt(d) + d + (d + 2) * 2 ** -23 * QUANTA ** 2 + 1024);
  kernel.setBounds(error, 2 * error + 2048, (QUANTA + Math.sqrt(d)) ** 2 + error + 2048);
}

interface Chunk extends Lists {
  readonly vectors: number;
  readonly lengths: number;
  readonly integers: number;
  readonly lifts: number;
  readonly lows: number;
  readonly lowCounts: number;
  readonly candidates: number;
  readonly counts: number;
  readonly bytes: number;
}

/** Candidates held per user; see `thinOut` in assembly/filter.ts. */
const roomFor = (k: number): number => 4 * k + 192;

function layOut(job: Job, from: number, rows: number, pairs: number, excluded: number): Chunk {
  const { k, dim } = job;
  const take = room(from);
  return {
    ...placeLists(take, rows, k, excluded),
    vectors: take(4 * rows * dim),
    lengths: take(4 * rows),
    integers: take(4 * rows * pairs),
    lifts: take(4 * BLOCK),
    lows: take(4 * BLOCK * k),
    lowCounts: take(4 * BLOCK),
    candidates: take(8 * BLOCK * roomFor(k)),
    counts: take(4 * BLOCK),
    bytes: take(0),
  };
}

/** Ranks the rows but those that it returns: the output's rows whose items score nearly all alike, or all if a user's vector is huge. */
function rankChunk(
  job: Job,
  kernel: RankKernel,
  catalogue: Catalogue,
  start: number,
  stop: number,
  output: Output,
): readonly number[] | "all" | null {
  const { k, dim, bias } = job;
  const { pairs } = catalogue;
  const count = stop - start;
  const rows = (count + 3) & ~3;
  const chunk = layOut(job, catalogue.end, rows, pairs, exclusions(job, start, stop));
  grow(kernel, chunk.bytes);
  const { memory } = kernel;
  loadUsers(job, kernel, chunk.vectors, dim, chunk, start, stop);
  const extra = bias ? 1 : 0;
  if (kernel.norms(chunk.vectors, rows, dim, 0, extra, chunk.lengths) === 0) return "all";
  kernel.packUsers(chunk.vectors, rows, dim, extra, pairs, chunk.lengths, chunk.integers);
  setBounds(job, kernel);
  const left: number[] = [];
  for (let block = 0; block < rows; block += BLOCK) {
    const size = Math.min(BLOCK, rows - block);
    const real = Math.min(BLOCK, count - block);
    siftBlock(job, kernel, catalogue, chunk, block, size, real);
    const counts = new Int32Array(memory.buffer, chunk.counts, BLOCK);
    const sizes = new Int32Array(memory.buffer, chunk.sizes, rows);
    for (let user = 0; user < real; user++) {
      const row = block + user;
      if (counts[user]! < 0) {
        left.push(start + row);
        sizes[row] = 0;
        continue;
      }
      sizes[row] = kernel.settle(
        user,
        chunk.vectors + 4 * row * dim,
        catalogue.vectors,
        catalogue.bias,
        dim,
        chunk.heapScores + 4 * row * k,
        chunk.heapItems + 4 * row * k,
        chunk.tied + 4 * row,
      );
    }
  }
  writeLists(kernel, chunk, start, count, k, k, output);
  return left.length === 0 ? null : left;
}

/** Leaves the candidates of a block's users. */
function siftBlock(
  { k, itemCount }: Job,
  kernel: RankKernel,
  { order, panels, ordered, panelCount, pairs }: Catalogue,
  chunk: Chunk,
  block: number,
  size: number,
  real: number,
): void {
  const { buffer } = kernel.memory;
  new Float32Array(buffer, chunk.lifts, BLOCK).fill(-Infinity, 0, real).fill(Infinity, real);
  new Int32Array(buffer, chunk.lowCounts, BLOCK).fill(0);
  new Int32Array(buffer, chunk.counts, BLOCK).fill(0);
  kernel.setFilter(
    k,
    roomFor(k),
    order,
    itemCount,
    chunk.lifts,
    chunk.lows,
    chunk.lowCounts,
    chunk.candidates,
    chunk.counts,
    chunk.cursors + 4 * block,
    chunk.ends + 4 * block,
    chunk.excluded,
  );
  const tile = Math.max(1, Math.floor(TILE_BYTES / (32 * pairs)));
  for (let from = 0; from < panelCount; from += tile) {
    const to = Math.min(panelCount, from + tile);
    kernel.sift(chunk.integers + 4 * block * pairs, size, pairs, panels, ordered, from, to);
  }
}
