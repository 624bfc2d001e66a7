import { createRandom } from "@gradpool/core";
import { below } from "./draw.js";

/** How rows that stand in groups are shuffled: the groups as wholes, then the rows of some groups together. */
export interface GroupedOrder {
  /** Rows of each group, in the order in which they stand. */
  readonly sizes: readonly number[];
  /** Groups are put together until they have so many rows. */
  readonly buffer: number;
  /** False: rows come in their own order. */
  readonly shuffle: boolean;
  readonly seed: number;
  readonly stream: number;
}

/** Groups whose rows are shuffled together. */
export interface OrderedBuffer {
  /** In the order in which they are read. */
  readonly groups: readonly number[];
  /** Place in the epoch of its first row. */
  readonly start: number;
  readonly rows: number;
}

/** Keep the shuffles of groups and of rows apart from every other use of a seed. */
const [groupStream, rowStream] = [0x677270, 0x726f77];

/** Fisher–Yates over what is there. */
function shuffle(values: Int32Array, ...streams: readonly [number, ...number[]]): void {
  const random = createRandom(...streams);
  for (let k = values.length - 1; k > 0; k--) {
    const other = below(random, k + 1);
    const held = values[k] as number;
    values[k] = values[other] as number;
    values[other] = held;
  }
}

/** The buffers of an epoch: what is read together, one after the other. */
export function buffersOf(
  { sizes, buffer, shuffle: shuffles, seed, stream }: GroupedOrder,
  epoch: number,
): OrderedBuffer[] {
  const order = Int32Array.from(sizes.keys());
  if (shuffles) shuffle(order, seed, groupStream, stream, epoch);
  const buffers: OrderedBuffer[] = [];
  let groups: number[] = [];
  let [start, rows] = [0, 0];
  for (const group of order) {
    groups.push(group);
    rows += sizes[group] as number;
    if (rows < buffer) continue;
    buffers.push({ groups, start, rows });
    [groups, start, rows] = [[], start + rows, 0];
  }
  if (rows > 0) buffers.push({ groups, start, rows });
  return buffers;
}

/** Which row of the k-th buffer comes when: places in its groups, one group behind the other as `groups` names them. */
export function rowsInOrder(
  { shuffle: shuffles, seed, stream }: GroupedOrder,
  epoch: number,
  k: number,
  rows: Int32Array,
): void {
  for (let row = 0; row < rows.length; row++) rows[row] = row;
  if (shuffles) shuffle(rows, seed, rowStream, stream, epoch, k);
}

/** The whole epoch's order of rows that are all at hand, numbered through all groups: what a stream of the groups would give. */
export function arrangeGroups(order: GroupedOrder, epoch: number, into: Int32Array): void {
  const starts = [0];
  for (const size of order.sizes) starts.push((starts.at(-1) as number) + size);
  for (const [k, { groups, start, rows }] of buffersOf(order, epoch).entries()) {
    const own = into.subarray(start, start + rows);
    rowsInOrder(order, epoch, k, own);
    const places = new Int32Array(rows);
    let at = 0;
    for (const group of groups) {
      for (let row = 0; row < (order.sizes[group] as number); row++) places[at++] = (starts[group] as number) + row;
    }
    for (let row = 0; row < rows; row++) own[row] = places[own[row] as number] as number;
  }
}
