// Scores in 16-bit integers, within a bound of the exact ones: whatever cannot be among a user's K best falls out, the few that
// are left are scored exactly. Items come by falling norm, so that a user is done as soon as no longer vector could reach his
// K-th best. src/topk/filter.ts says why nothing is lost, and lays the memory out.
//
// A vector x of norm n is held as the integers round(QUANTA · x / n). ⟨u, i⟩ · QUANTA² / n(u), the unit of everything below, is
// then within `error` · n(i) of the integers' product · n(i).
import { below, siftDown, siftUp } from "./heap";

const QUANTA: f64 = 32000;

/** Shorter vectors count as this long, so that what underflows in their scores is within the error, too. */
const SHORTEST: f64 = 8.673617379884035e-19; // 2⁻⁶⁰
const LONGEST: f64 = 1152921504606846976; // 2⁶⁰

/**
 * Norms of `count` vectors, each with one more coordinate: its bias, or (`bias` 0) `extra`. 0 if a norm is beyond 2⁶⁰, or a
 * coordinate not finite; else 1.
 */
export function norms(vectors: usize, count: i32, dim: i32, bias: usize, extra: f64, out: usize): i32 {
  for (let k = 0; k < count; k++, out += 4) {
    const more = bias == 0 ? extra : <f64>load<f32>(bias + ((<usize>k) << 2));
    let sum = more * more;
    const end = vectors + ((<usize>dim) << 2);
    for (; vectors < end; vectors += 4) {
      const x = <f64>load<f32>(vectors);
      sum += x * x;
    }
    const norm = Math.max(Math.sqrt(sum), SHORTEST);
    if (!(norm <= LONGEST)) return 0;
    store<f32>(out, <f32>norm);
  }
  return 1;
}

// @ts-ignore: decorator
@inline
function quantum(x: f32, scale: f64): i16 {
  return <i16>(<i32>nearest<f64>(<f64>x * scale));
}

/** Users as integers: `pairs` pairs of coordinates a row, of which those beyond `dim` are `extra`, then zeros. */
export function packUsers(
  vectors: usize,
  count: i32,
  dim: i32,
  extra: f32,
  pairs: i32,
  lengths: usize,
  out: usize,
): void {
  const row = (<usize>pairs) << 2;
  memory.fill(out, 0, <usize>count * row);
  for (let k = 0; k < count; k++, out += row) {
    const scale = QUANTA / <f64>load<f32>(lengths + ((<usize>k) << 2));
    for (let j = 0; j < dim; j++, vectors += 4) store<i16>(out + ((<usize>j) << 1), quantum(load<f32>(vectors), scale));
    if (extra != 0) store<i16>(out + ((<usize>dim) << 1), quantum(extra, scale));
  }
}

/**
 * Items in the order of `order` as integers, in panels of 8: per pair of coordinates the pairs of the 8 items. `ordered` gets
 * their norms; padding has the norm 0.
 */
export function packItems(
  vectors: usize,
  count: i32,
  dim: i32,
  bias: usize,
  pairs: i32,
  lengths: usize,
  order: usize,
  panels: usize,
  ordered: usize,
): void {
  const panelBytes = (<usize>pairs) << 5;
  const padded = (count + 7) & ~7;
  memory.fill(panels, 0, <usize>(padded >> 3) * panelBytes);
  memory.fill(ordered, 0, (<usize>padded) << 2);
  for (let k = 0; k < count; k++) {
    const item = <usize>load<u32>(order + ((<usize>k) << 2));
    const norm = load<f32>(lengths + (item << 2));
    store<f32>(ordered + ((<usize>k) << 2), norm);
    const scale = QUANTA / <f64>norm;
    const lane = panels + <usize>(k >> 3) * panelBytes + ((<usize>(k & 7)) << 2);
    const from = vectors + item * ((<usize>dim) << 2);
    for (let j = 0; j < dim; j++) {
      store<i16>(
        lane + ((<usize>(j >> 1)) << 5) + ((<usize>(j & 1)) << 1),
        quantum(load<f32>(from + ((<usize>j) << 2)), scale),
      );
    }
    if (bias != 0) {
      store<i16>(
        lane + ((<usize>(dim >> 1)) << 5) + ((<usize>(dim & 1)) << 1),
        quantum(load<f32>(bias + (item << 2)), scale),
      );
    }
  }
}

let error: i32 = 0;
let width: f32 = 0; // from the upper bound of a score to the lower one, per norm of the item
let most: f32 = 0; // no upper bound exceeds it, per norm of the item

export function setBounds(error_: i32, width_: f32, most_: f32): void {
  error = error_;
  width = width_;
  most = most_;
}

