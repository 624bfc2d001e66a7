// Losses of matrix factorisation on gathered rows, with their gradients. Dot products in float32, the losses in float64.
import { get, put, sum4, upper } from "./lanes";
import { ahead, touchRows } from "./touch";

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, full: usize, rest: i32): f32 {
  let s = f32x4.splat(0);
  let o: usize = 0;
  for (; o < full; o += 16) s = f32x4.add(s, f32x4.mul(v128.load(a + o), v128.load(b + o)));
  if (rest != 0) s = f32x4.add(s, f32x4.mul(get(a + o, rest), get(b + o, rest)));
  return sum4(s);
}

/** ⟨a, b − c⟩. */
// @ts-ignore: decorator
@inline
function dotDifference(a: usize, b: usize, c: usize, full: usize, rest: i32): f32 {
  let s = f32x4.splat(0);
  let o: usize = 0;
  for (; o < full; o += 16)
    s = f32x4.add(s, f32x4.mul(v128.load(a + o), f32x4.sub(v128.load(b + o), v128.load(c + o))));
  if (rest != 0) s = f32x4.add(s, f32x4.mul(get(a + o, rest), f32x4.sub(get(b + o, rest), get(c + o, rest))));
  return sum4(s);
}

/** to = scale × from, or to += scale × from. */
// @ts-ignore: decorator
@inline
function axpy(to: usize, from: usize, scale: f32, add: bool, full: usize, rest: i32): void {
  const s = f32x4.splat(scale);
  let o: usize = 0;
  for (; o < full; o += 16) {
    const x = f32x4.mul(s, v128.load(from + o));
    v128.store(to + o, add ? f32x4.add(v128.load(to + o), x) : x);
  }
  if (rest != 0) {
    const x = f32x4.mul(s, get(from + o, rest));
    put(to + o, add ? f32x4.add(get(to + o, rest), x) : x, rest);
  }
}

// @ts-ignore: decorator
@inline
function bprGradients(
  u: usize,
  p: usize,
  n: usize,
  du: usize,
  dp: usize,
  dn: usize,
  c: v128,
  add: bool,
  lanes: i32,
): void {
  const user = get(u, lanes);
  const item = f32x4.mul(c, user);
  const own = f32x4.mul(c, f32x4.sub(get(p, lanes), get(n, lanes)));
  put(du, add ? f32x4.add(get(du, lanes), own) : own, lanes);
  put(dp, add ? f32x4.add(get(dp, lanes), item) : item, lanes);
  put(dn, f32x4.neg(item), lanes);
}

// Rows of a batch may be shared out between threads. A loss is added up row by row, and a sum must not depend on who added:
// each part writes its rows' terms (`terms` ≠ 0) and returns nothing, `addUp` adds them in the order of the rows. `share`: what the
// mean over the whole batch multiplies each term by.

/** terms[0] + terms[1] + …, as the losses themselves add. */
export function addUp(terms: usize, count: i32): f64 {
  let sum: f64 = 0;
  const end = terms + ((<usize>count) << 3);
  for (; terms < end; terms += 8) sum += load<f64>(terms);
  return sum;
}

// Rows lie next to each other (ids 0), or are those that ids name in a table: read where they are, without a copy of them.

/** Row `r` of a block or, of a table, the row of the r-th id. */
// @ts-ignore: decorator
@inline
function rowAt(base: usize, ids: usize, r: i32, row: usize): usize {
  return base + <usize>(ids == 0 ? <u32>r : load<u32>(ids + ((<usize>r) << 2))) * row;
}

/** Touches the rows of ids [from, to) of a table. */
// @ts-ignore: decorator
@inline
function touch(base: usize, ids: usize, from: i32, to: i32, row: usize): void {
  if (ids != 0) touchRows(base, ids + ((<usize>from) << 2), ids + ((<usize>to) << 2), row);
}

