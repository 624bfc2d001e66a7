// Scores and selection of the top K in one pass: 4 users × 8 items per step of the micro-kernel, and a heap per user
// that is touched only by items above the user's k-th best score so far. Memory is laid out by src/topk/wasm.ts.

import { siftDown, siftUp } from "./heap";

// The state of the users of a block, each array with one entry per user unless it says otherwise.
let k: i32 = 0;
let heapScores: usize = 0; // k per user
let heapItems: usize = 0; // k per user
let sizes: usize = 0;
let thresholds: usize = 0; // the k-th best score, NaN while the heap is not full, +Infinity for padding users
let cursors: usize = 0; // next exclusion to look at
let ends: usize = 0; // end of the user's exclusions
let tied: usize = 0; // items outside a full heap that score as its k-th best does
let excluded: usize = 0; // item ids, ascending within each user
let badUser: i32 = -1;
let badItem: i32 = -1;

export function setState(
  k_: i32,
  heapScores_: usize,
  heapItems_: usize,
  sizes_: usize,
  thresholds_: usize,
  cursors_: usize,
  ends_: usize,
  tied_: usize,
  excluded_: usize,
): void {
  k = k_;
  heapScores = heapScores_;
  heapItems = heapItems_;
  sizes = sizes_;
  thresholds = thresholds_;
  cursors = cursors_;
  ends = ends_;
  tied = tied_;
  excluded = excluded_;
  badUser = -1;
  badItem = -1;
}

/** The user (row of the block) and item of the first NaN score that stopped `rank`, or -1. */
export function nanUser(): i32 {
  return badUser;
}
export function nanItem(): i32 {
  return badItem;
}

/** Takes one candidate; false stops the ranking because its score is NaN. */
function offer(user: i32, item: i32, score: f32): bool {
  if (score != score) {
    badUser = user;
    badItem = item;
    return false;
  }
  const u4 = (<usize>user) << 2;
  const end = load<i32>(ends + u4);
  let cursor = load<i32>(cursors + u4);
  while (cursor < end && load<i32>(excluded + ((<usize>cursor) << 2)) < item) cursor++;
  store<i32>(cursors + u4, cursor);
  if (cursor < end && load<i32>(excluded + ((<usize>cursor) << 2)) == item) return true;
  const base = (<usize>(user * k)) << 2;
  const scores = heapScores + base;
  const items = heapItems + base;
  const size = load<i32>(sizes + u4);
  if (size < k) {
    siftUp(scores, items, size, score, item);
    store<i32>(sizes + u4, size + 1);
    if (size + 1 == k) store<f32>(thresholds + u4, load<f32>(scores));
    return true;
  }
  const limit = load<f32>(scores);
  if (score == limit) {
    // A lower item holds the place: items come in ascending order.
    store<i32>(tied + u4, load<i32>(tied + u4) + 1);
    return true;
  }
  siftDown(scores, items, k, 0, score, item);
  const raised = load<f32>(scores);
  store<f32>(thresholds + u4, raised);
  // What left the heap ties with the k-th best only while that score stays; all others outside are lower then.
  store<i32>(tied + u4, raised == limit ? load<i32>(tied + u4) + 1 : 0);
  return true;
}

/** Offers the lanes of one user's 8 scores that are not below the threshold. */
function offerLanes(user: i32, item: i32, limit: i32, low: v128, high: v128): bool {
  let mask: i32 =
    (i32x4.bitmask(f32x4.lt(low, v128.load_splat<f32>(thresholds + ((<usize>user) << 2)))) |
      (i32x4.bitmask(f32x4.lt(high, v128.load_splat<f32>(thresholds + ((<usize>user) << 2)))) << 4)) ^
    255;
  if (mask == 0) return true;
  v128.store(scratch, low);
  v128.store(scratch, high, 16);
  while (mask != 0) {
    const lane = ctz(mask);
    mask &= mask - 1;
    if (item + lane >= limit) break;
    const score = load<f32>(scratch + ((<usize>lane) << 2));
    // The threshold may have risen since the mask was made.
    if (score < load<f32>(thresholds + ((<usize>user) << 2))) continue;
    if (!offer(user, item + lane, score)) return false;
  }
  return true;
}

const scratch: usize = memory.data(32, 16);

/**
 * Ranks one block of users (a multiple of 4; rows of `dim` floats at `vectors`, `dim` a multiple of 4; the first
 * `count` are real) against `panelCount` panels of 8 items: 8 biases, then `dim` rows of 8 coordinates. The first item
 * is `first`; items from `limit` on are padding. A score is bias + u₀·i₀ + u₁·i₁ + …, each product and each sum rounded
 * to float32, in this order. Callers keep blocks small (64 users): they then stay in the first-level cache while the
 * panels stream past, and V8 can swap in its optimised code between calls. False: a NaN score.
 */
