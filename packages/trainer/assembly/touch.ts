// Rows of a large table are cache misses, which cost more than all arithmetic on them. Reading a word of each of their cache
// lines a block of rows ahead lets the misses overlap, where one row after the other waits for each of its own.

/** How many rows are touched before the first of them is used: few enough to be there still when their turn comes. */
export function ahead(bytes: usize): i32 {
  return <i32>min(max(<usize>8192 / bytes, 4), 64);
}

/** What was read: kept, and exported, so that no compiler leaves the reading out. */
export let seen: u32 = 0;

// @ts-ignore: decorator
@inline
function touchRow(at: usize, bytes: usize): u32 {
  let word = load<u32>(at);
  for (let o: usize = 64; o < bytes; o += 64) word ^= load<u32>(at + o);
  // A row that does not begin with a line may end in one more.
  if ((bytes & 63) != 0) word ^= load<u32>(at + bytes - 4);
  return word;
}

/** Touches the rows of the ids from `ids` to `end`. */
export function touchRows(table: usize, ids: usize, end: usize, bytes: usize): void {
  let word: u32 = 0;
  for (; ids < end; ids += 4) word ^= touchRow(table + <usize>load<u32>(ids) * bytes, bytes);
  seen = word;
}

/** Touches weights and state of the slots that are visited from place `from` to `to`; `first`, `second` 0: none. */
export function touchSlots(
  table: usize,
  first: usize,
  second: usize,
  slotIds: usize,
  order: usize,
  from: i32,
  to: i32,
  bytes: usize,
): void {
  let word: u32 = 0;
  for (let k = from; k < to; k++) {
    const slot = order == 0 ? k : load<i32>(order + ((<usize>k) << 2));
    const at = <usize>load<u32>(slotIds + ((<usize>slot) << 2)) * bytes;
    word ^= touchRow(table + at, bytes);
    if (first != 0) word ^= touchRow(first + at, bytes);
    if (second != 0) word ^= touchRow(second + at, bytes);
  }
  seen = word;
}

/** Touches the tasks' gradients of the slots that are visited from place `from` to `to`. */
export function touchSums(
  positions: usize,
  tasks: i32,
  accumulators: usize,
  order: usize,
  from: i32,
  to: i32,
  bytes: usize,
): void {
  let word: u32 = 0;
  for (let k = from; k < to; k++) {
    const slot = order == 0 ? k : load<i32>(order + ((<usize>k) << 2));
    const places = positions + ((<usize>(slot * tasks)) << 2);
    for (let i = 0; i < tasks; i++) {
      const place = load<i32>(places + ((<usize>i) << 2));
      if (place >= 0)
        word ^= touchRow(load<usize>(accumulators + ((<usize>i) << 2)) + <usize>place * bytes, bytes);
    }
  }
  seen = word;
}
