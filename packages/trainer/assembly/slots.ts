// Which rows a step touches: an open-addressing hash from row ids to slots 0, 1, 2 … in order of first appearance.
// Its size is the batch's, whatever the table's.

/**
 * Finds or makes the slot of each id; `hash` has 2^(32 − shift) entries (id, slot), id −1 is empty. New ids are
 * appended to `slotIds`. Returns the number of slots in use, or −1 − k if ids[k] is not a row of the table.
 */
export function locate(
  ids: usize,
  count: i32,
  rows: i32,
  hash: usize,
  shift: i32,
  slotIds: usize,
  used: i32,
  slots: usize,
): i32 {
  const mask: u32 = 0xffffffff >>> shift;
  for (let k = 0; k < count; k++) {
    const id = load<i32>(ids + ((<usize>k) << 2));
    if (<u32>id >= <u32>rows) return -1 - k;
    let h: u32 = (<u32>id * 0x9e3779b1) >>> shift;
    let slot: i32 = 0;
    while (true) {
      const entry = hash + ((<usize>h) << 3);
      const key = load<i32>(entry);
      if (key == id) {
        slot = load<i32>(entry, 4);
        break;
      }
      if (key == -1) {
        store<i32>(entry, id);
        store<i32>(entry, used, 4);
        store<i32>(slotIds + ((<usize>used) << 2), id);
        slot = used++;
        break;
      }
      h = (h + 1) & mask;
    }
    store<i32>(slots + ((<usize>k) << 2), slot);
  }
  return used;
}

/** Enters slots 0 … used − 1 into an emptied hash. */
export function rehash(hash: usize, shift: i32, slotIds: usize, used: i32): void {
  const mask: u32 = 0xffffffff >>> shift;
  for (let slot = 0; slot < used; slot++) {
    const id = load<i32>(slotIds + ((<usize>slot) << 2));
    let h: u32 = (<u32>id * 0x9e3779b1) >>> shift;
    while (load<i32>(hash + ((<usize>h) << 3)) != -1) h = (h + 1) & mask;
    store<i32>(hash + ((<usize>h) << 3), id);
    store<i32>(hash + ((<usize>h) << 3), slot, 4);
  }
}

/** Slots by ascending row id: a radix sort, 11 bits a pass. `histogram`: 2048 counters; `temp`: as long as `order`. */
export function sortSlots(slotIds: usize, used: i32, rows: i32, order: usize, temp: usize, histogram: usize): void {
  let passes = 1;
  while (passes < 3 && (<u32>(rows - 1)) >>> (11 * passes) != 0) passes++;
  let from = passes & 1 ? temp : order;
  let to = passes & 1 ? order : temp;
  for (let k = 0; k < used; k++) store<i32>(from + ((<usize>k) << 2), k);
  for (let pass = 0; pass < passes; pass++) {
    const shift = 11 * pass;
    memory.fill(histogram, 0, 2048 << 2);
    for (let k = 0; k < used; k++) {
      const digit = (load<u32>(slotIds + ((<usize>k) << 2)) >>> shift) & 2047;
      const at = histogram + ((<usize>digit) << 2);
      store<i32>(at, load<i32>(at) + 1);
    }
    let start = 0;
    for (let d = 0; d < 2048; d++) {
      const at = histogram + ((<usize>d) << 2);
      const count = load<i32>(at);
      store<i32>(at, start);
      start += count;
    }
    for (let k = 0; k < used; k++) {
      const slot = load<i32>(from + ((<usize>k) << 2));
      const digit = (load<u32>(slotIds + ((<usize>slot) << 2)) >>> shift) & 2047;
      const at = histogram + ((<usize>digit) << 2);
      const place = load<i32>(at);
      store<i32>(at, place + 1);
      store<i32>(to + ((<usize>place) << 2), slot);
    }
    const swap = from;
    from = to;
    to = swap;
  }
}