export function bpr(
  left: usize,
  leftIds: usize,
  positives: usize,
  positiveIds: usize,
  negatives: usize,
  negativeIds: usize,
  size: i32,
  k: i32,
  dim: i32,
  dLeft: usize,
  dPositives: usize,
  dNegatives: usize,
  share: f64,
  terms: usize,
): f64 {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  const block = ahead(row);
  let touched = 0;
  let loss: f64 = 0;
  for (let r = 0; r < size; r++, dLeft += row, dPositives += row) {
    if (r == touched) {
      touched = min(r + block, size);
      touch(left, leftIds, r, touched, row);
      touch(positives, positiveIds, r, touched, row);
      touch(negatives, negativeIds, r * k, touched * k, row);
    }
    const u = rowAt(left, leftIds, r, row);
    const p = rowAt(positives, positiveIds, r, row);
    for (let j = 0; j < k; j++, dNegatives += row) {
      const n = rowAt(negatives, negativeIds, r * k + j, row);
      const x: f64 = dotDifference(u, p, n, full, rest);
      // e = exp(−|x|): −log σ(x) = max(−x, 0) + log(1 + e), and σ(−x) = e / (1 + e) or 1 / (1 + e), both without overflow.
      const e = NativeMath.exp(-abs(x));
      const term = max(-x, 0) + NativeMath.log1p(e);
      if (terms != 0) {
        store<f64>(terms, term);
        terms += 8;
      } else loss += term;
      const c = f32x4.splat(<f32>(-share * (x >= 0 ? e / (1 + e) : 1 / (1 + e))));
      let o: usize = 0;
      for (; o < full; o += 16)
        bprGradients(u + o, p + o, n + o, dLeft + o, dPositives + o, dNegatives + o, c, j > 0, 4);
      if (rest != 0) bprGradients(u + o, p + o, n + o, dLeft + o, dPositives + o, dNegatives + o, c, j > 0, rest);
    }
  }
  return loss * share;
}

/** `mask` 0: every row counts. */
export function bce(
  left: usize,
  leftIds: usize,
  right: usize,
  rightIds: usize,
  labels: usize,
  mask: usize,
  size: i32,
  dim: i32,
  dLeft: usize,
  dRight: usize,
  share: f64,
  terms: usize,
): f64 {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  const block = ahead(row);
  let touched = 0;
  let loss: f64 = 0;
  for (let r = 0; r < size; r++, dLeft += row, dRight += row) {
    if (r == touched) {
      touched = min(r + block, size);
      touch(left, leftIds, r, touched, row);
      touch(right, rightIds, r, touched, row);
    }
    const a = rowAt(left, leftIds, r, row);
    const b = rowAt(right, rightIds, r, row);
    if (mask != 0 && load<u8>(mask + <usize>r) == 0) {
      if (terms != 0) store<f64>(terms + ((<usize>r) << 3), 0);
      memory.fill(dLeft, 0, row);
      memory.fill(dRight, 0, row);
      continue;
    }
    const x: f64 = dot(a, b, full, rest);
    const y: f64 = load<f32>(labels + ((<usize>r) << 2));
    const e = NativeMath.exp(-abs(x));
    // softplus(x) − x y
    const term = max(x, 0) - x * y + NativeMath.log1p(e);
    if (terms != 0) store<f64>(terms + ((<usize>r) << 3), term);
    else loss += term;
    const c = <f32>(share * ((x >= 0 ? 1 / (1 + e) : e / (1 + e)) - y));
    axpy(dLeft, b, c, false, full, rest);
    axpy(dRight, a, c, false, full, rest);
  }
  return loss * share;
}

export function mse(
  left: usize,
  leftIds: usize,
  right: usize,
  rightIds: usize,
  targets: usize,
  offset: f64,
  size: i32,
  dim: i32,
  dLeft: usize,
  dRight: usize,
  share: f64,
  terms: usize,
): f64 {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  const block = ahead(row);
  let touched = 0;
  let loss: f64 = 0;
  for (let r = 0; r < size; r++, dLeft += row, dRight += row) {
    if (r == touched) {
      touched = min(r + block, size);
      touch(left, leftIds, r, touched, row);
      touch(right, rightIds, r, touched, row);
    }
    const a = rowAt(left, leftIds, r, row);
    const b = rowAt(right, rightIds, r, row);
    const error = <f64>dot(a, b, full, rest) + offset - <f64>load<f32>(targets + ((<usize>r) << 2));
    const term = error * error;
    if (terms != 0) store<f64>(terms + ((<usize>r) << 3), term);
    else loss += term;
    const c = <f32>(2 * share * error);
    axpy(dLeft, b, c, false, full, rest);
    axpy(dRight, a, c, false, full, rest);
  }
  return loss * share;
}