// The state of the users of a block, each array with one entry per user unless it says otherwise.
let k: i32 = 0;
let room: i32 = 0; // candidates per user
let order: usize = 0; // by place in the order of norms: the item
let items: i32 = 0; // places that are no padding
let lifts: usize = 0; // the K-th best lower bound, −Infinity while there are fewer, +Infinity for whom nothing is looked for
let lows: usize = 0; // k per user: a heap of the best lower bounds
let lowCounts: usize = 0;
let candidates: usize = 0; // `room` per user: (item, upper bound)
let counts: usize = 0; // candidates held, −1 if there were too many
let starts: usize = 0; // the user's exclusions
let ends: usize = 0;
let excluded: usize = 0; // item ids, ascending within each user

export function setFilter(
  k_: i32,
  room_: i32,
  order_: usize,
  items_: i32,
  lifts_: usize,
  lows_: usize,
  lowCounts_: usize,
  candidates_: usize,
  counts_: usize,
  starts_: usize,
  ends_: usize,
  excluded_: usize,
): void {
  k = k_;
  room = room_;
  order = order_;
  items = items_;
  lifts = lifts_;
  lows = lows_;
  lowCounts = lowCounts_;
  candidates = candidates_;
  counts = counts_;
  starts = starts_;
  ends = ends_;
  excluded = excluded_;
}

/** Is the item one of the user's exclusions? */
function isExcluded(user: i32, item: i32): bool {
  let low = load<i32>(starts + ((<usize>user) << 2));
  const end = load<i32>(ends + ((<usize>user) << 2));
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<i32>(excluded + ((<usize>middle) << 2)) < item) low = middle + 1;
    else high = middle;
  }
  return low < end && load<i32>(excluded + ((<usize>low) << 2)) == item;
}

/** Drops the candidates that a risen K-th best lower bound has left below; false if most stay. */
function thinOut(user: i32): bool {
  const at = candidates + ((<usize>(user * room)) << 3);
  const lift = load<f32>(lifts + ((<usize>user) << 2));
  let kept = 0;
  for (let c = 0; c < room; c++) {
    const from = at + ((<usize>c) << 3);
    if (load<f32>(from, 4) < lift) continue;
    store<u64>(at + ((<usize>kept) << 3), load<u64>(from));
    kept++;
  }
  store<i32>(counts + ((<usize>user) << 2), kept);
  return kept < room - (room >> 2);
}

/** Notes a lower bound; the K-th best of them is what candidates must reach. */
function raise(user: i32, low: f32): void {
  const heap = lows + ((<usize>(user * k)) << 2);
  const cell = lowCounts + ((<usize>user) << 2);
  const size = load<i32>(cell);
  if (size < k) {
    let hole = size;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const held = load<f32>(heap + ((<usize>parent) << 2));
      if (held <= low) break;
      store<f32>(heap + ((<usize>hole) << 2), held);
      hole = parent;
    }
    store<f32>(heap + ((<usize>hole) << 2), low);
    store<i32>(cell, size + 1);
    if (size + 1 < k) return;
  } else {
    if (low <= load<f32>(heap)) return;
    let hole = 0;
    while (true) {
      let child = 2 * hole + 1;
      if (child >= k) break;
      let held = load<f32>(heap + ((<usize>child) << 2));
      if (child + 1 < k) {
        const right = load<f32>(heap + ((<usize>child) << 2), 4);
        if (right < held) {
          held = right;
          child++;
        }
      }
      if (held >= low) break;
      store<f32>(heap + ((<usize>hole) << 2), held);
      hole = child;
    }
    store<f32>(heap + ((<usize>hole) << 2), low);
  }
  store<f32>(lifts + ((<usize>user) << 2), load<f32>(heap));
}

/** Takes the item at a place as a candidate, unless it is excluded. */
function take(user: i32, place: i32, high: f32, norm: f32): void {
  const item = load<i32>(order + ((<usize>place) << 2));
  if (isExcluded(user, item)) return;
  const cell = counts + ((<usize>user) << 2);
  if (load<i32>(cell) == room && !thinOut(user)) {
    // Nearly all score alike: the user is left to the kernel that scores everything.
    store<i32>(cell, -1);
    store<f32>(lifts + ((<usize>user) << 2), Infinity);
    return;
  }
  const count = load<i32>(cell);
  const at = candidates + ((<usize>(user * room + count)) << 3);
  store<i32>(at, item);
  store<f32>(at, high, 4);
  store<i32>(cell, count + 1);
  raise(user, high - width * norm);
}

const bounds: usize = memory.data(32, 16);