export function rank(
  vectors: usize,
  users: i32,
  count: i32,
  dim: i32,
  panels: usize,
  panelCount: i32,
  first: i32,
  limit: i32,
): bool {
  const row = (<usize>dim) << 2;
  const panelBytes = (<usize>(dim + 1)) << 5;
  let panel = panels;
  for (let p = 0; p < panelCount; p++, panel += panelBytes) {
    for (let user = 0; user < users; user += 4) {
      let u0 = vectors + <usize>user * row;
      let u1 = u0 + row;
      let u2 = u1 + row;
      let u3 = u2 + row;
      const biasLow = v128.load(panel);
      const biasHigh = v128.load(panel, 16);
      let a0 = biasLow;
      let a1 = biasLow;
      let a2 = biasLow;
      let a3 = biasLow;
      let b0 = biasHigh;
      let b1 = biasHigh;
      let b2 = biasHigh;
      let b3 = biasHigh;
      const end = u0 + row;
      let at = panel + 32;
      while (u0 < end) {
        let low = v128.load(at);
        let high = v128.load(at, 16);
        let s = v128.load_splat<f32>(u0);
        a0 = f32x4.add(a0, f32x4.mul(s, low));
        b0 = f32x4.add(b0, f32x4.mul(s, high));
        s = v128.load_splat<f32>(u1);
        a1 = f32x4.add(a1, f32x4.mul(s, low));
        b1 = f32x4.add(b1, f32x4.mul(s, high));
        s = v128.load_splat<f32>(u2);
        a2 = f32x4.add(a2, f32x4.mul(s, low));
        b2 = f32x4.add(b2, f32x4.mul(s, high));
        s = v128.load_splat<f32>(u3);
        a3 = f32x4.add(a3, f32x4.mul(s, low));
        b3 = f32x4.add(b3, f32x4.mul(s, high));
        low = v128.load(at, 32);
        high = v128.load(at, 48);
        s = v128.load_splat<f32>(u0, 4);
        a0 = f32x4.add(a0, f32x4.mul(s, low));
        b0 = f32x4.add(b0, f32x4.mul(s, high));
        s = v128.load_splat<f32>(u1, 4);
        a1 = f32x4.add(a1, f32x4.mul(s, low));
        b1 = f32x4.add(b1, f32x4.mul(s, high));
        s = v128.load_splat<f32>(u2, 4);
        a2 = f32x4.add(a2, f32x4.mul(s, low));
        b2 = f32x4.add(b2, f32x4.mul(s, high));
        s = v128.load_splat<f32>(u3, 4);
        a3 = f32x4.add(a3, f32x4.mul(s, low));
        b3 = f32x4.add(b3, f32x4.mul(s, high));
        low = v128.load(at, 64);
        high = v128.load(at, 80);
        s = v128.load_splat<f32>(u0, 8);
        a0 = f32x4.add(a0, f32x4.mul(s, low));
        b0 = f32x4.add(b0, f32x4.mul(s, high));
        s = v128.load_splat<f32>(u1, 8);
        a1 = f32x4.add(a1, f32x4.mul(s, low));
        b1 = f32x4.add(b1, f32x4.mul(s, high));
        s = v128.load_splat<f32>(u2, 8);
        a2 = f32x4.add(a2, f32x4.mul(s, low));
        b2 = f32x4.add(b2, f32x4.mul(s, high));
        s = v128.load_splat<f32>(u3, 8);
        a3 = f32x4.add(a3, f32x4.mul(s, low));
        b3 = f32x4.add(b3, f32x4.mul(s, high));
        low = v128.load(at, 96);
        high = v128.load(at, 112);
        s = v128.load_splat<f32>(u0, 12);
        a0 = f32x4.add(a0, f32x4.mul(s, low));
        b0 = f32x4.add(b0, f32x4.mul(s, high));
        s = v128.load_splat<f32>(u1, 12);
        a1 = f32x4.add(a1, f32x4.mul(s, low));
        b1 = f32x4.add(b1, f32x4.mul(s, high));
        s = v128.load_splat<f32>(u2, 12);
        a2 = f32x4.add(a2, f32x4.mul(s, low));
        b2 = f32x4.add(b2, f32x4.mul(s, high));
        s = v128.load_splat<f32>(u3, 12);
        a3 = f32x4.add(a3, f32x4.mul(s, low));
        b3 = f32x4.add(b3, f32x4.mul(s, high));
        at += 128;
        u0 += 16;
        u1 += 16;
        u2 += 16;
        u3 += 16;
      }
      const t = thresholds + ((<usize>user) << 2);
      const t0 = v128.load_splat<f32>(t);
      const t1 = v128.load_splat<f32>(t, 4);
      const t2 = v128.load_splat<f32>(t, 8);
      const t3 = v128.load_splat<f32>(t, 12);
      const none = v128.and(
        v128.and(v128.and(f32x4.lt(a0, t0), f32x4.lt(b0, t0)), v128.and(f32x4.lt(a1, t1), f32x4.lt(b1, t1))),
        v128.and(v128.and(f32x4.lt(a2, t2), f32x4.lt(b2, t2)), v128.and(f32x4.lt(a3, t3), f32x4.lt(b3, t3))),
      );
      if (i32x4.all_true(none)) continue;
      const item = first + (p << 3);
      if (!offerLanes(user, item, limit, a0, b0)) return false;
      if (user + 1 < count && !offerLanes(user + 1, item, limit, a1, b1)) return false;
      if (user + 2 < count && !offerLanes(user + 2, item, limit, a2, b2)) return false;
      if (user + 3 < count && !offerLanes(user + 3, item, limit, a3, b3)) return false;
    }
  }
  return true;
}

/** Turns the heaps of the first `count` users into lists, best first. */
export function finish(count: i32): void {
  for (let user = 0; user < count; user++) {
    const base = (<usize>(user * k)) << 2;
    const scores = heapScores + base;
    const items = heapItems + base;
    for (let last = load<i32>(sizes + ((<usize>user) << 2)) - 1; last > 0; last--) {
      const score = load<f32>(scores + ((<usize>last) << 2));
      const item = load<i32>(items + ((<usize>last) << 2));
      store<f32>(scores + ((<usize>last) << 2), load<f32>(scores));
      store<i32>(items + ((<usize>last) << 2), load<i32>(items));
      siftDown(scores, items, last, 0, score, item);
    }
  }
}
