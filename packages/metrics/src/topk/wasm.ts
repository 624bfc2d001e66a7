import type { RankKernel } from "./kernel.js";
import { bindState, exclusions, grow, type Lists, loadUsers, placeLists, room, writeLists } from "./layout.js";
import type { Job, NanScore, Ranker } from "./types.js";

/** Items go through the kernel in tiles of at most this many bytes, so that memory stays small for any catalogue. */
const TILE_BYTES = 8 << 20;
/** Users per call of the kernel: their vectors stay in the first-level cache. */
const BLOCK = 64;

interface Layout extends Lists {
  readonly panels: number;
  readonly vectors: number;
  readonly thresholds: number;
  readonly bytes: number;
}

/**
 * Ranks with the WebAssembly kernel that scores everything. Items are packed in panels of 8 (biases first, then one row of 8 per
 * coordinate, coordinates padded with zeros to a multiple of 4), which is what the micro-kernel reads.
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
    grow(kernel, layout.bytes);
    loadUsers(job, kernel, layout.vectors, padded, layout, start, stop);
    // NaN admits everything to a heap that is not full; Infinity keeps padding users out of the way.
    new Float32Array(kernel.memory.buffer, layout.thresholds, users).fill(Number.NaN, 0, count).fill(Infinity, count);
    for (let tile = 0; tile < allPanels; tile += tilePanels) {
      const panelCount = Math.min(tilePanels, allPanels - tile);
      if (packed !== tile) packItems(job, kernel, layout.panels, tile * 8, panelCount, padded);
      // One tile holds the whole catalogue in most problems: it is then packed once.
      packed = tile;
      for (let block = 0; block < users; block += BLOCK) {
        const offset = block * 4;
        bindState(kernel, layout, heap, layout.thresholds, offset);
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

function layOut(tileBytes: number, users: number, padded: number, heap: number, excluded: number): Layout {
  const take = room();
  return {
    panels: take(tileBytes),
    vectors: take(users * padded * 4),
    ...placeLists(take, users, heap, excluded),
    thresholds: take(users * 4),
    bytes: take(0),
  };
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