/** Takes those of a user's 8 upper bounds that reach his K-th best lower bound. */
function takeLanes(user: i32, place: i32, lengths: usize, low: v128, high: v128): void {
  const lift = v128.load_splat<f32>(lifts + ((<usize>user) << 2));
  let mask = i32x4.bitmask(f32x4.ge(low, lift)) | (i32x4.bitmask(f32x4.ge(high, lift)) << 4);
  if (mask == 0) return;
  v128.store(bounds, low);
  v128.store(bounds, high, 16);
  while (mask != 0) {
    const lane = ctz(mask);
    mask &= mask - 1;
    if (place + lane >= items) return;
    const bound = load<f32>(bounds + ((<usize>lane) << 2));
    // The lower bound may have risen since the mask was made.
    if (bound < load<f32>(lifts + ((<usize>user) << 2))) continue;
    take(user, place + lane, bound, load<f32>(lengths + ((<usize>lane) << 2)));
  }
}

/**
 * Filters a block of users (a multiple of 4; rows of `pairs` pairs at `vectors`, `pairs` a multiple of 4) through the panels
 * `from` … `to` − 1.
 */
export function sift(vectors: usize, users: i32, pairs: i32, panels: usize, ordered: usize, from: i32, to: i32): void {
  const row = (<usize>pairs) << 2;
  const panelBytes = (<usize>pairs) << 5;
  const start = i32x4.splat(error);
  for (let user = 0; user < users; user += 4) {
    const lift = lifts + ((<usize>user) << 2);
    const first = vectors + <usize>user * row;
    for (let p = from; p < to; p++) {
      const lengths = ordered + ((<usize>p) << 5);
      // No later item is longer, and the lower bounds only rise.
      const reach = f32x4.splat(most * load<f32>(lengths));
      if (i32x4.all_true(f32x4.lt(reach, v128.load(lift)))) break;
      let u0 = first;
      let u1 = u0 + row;
      let u2 = u1 + row;
      let u3 = u2 + row;
      let a0 = start;
      let a1 = start;
      let a2 = start;
      let a3 = start;
      let b0 = start;
      let b1 = start;
      let b2 = start;
      let b3 = start;
      const end = u0 + row;
      let at = panels + <usize>p * panelBytes;
      while (u0 < end) {
        let low = v128.load(at);
        let high = v128.load(at, 16);
        let s = v128.load_splat<i32>(u0);
        a0 = i32x4.add(a0, i32x4.dot_i16x8_s(s, low));
        b0 = i32x4.add(b0, i32x4.dot_i16x8_s(s, high));
        s = v128.load_splat<i32>(u1);
        a1 = i32x4.add(a1, i32x4.dot_i16x8_s(s, low));
        b1 = i32x4.add(b1, i32x4.dot_i16x8_s(s, high));
        s = v128.load_splat<i32>(u2);
        a2 = i32x4.add(a2, i32x4.dot_i16x8_s(s, low));
        b2 = i32x4.add(b2, i32x4.dot_i16x8_s(s, high));
        s = v128.load_splat<i32>(u3);
        a3 = i32x4.add(a3, i32x4.dot_i16x8_s(s, low));
        b3 = i32x4.add(b3, i32x4.dot_i16x8_s(s, high));
        low = v128.load(at, 32);
        high = v128.load(at, 48);
        s = v128.load_splat<i32>(u0, 4);
        a0 = i32x4.add(a0, i32x4.dot_i16x8_s(s, low));
        b0 = i32x4.add(b0, i32x4.dot_i16x8_s(s, high));
        s = v128.load_splat<i32>(u1, 4);
        a1 = i32x4.add(a1, i32x4.dot_i16x8_s(s, low));
        b1 = i32x4.add(b1, i32x4.dot_i16x8_s(s, high));
        s = v128.load_splat<i32>(u2, 4);
        a2 = i32x4.add(a2, i32x4.dot_i16x8_s(s, low));
        b2 = i32x4.add(b2, i32x4.dot_i16x8_s(s, high));
        s = v128.load_splat<i32>(u3, 4);
        a3 = i32x4.add(a3, i32x4.dot_i16x8_s(s, low));
        b3 = i32x4.add(b3, i32x4.dot_i16x8_s(s, high));
        at += 64;
        u0 += 8;
        u1 += 8;
        u2 += 8;
        u3 += 8;
      }
      const n = v128.load(lengths);
      const m = v128.load(lengths, 16);
      a0 = f32x4.mul(f32x4.convert_i32x4_s(a0), n);
      b0 = f32x4.mul(f32x4.convert_i32x4_s(b0), m);
      a1 = f32x4.mul(f32x4.convert_i32x4_s(a1), n);
      b1 = f32x4.mul(f32x4.convert_i32x4_s(b1), m);
      a2 = f32x4.mul(f32x4.convert_i32x4_s(a2), n);
      b2 = f32x4.mul(f32x4.convert_i32x4_s(b2), m);
      a3 = f32x4.mul(f32x4.convert_i32x4_s(a3), n);
      b3 = f32x4.mul(f32x4.convert_i32x4_s(b3), m);
      const t0 = v128.load_splat<f32>(lift);
      const t1 = v128.load_splat<f32>(lift, 4);
      const t2 = v128.load_splat<f32>(lift, 8);
      const t3 = v128.load_splat<f32>(lift, 12);
      const some = v128.or(
        v128.or(v128.or(f32x4.ge(a0, t0), f32x4.ge(b0, t0)), v128.or(f32x4.ge(a1, t1), f32x4.ge(b1, t1))),
        v128.or(v128.or(f32x4.ge(a2, t2), f32x4.ge(b2, t2)), v128.or(f32x4.ge(a3, t3), f32x4.ge(b3, t3))),
      );
      if (!v128.any_true(some)) continue;
      const place = p << 3;
      takeLanes(user, place, lengths, a0, b0);
      takeLanes(user + 1, place, lengths, a1, b1);
      takeLanes(user + 2, place, lengths, a2, b2);
      takeLanes(user + 3, place, lengths, a3, b3);
    }
  }
}

