// Rows in and out of tables and accumulators. `dim` floats a row, rows next to each other.
import { get, put, upper } from "./lanes";
import { ahead, touchRows } from "./touch";

// @ts-ignore: decorator
@inline
function copyRow(from: usize, to: usize, full: usize, rest: i32): void {
  let o: usize = 0;
  for (; o < full; o += 16) v128.store(to + o, v128.load(from + o));
  if (rest != 0) put(to + o, get(from + o, rest), rest);
}

/** out[k] = table[ids[k]]. */
export function gather(table: usize, ids: usize, count: i32, dim: i32, out: usize): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  const end = ids + ((<usize>count) << 2);
  const block = (<usize>ahead(row)) << 2;
  while (ids < end) {
    const stop = min(ids + block, end);
    touchRows(table, ids, stop, row);
    for (; ids < stop; ids += 4, out += row) copyRow(table + <usize>load<u32>(ids) * row, out, full, rest);
  }
}

// @ts-ignore: decorator
@inline
function add(to: usize, from: usize, scale: v128, lanes: i32): void {
  put(to, f32x4.add(get(to, lanes), f32x4.mul(scale, get(from, lanes))), lanes);
}

function addRow(to: usize, from: usize, scale: f32, full: usize, rest: i32): void {
  const s = f32x4.splat(scale);
  let o: usize = 0;
  for (; o < full; o += 16) add(to + o, from + o, s, 4);
  if (rest != 0) add(to + o, from + o, s, rest);
}

/** Rows that a pooled lookup adds up in float32; a longer one is added up in float64, column by column. */
const MOST_IN_FLOAT32 = 1024;

function poolWide(table: usize, ids: usize, count: i32, dim: i32, scale: f32, out: usize): void {
  const row = (<usize>dim) << 2;
  const end = ids + ((<usize>count) << 2);
  for (let c: usize = 0; c < row; c += 4) {
    let sum: f64 = 0;
    for (let id = ids; id < end; id += 4) sum += <f64>load<f32>(table + <usize>load<u32>(id) * row + c);
    store<f32>(out + c, <f32>(<f64>scale * sum));
  }
}

/** out[r] = sum or mean over o in [offsets[r], offsets[r + 1]) of table[ids[o]]; zeros where there is none. */
export function gatherPooled(
  table: usize,
  ids: usize,
  offsets: usize,
  count: i32,
  dim: i32,
  mean: i32,
  out: usize,
): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  const entries = load<i32>(offsets + ((<usize>count) << 2));
  const block = ahead(row);
  let touched = 0;
  for (let r = 0; r < count; r++, out += row) {
    const start = load<i32>(offsets + ((<usize>r) << 2));
    const end = load<i32>(offsets + ((<usize>r) << 2), 4);
    if (end > touched) {
      touched = min(max(start, touched) + block, entries);
      touchRows(table, ids + ((<usize>start) << 2), ids + ((<usize>touched) << 2), row);
    }
    memory.fill(out, 0, row);
    const scale: f32 = mean != 0 ? <f32>1 / <f32>(end - start) : 1;
    if (end - start > MOST_IN_FLOAT32) {
      poolWide(table, ids + ((<usize>start) << 2), end - start, dim, scale, out);
      continue;
    }
    for (let o = start; o < end; o++) {
      addRow(out, table + <usize>load<u32>(ids + ((<usize>o) << 2)) * row, scale, full, rest);
    }
  }
}

/** As `poolWide`, of weighted rows, and added to what is there. */
function addPoolWide(table: usize, ids: usize, weights: usize, count: i32, dim: i32, out: usize): void {
  const row = (<usize>dim) << 2;
  for (let c: usize = 0; c < row; c += 4) {
    let sum: f64 = <f64>load<f32>(out + c);
    for (let k: usize = 0; k < (<usize>count) << 2; k += 4) {
      sum += <f64>load<f32>(weights + k) * <f64>load<f32>(table + <usize>load<u32>(ids + k) * row + c);
    }
    store<f32>(out + c, <f32>sum);
  }
}

/** out[r] += the sum over o in [offsets[r], offsets[r + 1]) of weights[o] × table[ids[o]], entry by entry. */
export function addPooled(
  table: usize,
  ids: usize,
  offsets: usize,
  weights: usize,
  count: i32,
  dim: i32,
  out: usize,
): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  for (let r = 0; r < count; r++, out += row) {
    const start = load<i32>(offsets + ((<usize>r) << 2));
    const end = load<i32>(offsets + ((<usize>r) << 2), 4);
    if (end - start > MOST_IN_FLOAT32) {
      const from = (<usize>start) << 2;
      addPoolWide(table, ids + from, weights + from, end - start, dim, out);
      continue;
    }
    for (let o = start; o < end; o++) {
      const entry = (<usize>o) << 2;
      addRow(out, table + <usize>load<u32>(ids + entry) * row, load<f32>(weights + entry), full, rest);
    }
  }
}

