import type { RankKernel } from "./kernel.js";
import type { Job, NanScore, Output, Ranker } from "./types.js";

/** Items go through the kernel in tiles of at most this many bytes, so that memory stays small for any catalogue. */
const TILE_BYTES = 8 << 20;
/** Users per call of the kernel: their vectors stay in the first-level cache. */
const BLOCK = 64;
const PAGE = 65_536;

interface Layout {
  readonly panels: number;
  readonly vectors: number;
  readonly heapScores: number;
  readonly heapItems: number;
  readonly sizes: number;
  readonly thresholds: number;
  readonly cursors: number;
  readonly ends: number;
  readonly tied: number;
  readonly excluded: number;
  readonly bytes: number;
}

/**
 * Ranks with the WebAssembly kernel. Items are packed in panels of 8 (biases first, then one row of 8 per coordinate,
 * coordinates padded with zeros to a multiple of 4), which is what the micro-kernel reads.
 */
export function wasmRanker(job: Job, kernel: RankKernel): Ranker {
  const { dim, k, itemCount } = job;
  const padded = (dim + 3) & ~3;
  const panelBytes = (padded + 1) * 32;
  const allPanels = (itemCount + 7) >> 3;
  const tilePanels = Math.max(1, Math.min(allPanels, Math.floor(TILE_BYTES / panelBytes)));
  const heap = Math.min(k, itemCount);
  let packed = -1;

  return (start, stop, output) => {
    const count = stop - start;
    const users = (count + 3) & ~3;
    const layout = layOut(tilePanels * panelBytes, users, padded, heap, exclusions(job, start, stop));
    if (layout.bytes > kernel.memory.buffer.byteLength) {
      kernel.memory.grow(Math.ceil((layout.bytes - kernel.memory.buffer.byteLength) / PAGE));
    }
    loadUsers(job, kernel, layout, start, stop, padded);
    for (let tile = 0; tile < allPanels; tile += tilePanels) {
      const panelCount = Math.min(tilePanels, allPanels - tile);
      if (packed !== tile) packItems(job, kernel, layout.panels, tile * 8, panelCount, padded);
      // One tile holds the whole catalogue in most problems: it is then packed once.
      packed = tile;
      for (let block = 0; block < users; block += BLOCK) {
        const offset = block * 4;
        bindState(kernel, layout, heap, offset);
        const ok = kernel.rank(
          layout.vectors + offset * padded,
          Math.min(BLOCK, users - block),
          Math.min(BLOCK, count - block),
          padded,
          layout.panels,
          panelCount,
          tile * 8,
          itemCount,
        );
        if (!ok) return { row: start + block + kernel.nanUser(), item: kernel.nanItem() } satisfies NanScore;
      }
    }
    writeLists(kernel, layout, start, count, heap, k, output);
    return undefined;
  };
}

/** Points the kernel at the state of the users that lie `offset` bytes (4 per user) into the chunk. */
function bindState(kernel: RankKernel, layout: Layout, heap: number, offset: number): void {
  kernel.setState(
    heap,
    layout.heapScores + offset * heap,
    layout.heapItems + offset * heap,
    layout.sizes + offset,
    layout.thresholds + offset,
    layout.cursors + offset,
    layout.ends + offset,
    layout.tied + offset,
    layout.excluded,
  );
}

function exclusions({ excludeOffsets, userIds }: Job, start: number, stop: number): number {
  let total = 0;
  if (excludeOffsets) {
    for (let row = start; row < stop; row++) {
      const user = userIds ? userIds[row]! : row;
      total += excludeOffsets[user + 1]! - excludeOffsets[user]!;
    }
  }
  return total;
}

function layOut(tileBytes: number, users: number, padded: number, heap: number, excluded: number): Layout {
  let bytes = PAGE;
  const take = (size: number): number => {
    const at = bytes;
    bytes = (bytes + size + 63) & ~63;
    return at;
  };
  return {
    panels: take(tileBytes),
    vectors: take(users * padded * 4),
    heapScores: take(users * heap * 4),
    heapItems: take(users * heap * 4),
    sizes: take(users * 4),
    thresholds: take(users * 4),
    cursors: take(users * 4),
    ends: take(users * 4),
    tied: take(users * 4),
    excluded: take(excluded * 4),
    bytes,
  };
}

function loadUsers(
  job: Job,
  { memory }: RankKernel,
  layout: Layout,
  start: number,
  stop: number,
  padded: number,
): void {
  const { users, dim, userIds, excludeOffsets, excludeItems } = job;
  const rows = (stop - start + 3) & ~3;
  const vectors = new Float32Array(memory.buffer, layout.vectors, rows * padded).fill(0);
  new Int32Array(memory.buffer, layout.sizes, rows).fill(0);
  new Int32Array(memory.buffer, layout.tied, rows).fill(0);
  // NaN admits everything to a heap that is not full; Infinity keeps padding users out of the way.
  new Float32Array(memory.buffer, layout.thresholds, rows)
    .fill(Number.NaN, 0, stop - start)
    .fill(Infinity, stop - start);
  const cursors = new Int32Array(memory.buffer, layout.cursors, rows).fill(0);
  const ends = new Int32Array(memory.buffer, layout.ends, rows).fill(0);
  const excluded = new Int32Array(memory.buffer, layout.excluded);
  let at = 0;
  for (let row = 0; row < stop - start; row++) {
    const user = userIds ? userIds[start + row]! : start + row;
    vectors.set(users.subarray(user * dim, (user + 1) * dim), row * padded);
    cursors[row] = at;
    if (excludeOffsets && excludeItems) {
      const list = excludeItems.subarray(excludeOffsets[user]!, excludeOffsets[user + 1]!);
      excluded.set(list, at);
      at += list.length;
    }
    ends[row] = at;
  }
}

function packItems(job: Job, { memory }: RankKernel, at: number, first: number, panels: number, padded: number): void {
  const { items, bias, dim, itemCount } = job;
  const out = new Float32Array(memory.buffer, at, panels * (padded + 1) * 8).fill(0);
  const stop = Math.min(itemCount, first + panels * 8);
  for (let item = first; item < stop; item++) {
    const lane = ((item - first) >> 3) * (padded + 1) * 8 + ((item - first) & 7);
    // A bias of -0 becomes 0, as adding zeros for the padding would make it anyway.
    if (bias) out[lane] = bias[item]! + 0;
    for (let j = 0, from = item * dim, to = lane + 8; j < dim; j++, to += 8) out[to] = items[from + j]!;
  }
}

function writeLists(
  kernel: RankKernel,
  layout: Layout,
  start: number,
  count: number,
  heap: number,
  k: number,
  output: Output,
): void {
  bindState(kernel, layout, heap, 0);
  kernel.finish(count);
  const { buffer } = kernel.memory;
  const sizes = new Int32Array(buffer, layout.sizes, count);
  const scores = new Float32Array(buffer, layout.heapScores, count * heap);
  const items = new Int32Array(buffer, layout.heapItems, count * heap);
  output.tied.set(new Int32Array(buffer, layout.tied, count), start);
  for (let row = 0; row < count; row++) {
    const from = row * heap;
    const to = from + sizes[row]!;
    output.items.set(items.subarray(from, to), (start + row) * k);
    output.scores.set(scores.subarray(from, to), (start + row) * k);
  }
}