let listSize: i32 = 0;
let listTied: i32 = 0;

/** Takes an exactly scored item; unlike in `rank`, items come in any order. */
function offer(scores: usize, list: usize, score: f32, item: i32): void {
  if (listSize < k) {
    siftUp(scores, list, listSize++, score, item);
    return;
  }
  const limit = load<f32>(scores);
  if (score < limit) return;
  if (below(score, item, limit, load<i32>(list))) {
    listTied++;
    return;
  }
  siftDown(scores, list, k, 0, score, item);
  // What left the heap ties with the k-th best only while that score stays; all others outside are lower then.
  listTied = load<f32>(scores) == limit ? listTied + 1 : 0;
}

// @ts-ignore: decorator
@inline
function biasOf(bias: usize, item: i32): f32 {
  // A bias of -0 becomes 0.
  return bias == 0 ? 0 : load<f32>(bias + ((<usize>item) << 2)) + 0;
}

/**
 * The K best of a user's candidates by their exact scores, bias + u₀·i₀ + u₁·i₁ + …, each product and each sum rounded to
 * float32, in this order; as heaps, in `scores` and `list`. Returns how many there are; `tied` gets how many more score as the
 * K-th best does.
 */
export function settle(
  user: i32,
  vector: usize,
  vectors: usize,
  bias: usize,
  dim: i32,
  scores: usize,
  list: usize,
  tied: usize,
): i32 {
  const row = (<usize>dim) << 2;
  const lift = load<f32>(lifts + ((<usize>user) << 2));
  const from = candidates + ((<usize>(user * room)) << 3);
  const count = load<i32>(counts + ((<usize>user) << 2));
  listSize = 0;
  listTied = 0;
  let kept = 0;
  for (let c = 0; c < count; c++) {
    const at = from + ((<usize>c) << 3);
    if (load<f32>(at, 4) < lift) continue;
    store<u64>(from + ((<usize>kept) << 3), load<u64>(at));
    kept++;
  }
  // Four at a time: each sum waits for itself only.
  for (let c = 0; c < kept; c += 4) {
    const last = kept - 1;
    const i0 = load<i32>(from + ((<usize>c) << 3));
    const i1 = load<i32>(from + ((<usize>min(c + 1, last)) << 3));
    const i2 = load<i32>(from + ((<usize>min(c + 2, last)) << 3));
    const i3 = load<i32>(from + ((<usize>min(c + 3, last)) << 3));
    let s0 = biasOf(bias, i0);
    let s1 = biasOf(bias, i1);
    let s2 = biasOf(bias, i2);
    let s3 = biasOf(bias, i3);
    let v0 = vectors + <usize>i0 * row;
    let v1 = vectors + <usize>i1 * row;
    let v2 = vectors + <usize>i2 * row;
    let v3 = vectors + <usize>i3 * row;
    for (let o: usize = 0; o < row; o += 4) {
      const x = load<f32>(vector + o);
      s0 += x * load<f32>(v0 + o);
      s1 += x * load<f32>(v1 + o);
      s2 += x * load<f32>(v2 + o);
      s3 += x * load<f32>(v3 + o);
    }
    offer(scores, list, s0, i0);
    if (c + 1 < kept) offer(scores, list, s1, i1);
    if (c + 2 < kept) offer(scores, list, s2, i2);
    if (c + 3 < kept) offer(scores, list, s3, i3);
  }
  store<i32>(tied, listTied);
  return listSize;
}