/**
 * Adds scale × from to a row, or writes it where the row is new. Returns `bad` + (s − s) over the sums s: zeros as long
 * as all are finite, NaN from the first one on that is not.
 */
// @ts-ignore: decorator
@inline
function accumulateRow(to: usize, from: usize, scale: v128, fresh: bool, full: usize, rest: i32, bad: v128): v128 {
  let o: usize = 0;
  if (fresh) {
    for (; o < full; o += 16) {
      const s = f32x4.mul(scale, v128.load(from + o));
      v128.store(to + o, s);
      bad = f32x4.add(bad, f32x4.sub(s, s));
    }
    if (rest != 0) {
      const s = f32x4.mul(scale, get(from + o, rest));
      put(to + o, s, rest);
      bad = f32x4.add(bad, f32x4.sub(s, s));
    }
  } else {
    for (; o < full; o += 16) {
      const s = f32x4.add(v128.load(to + o), f32x4.mul(scale, v128.load(from + o)));
      v128.store(to + o, s);
      bad = f32x4.add(bad, f32x4.sub(s, s));
    }
    if (rest != 0) {
      const s = f32x4.add(get(to + o, rest), f32x4.mul(scale, get(from + o, rest)));
      put(to + o, s, rest);
      bad = f32x4.add(bad, f32x4.sub(s, s));
    }
  }
  return bad;
}

/**
 * accumulator[position of slots[k]] += scale × gradient[k]. `positions` holds, `stride` bytes apart and slot by slot, the
 * row of this accumulator, or −1: such a slot gets row `used`, the next free one. Returns the rows in use, −1 if a sum
 * is not finite.
 */
export function scatter(
  gradient: usize,
  slots: usize,
  count: i32,
  dim: i32,
  positions: usize,
  stride: i32,
  accumulator: usize,
  used: i32,
  scale: f32,
): i32 {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  const s = f32x4.splat(scale);
  let bad = f32x4.splat(0);
  const end = slots + ((<usize>count) << 2);
  for (; slots < end; slots += 4, gradient += row) {
    const cell = positions + <usize>load<u32>(slots) * <usize>stride;
    let place = load<i32>(cell);
    const fresh = place < 0;
    if (fresh) {
      place = used++;
      store<i32>(cell, place);
    }
    bad = accumulateRow(accumulator + <usize>place * row, gradient, s, fresh, full, rest, bad);
  }
  return v128.any_true(f32x4.ne(bad, bad)) ? -1 : used;
}

/** `scatter` whose number of rows in use is kept in memory, for calls that follow each other on any thread. Returns 0, or −1 as that. */
export function scatterNext(
  gradient: usize,
  slots: usize,
  count: i32,
  dim: i32,
  positions: usize,
  stride: i32,
  accumulator: usize,
  used: usize,
  scale: f32,
): i32 {
  const next = scatter(gradient, slots, count, dim, positions, stride, accumulator, load<i32>(used), scale);
  if (next < 0) return -1;
  store<i32>(used, next);
  return 0;
}

/** `claim` where each of `count` slots will be met: slot s gets row s of the one accumulator. Returns the rows in use. */
export function claimAll(positions: usize, count: i32): i32 {
  for (let slot = 0; slot < count; slot++) store<i32>(positions + ((<usize>slot) << 2), -2 - slot);
  return count;
}

/**
 * Gives the slots that have no row of the accumulator yet the next free ones, in order of appearance, marked as new: −2 − row. Returns
 * the rows in use. After it `scatterShard` can be called for all shards at once.
 */
export function claim(slots: usize, count: i32, positions: usize, stride: i32, used: i32): i32 {
  const end = slots + ((<usize>count) << 2);
  for (; slots < end; slots += 4) {
    const cell = positions + <usize>load<u32>(slots) * <usize>stride;
    if (load<i32>(cell) == -1) store<i32>(cell, -2 - used++);
  }
  return used;
}

/** `scatter` of the slots s with s & mask = shard, whose rows are claimed. Returns 0, or −1 if a sum is not finite. */
export function scatterShard(
  gradient: usize,
  slots: usize,
  count: i32,
  dim: i32,
  positions: usize,
  stride: i32,
  accumulator: usize,
  scale: f32,
  mask: u32,
  shard: u32,
): i32 {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  const s = f32x4.splat(scale);
  let bad = f32x4.splat(0);
  const end = slots + ((<usize>count) << 2);
  for (; slots < end; slots += 4, gradient += row) {
    const slot = load<u32>(slots);
    if ((slot & mask) != shard) continue;
    const cell = positions + <usize>slot * <usize>stride;
    let place = load<i32>(cell);
    const fresh = place < 0;
    if (fresh) {
      place = -2 - place;
      store<i32>(cell, place);
    }
    bad = accumulateRow(accumulator + <usize>place * row, gradient, s, fresh, full, rest, bad);
  }
  return v128.any_true(f32x4.ne(bad, bad)) ? -1 : 0;
}

