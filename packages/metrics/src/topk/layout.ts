import type { RankKernel } from "./kernel.js";
import type { Job, Output } from "./types.js";

const PAGE = 65_536;

/** Hands out memory from `from` on, in whole cache lines; by default from where the kernel's own constants end. */
export function room(from: number = PAGE): (bytes: number) => number {
  let end = from;
  return (bytes) => {
    const at = end;
    end = (end + bytes + 63) & ~63;
    return at;
  };
}

export function grow({ memory }: RankKernel, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
}

/** The lists of a chunk's users as heaps, and their exclusions. */
export interface Lists {
  readonly heapScores: number;
  readonly heapItems: number;
  readonly sizes: number;
  readonly tied: number;
  readonly cursors: number;
  readonly ends: number;
  readonly excluded: number;
}

export function placeLists(take: (bytes: number) => number, users: number, heap: number, excluded: number): Lists {
  return {
    heapScores: take(users * heap * 4),
    heapItems: take(users * heap * 4),
    sizes: take(users * 4),
    tied: take(users * 4),
    cursors: take(users * 4),
    ends: take(users * 4),
    excluded: take(excluded * 4),
  };
}

/** Exclusions of the users of the output's rows, all together. */
export function exclusions({ excludeOffsets, userIds }: Job, start: number, stop: number): number {
  let total = 0;
  if (excludeOffsets) {
    for (let row = start; row < stop; row++) {
      const user = userIds ? userIds[row]! : row;
      total += excludeOffsets[user + 1]! - excludeOffsets[user]!;
    }
  }
  return total;
}

/** Writes the vectors and exclusions of the rows to memory, zeros for padding, and empties the lists. `stride`: floats per vector. */
export function loadUsers(
  job: Job,
  { memory }: RankKernel,
  at: number,
  stride: number,
  lists: Lists,
  start: number,
  stop: number,
): void {
  const { users, dim, userIds, excludeOffsets, excludeItems } = job;
  const rows = (stop - start + 3) & ~3;
  const vectors = new Float32Array(memory.buffer, at, rows * stride).fill(0);
  new Int32Array(memory.buffer, lists.sizes, rows).fill(0);
  new Int32Array(memory.buffer, lists.tied, rows).fill(0);
  const cursors = new Int32Array(memory.buffer, lists.cursors, rows).fill(0);
  const ends = new Int32Array(memory.buffer, lists.ends, rows).fill(0);
  const excluded = new Int32Array(memory.buffer, lists.excluded);
  let taken = 0;
  for (let row = 0; row < stop - start; row++) {
    const user = userIds ? userIds[start + row]! : start + row;
    vectors.set(users.subarray(user * dim, (user + 1) * dim), row * stride);
    cursors[row] = taken;
    if (excludeOffsets && excludeItems) {
      const list = excludeItems.subarray(excludeOffsets[user]!, excludeOffsets[user + 1]!);
      excluded.set(list, taken);
      taken += list.length;
    }
    ends[row] = taken;
  }
}

/** Points the kernel at the lists of the users that lie `offset` bytes (4 per user) into the chunk. */
export function bindState(kernel: RankKernel, lists: Lists, heap: number, thresholds: number, offset: number): void {
  kernel.setState(
    heap,
    lists.heapScores + offset * heap,
    lists.heapItems + offset * heap,
    lists.sizes + offset,
    thresholds + offset,
    lists.cursors + offset,
    lists.ends + offset,
    lists.tied + offset,
    lists.excluded,
  );
}

/** Sorts the heaps of `count` users and copies them to the output's rows from `start` on. */
export function writeLists(
  kernel: RankKernel,
  lists: Lists,
  start: number,
  count: number,
  heap: number,
  k: number,
  output: Output,
): void {
  bindState(kernel, lists, heap, 0, 0);
  kernel.finish(count);
  const { buffer } = kernel.memory;
  const sizes = new Int32Array(buffer, lists.sizes, count);
  const scores = new Float32Array(buffer, lists.heapScores, count * heap);
  const items = new Int32Array(buffer, lists.heapItems, count * heap);
  output.tied.set(new Int32Array(buffer, lists.tied, count), start);
  for (let row = 0; row < count; row++) {
    const from = row * heap;
    const to = from + sizes[row]!;
    output.items.set(items.subarray(from, to), (start + row) * k);
    output.scores.set(scores.subarray(from, to), (start + row) * k);
  }
}