/** Unit rows of `x` and one over their lengths (0 for a zero row, whose unit row is zero). */
function normalise(x: usize, size: i32, dim: i32, unit: usize, inverse: usize): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  for (let r = 0; r < size; r++, x += row, unit += row) {
    const square = dot(x, x, full, rest);
    const inv: f32 = square > 0 ? <f32>(1 / Math.sqrt(<f64>square)) : 0;
    store<f32>(inverse + ((<usize>r) << 2), inv);
    axpy(unit, x, inv, false, full, rest);
  }
}

/** Rows of a tile of pairs: a row's gradient is added up over so many others in float32, over tiles in float64. */
const TILE = 32;

/** totals[r] += tile[r] for rows of float32 and float64. */
function flush(tile: usize, rows: i32, dim: i32, totals: usize): void {
  const length = rows * dim;
  const full = (<usize>(length & ~3)) << 2;
  let o: usize = 0;
  for (; o < full; o += 16) {
    const x = v128.load(tile + o);
    const to = totals + (o << 1);
    v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(x)));
    v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(upper(x))), 16);
  }
  for (; o < (<usize>length) << 2; o += 4) {
    const to = totals + (o << 1);
    store<f64>(to, load<f64>(to) + <f64>load<f32>(tile + o));
  }
}

/** The gradient of a pair, c (a − b), to a's and b's rows. */
// @ts-ignore: decorator
@inline
function repel(a: usize, b: usize, c: v128, da: usize, db: usize, full: usize, rest: i32): void {
  let o: usize = 0;
  for (; o < full; o += 16) {
    const x = f32x4.mul(c, f32x4.sub(v128.load(a + o), v128.load(b + o)));
    v128.store(da + o, f32x4.add(v128.load(da + o), x));
    v128.store(db + o, f32x4.sub(v128.load(db + o), x));
  }
  if (rest != 0) {
    const x = f32x4.mul(c, f32x4.sub(get(a + o, rest), get(b + o, rest)));
    put(da + o, f32x4.add(get(da + o, rest), x), rest);
    put(db + o, f32x4.sub(get(db + o, rest), x), rest);
  }
}

/** totals = the gradients of all pairs, tile by tile. `tile`: 2 · TILE rows. */
function repulsion(unit: usize, size: i32, dim: i32, scale: f64, weights: usize, totals: usize, tile: usize): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  const other = tile + <usize>TILE * row;
  memory.fill(totals, 0, <usize>size * row * 2);
  for (let top = 0; top < size; top += TILE) {
    const bottom = min(size, top + TILE);
    for (let left = top; left < size; left += TILE) {
      const right = min(size, left + TILE);
      memory.fill(tile, 0, <usize>(2 * TILE) * row);
      for (let i = top; i < bottom; i++) {
        // Pairs lie row by row: those of i begin with j = i + 1.
        const before = (<i64>i * (2 * <i64>size - <i64>i - 1)) / 2 - <i64>(i + 1);
        for (let j = max(left, i + 1); j < right; j++) {
          const weight = load<f32>(weights + (<usize>(before + <i64>j) << 2));
          const c = f32x4.splat(<f32>(scale * <f64>weight));
          const da = tile + <usize>(i - top) * row;
          const db = other + <usize>(j - left) * row;
          repel(unit + <usize>i * row, unit + <usize>j * row, c, da, db, full, rest);
        }
      }
      flush(tile, bottom - top, dim, totals + <usize>top * row * 2);
      flush(other, right - left, dim, totals + <usize>left * row * 2);
    }
  }
}