/**
 * As `scatter`, for pooled lookups: the gradient of row r goes to each of its ids, divided by their number for a mean, and times the
 * entry's weight where there are `weights` (0: none).
 */
export function scatterPooled(
  gradient: usize,
  slots: usize,
  offsets: usize,
  weights: usize,
  count: i32,
  dim: i32,
  mean: i32,
  positions: usize,
  stride: i32,
  accumulator: usize,
  used: i32,
  scale: f32,
): i32 {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  let bad = f32x4.splat(0);
  for (let r = 0; r < count; r++, gradient += row) {
    const start = load<i32>(offsets + ((<usize>r) << 2));
    const end = load<i32>(offsets + ((<usize>r) << 2), 4);
    const factor = mean != 0 ? scale / <f32>(end - start) : scale;
    for (let o = start; o < end; o++) {
      const s = f32x4.splat(weights == 0 ? factor : factor * load<f32>(weights + ((<usize>o) << 2)));
      const cell = positions + <usize>load<u32>(slots + ((<usize>o) << 2)) * <usize>stride;
      let place = load<i32>(cell);
      const fresh = place < 0;
      if (fresh) {
        place = used++;
        store<i32>(cell, place);
      }
      bad = accumulateRow(accumulator + <usize>place * row, gradient, s, fresh, full, rest, bad);
    }
  }
  return v128.any_true(f32x4.ne(bad, bad)) ? -1 : used;
}

/** counts[slots[k]] += 1. Returns the largest count met. */
export function tally(slots: usize, count: i32, counts: usize): i32 {
  let most = 0;
  const end = slots + ((<usize>count) << 2);
  for (; slots < end; slots += 4) {
    const cell = counts + ((<usize>load<u32>(slots)) << 2);
    const next = load<i32>(cell) + 1;
    store<i32>(cell, next);
    most = max(most, next);
  }
  return most;
}

/** Adds scale × from to a row of float64. */
function addWide(to: usize, from: usize, scale: f64, full: usize, rest: i32): void {
  const s = f64x2.splat(scale);
  const end = from + full;
  for (; from < end; from += 16, to += 32) {
    const x = v128.load(from);
    v128.store(to, f64x2.add(v128.load(to), f64x2.mul(s, f64x2.promote_low_f32x4(x))));
    v128.store(to, f64x2.add(v128.load(to, 16), f64x2.mul(s, f64x2.promote_low_f32x4(upper(x)))), 16);
  }
  for (let c: usize = 0; c < <usize>rest; c++) {
    const cell = to + (c << 3);
    store<f64>(cell, load<f64>(cell) + scale * <f64>load<f32>(from + (c << 2)));
  }
}

/**
 * As `scatter` (`offsets` 0) or `scatterPooled`, but slots with a place ≥ 0 in `wides` are added up in that row of `sums`, in
 * float64; they get a row in the accumulator too, which is left as it is.
 */
export function scatterWide(
  gradient: usize,
  slots: usize,
  offsets: usize,
  weights: usize,
  count: i32,
  dim: i32,
  mean: i32,
  positions: usize,
  stride: i32,
  accumulator: usize,
  used: i32,
  scale: f32,
  wides: usize,
  sums: usize,
): i32 {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  let bad = f32x4.splat(0);
  for (let r = 0; r < count; r++, gradient += row) {
    const start = offsets == 0 ? r : load<i32>(offsets + ((<usize>r) << 2));
    const end = offsets == 0 ? r + 1 : load<i32>(offsets + ((<usize>r) << 2), 4);
    const each = mean != 0 ? scale / <f32>(end - start) : scale;
    for (let o = start; o < end; o++) {
      const factor = weights == 0 ? each : each * load<f32>(weights + ((<usize>o) << 2));
      const s = f32x4.splat(factor);
      const slot = load<u32>(slots + ((<usize>o) << 2));
      const cell = positions + <usize>slot * <usize>stride;
      let place = load<i32>(cell);
      const fresh = place < 0;
      if (fresh) {
        place = used++;
        store<i32>(cell, place);
      }
      const wide = load<i32>(wides + ((<usize>slot) << 2));
      if (wide >= 0) addWide(sums + (<usize>wide * row << 1), gradient, <f64>factor, full, rest);
      else bad = accumulateRow(accumulator + <usize>place * row, gradient, s, fresh, full, rest, bad);
    }
  }
  return v128.any_true(f32x4.ne(bad, bad)) ? -1 : used;
}