/**
 * log of the mean over pairs i < j of exp(−2 ‖xᵢ − xⱼ‖²), and `factor` times its gradient added to `d`. Two passes: the
 * gradient of a pair is divided by the sum over all pairs. `weights`: a float per pair, size · (size − 1) / 2; `totals`: a float64 per
 * number of the rows; `tile`: 2 · TILE rows.
 */
function uniformity(
  unit: usize,
  size: i32,
  dim: i32,
  factor: f64,
  d: usize,
  weights: usize,
  totals: usize,
  tile: usize,
): f64 {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  let sum: f64 = 0;
  let at = weights;
  for (let i = 0; i < size; i++) {
    const a = unit + <usize>i * row;
    for (let j = i + 1; j < size; j++, at += 4) {
      const b = unit + <usize>j * row;
      let s = f32x4.splat(0);
      let o: usize = 0;
      for (; o < full; o += 16) {
        const x = f32x4.sub(v128.load(a + o), v128.load(b + o));
        s = f32x4.add(s, f32x4.mul(x, x));
      }
      if (rest != 0) {
        const x = f32x4.sub(get(a + o, rest), get(b + o, rest));
        s = f32x4.add(s, f32x4.mul(x, x));
      }
      const e = NativeMath.exp(-2 * <f64>sum4(s));
      store<f32>(at, <f32>e);
      sum += e;
    }
  }
  repulsion(unit, size, dim, (-4 * factor) / sum, weights, totals, tile);
  for (let o: usize = 0; o < <usize>size * row; o += 4)
    store<f32>(d + o, <f32>(<f64>load<f32>(d + o) + load<f64>(totals + (o << 1))));
  return NativeMath.log(sum / ((<f64>size * <f64>(size - 1)) / 2));
}

/** From the gradient of unit rows to that of the rows: (d − ⟨d, x̂⟩ x̂) / ‖x‖, in place. */
function unnormalise(d: usize, unit: usize, inverse: usize, size: i32, dim: i32): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  for (let r = 0; r < size; r++, d += row, unit += row) {
    const along = dot(d, unit, full, rest);
    const inv = load<f32>(inverse + ((<usize>r) << 2));
    axpy(d, unit, -along, true, full, rest);
    axpy(d, d, inv, false, full, rest);
  }
}

/** `work`: 2 · size · (2 · dim + 1) + 2 · TILE · dim + size · (size − 1) / 2 floats, from a multiple of 8 bytes on. */
export function alignUniform(
  left: usize,
  right: usize,
  gamma: f64,
  size: i32,
  dim: i32,
  dLeft: usize,
  dRight: usize,
  work: usize,
): f64 {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  const block = <usize>size * row;
  const totals = work;
  const x = totals + 2 * block;
  const y = x + block;
  const inverseX = y + block;
  const inverseY = inverseX + ((<usize>size) << 2);
  const tile = inverseY + ((<usize>size) << 2);
  const pairs = tile + (<usize>(2 * TILE)) * row;
  normalise(left, size, dim, x, inverseX);
  normalise(right, size, dim, y, inverseY);
  let align: f64 = 0;
  const c: f32 = <f32>(2.0 / <f64>size);
  for (let r = 0; r < size; r++) {
    const at = <usize>r * row;
    // dLeft = c (x̂ − ŷ), dRight = −dLeft
    axpy(dLeft + at, x + at, c, false, full, rest);
    axpy(dLeft + at, y + at, -c, true, full, rest);
    axpy(dRight + at, dLeft + at, -1, false, full, rest);
    align += <f64>dot(dLeft + at, dLeft + at, full, rest);
  }
  align = align / (<f64>c * <f64>c) / <f64>size;
  let uniform: f64 = 0;
  if (size > 1 && gamma != 0) {
    uniform =
      uniformity(x, size, dim, gamma / 2, dLeft, pairs, totals, tile) +
      uniformity(y, size, dim, gamma / 2, dRight, pairs, totals, tile);
  }
  unnormalise(dLeft, x, inverseX, size, dim);
  unnormalise(dRight, y, inverseY, size, dim);
  return align + (gamma / 2) * uniform;
}
