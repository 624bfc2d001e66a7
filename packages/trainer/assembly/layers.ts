// Dense layers over blocks of rows: products with small matrices, activations, unit rows. Each coordinate of a product is a sum
// in one order, whatever the tile that it falls into.
import { get, put, sum4, upper } from "./lanes";

// @ts-ignore: decorator
@inline
function start(out: usize, bias: usize, add: bool): v128 {
  return add ? v128.load(out) : bias == 0 ? f32x4.splat(0) : v128.load(bias);
}

// @ts-ignore: decorator
@inline
function times(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/** Four rows × eight columns at a time: eight sums in registers. `wide`: bytes of a row of m and of out. */
function tile4(x: usize, row: usize, inner: i32, m: usize, wide: usize, bias: usize, add: bool, out: usize): void {
  const out1 = out + wide;
  const out2 = out1 + wide;
  const out3 = out2 + wide;
  const right = bias == 0 ? 0 : bias + 16;
  let a0 = start(out, bias, add);
  let a1 = start(out + 16, right, add);
  let b0 = start(out1, bias, add);
  let b1 = start(out1 + 16, right, add);
  let c0 = start(out2, bias, add);
  let c1 = start(out2 + 16, right, add);
  let d0 = start(out3, bias, add);
  let d1 = start(out3 + 16, right, add);
  const x1 = x + row;
  const x2 = x1 + row;
  const x3 = x2 + row;
  const end = (<usize>inner) << 2;
  for (let o: usize = 0; o < end; o += 4, m += wide) {
    const left = v128.load(m);
    const next = v128.load(m, 16);
    const p = v128.load32_splat(x + o);
    a0 = times(a0, p, left);
    a1 = times(a1, p, next);
    const q = v128.load32_splat(x1 + o);
    b0 = times(b0, q, left);
    b1 = times(b1, q, next);
    const r = v128.load32_splat(x2 + o);
    c0 = times(c0, r, left);
    c1 = times(c1, r, next);
    const s = v128.load32_splat(x3 + o);
    d0 = times(d0, s, left);
    d1 = times(d1, s, next);
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
  v128.store(out1, b0);
  v128.store(out1, b1, 16);
  v128.store(out2, c0);
  v128.store(out2, c1, 16);
  v128.store(out3, d0);
  v128.store(out3, d1, 16);
}

function tile1(x: usize, inner: i32, m: usize, wide: usize, bias: usize, add: bool, out: usize): void {
  let a0 = start(out, bias, add);
  let a1 = start(out + 16, bias == 0 ? 0 : bias + 16, add);
  const end = x + ((<usize>inner) << 2);
  for (; x < end; x += 4, m += wide) {
    const p = v128.load32_splat(x);
    a0 = times(a0, p, v128.load(m));
    a1 = times(a1, p, v128.load(m, 16));
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
}

/** out = x m (+ bias to each row, or + out if `add`), with x [count, inner] and m [inner, columns]. */
export function product(
  x: usize,
  count: i32,
  inner: i32,
  m: usize,
  columns: i32,
  bias: usize,
  add: i32,
  out: usize,
): void {
  const row = (<usize>inner) << 2;
  const wide = (<usize>columns) << 2;
  const tiles = columns & ~7;
  const adds = add != 0;
  let r = 0;
  for (; r < (count & ~3); r += 4) {
    const from = x + <usize>r * row;
    const to = out + <usize>r * wide;
    for (let c: usize = 0; c < (<usize>tiles) << 2; c += 32)
      tile4(from, row, inner, m + c, wide, bias == 0 ? 0 : bias + c, adds, to + c);
  }
  for (; r < count; r++) {
    const from = x + <usize>r * row;
    const to = out + <usize>r * wide;
    for (let c: usize = 0; c < (<usize>tiles) << 2; c += 32)
      tile1(from, inner, m + c, wide, bias == 0 ? 0 : bias + c, adds, to + c);
  }
  if (tiles == columns) return;
  for (r = 0; r < count; r++) {
    const from = x + <usize>r * row;
    const to = out + <usize>r * wide;
    for (let c = (<usize>tiles) << 2; c < wide; c += 4) {
      let sum: f32 = adds ? load<f32>(to + c) : bias == 0 ? 0 : load<f32>(bias + c);
      for (let o: usize = 0, at = m + c; o < row; o += 4, at += wide) sum += load<f32>(from + o) * load<f32>(at);
      store<f32>(to + c, sum);
    }
  }
}

/**
 * Long sums keep their digits: what BLOCK rows give is added up in float32, so are GROUP rows' blocks, and groups in float64. So no
 * float32 sum has more than 32 terms, and whatever the number of rows, what is lost is below 1e-6 of the terms' magnitudes.
 */
const BLOCK = 32;
const GROUP = 256;

function corner(y: usize, yRow: usize, x: usize, xRow: usize, count: i32, totals: usize, wide: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  for (let first = 0; first < count; first += BLOCK) {
    let e0 = f32x4.splat(0);
    let e1 = e0;
    let f0 = e0;
    let f1 = e0;
    let g0 = e0;
    let g1 = e0;
    let h0 = e0;
    let h1 = e0;
    for (let r = min(BLOCK, count - first); r > 0; r--, y += yRow, x += xRow) {
      const left = v128.load(x);
      const next = v128.load(x, 16);
      const p = v128.load32_splat(y);
      e0 = times(e0, p, left);
      e1 = times(e1, p, next);
      const q = v128.load32_splat(y, 4);
      f0 = times(f0, q, left);
      f1 = times(f1, q, next);
      const s = v128.load32_splat(y, 8);
      g0 = times(g0, s, left);
      g1 = times(g1, s, next);
      const t = v128.load32_splat(y, 12);
      h0 = times(h0, t, left);
      h1 = times(h1, t, next);
    }
    a0 = f32x4.add(a0, e0);
    a1 = f32x4.add(a1, e1);
    b0 = f32x4.add(b0, f0);
    b1 = f32x4.add(b1, f1);
    c0 = f32x4.add(c0, g0);
    c1 = f32x4.add(c1, g1);
    d0 = f32x4.add(d0, h0);
    d1 = f32x4.add(d1, h1);
  }
  grow(totals, a0);
  grow(totals + 32, a1);
  grow(totals + wide, b0);
  grow(totals + wide + 32, b1);
  grow(totals + 2 * wide, c0);
  grow(totals + 2 * wide + 32, c1);
  grow(totals + 3 * wide, d0);
  grow(totals + 3 * wide + 32, d1);
}

/** Adds four floats to four float64. */
// @ts-ignore: decorator
@inline
function grow(totals: usize, sum: v128): void {
  v128.store(totals, f64x2.add(v128.load(totals), f64x2.promote_low_f32x4(sum)));
  v128.store(totals, f64x2.add(v128.load(totals, 16), f64x2.promote_low_f32x4(upper(sum))), 16);
}

/** One coordinate, in the same order as a corner's. */
function edge(y: usize, yRow: usize, x: usize, xRow: usize, count: i32, total: usize): void {
  let sum: f32 = 0;
  for (let first = 0; first < count; first += BLOCK) {
    let block: f32 = 0;
    for (let r = min(BLOCK, count - first); r > 0; r--, y += yRow, x += xRow) block += load<f32>(y) * load<f32>(x);
    sum += block;
  }
  store<f64>(total, load<f64>(total) + <f64>sum);
}

/**
 * Rows `from` to `to` of totals += yᵀ x, with y [count, m], x [count, n] and totals [m, n], float64: a weight's gradient. `from`: a
 * multiple of 4.
 */
export function outer(y: usize, count: i32, m: i32, from: i32, to: i32, x: usize, n: i32, totals: usize): void {
  const yRow = (<usize>m) << 2;
  const xRow = (<usize>n) << 2;
  const wide = xRow << 1;
  for (let first = 0; first < count; first += GROUP) {
    const rows = min(GROUP, count - first);
    const ys = y + <usize>first * yRow;
    const xs = x + <usize>first * xRow;
    for (let i = from; i < to; i++) {
      const tiled = i < (m & ~3) ? n & ~7 : 0;
      const column = ys + ((<usize>i) << 2);
      const row = totals + <usize>i * wide;
      if ((i & 3) == 0) {
        for (let j: usize = 0; j < (<usize>tiled) << 2; j += 32)
          corner(column, yRow, xs + j, xRow, rows, row + (j << 1), wide);
      }
      for (let j = (<usize>tiled) << 2; j < xRow; j += 4) edge(column, yRow, xs + j, xRow, rows, row + (j << 1));
    }
  }
}

/** totals += the sum of the rows, float64: a bias' gradient. */
export function columnSums(y: usize, count: i32, m: i32, totals: usize): void {
  const row = (<usize>m) << 2;
  const full = (<usize>(m & ~3)) << 2;
  for (let first = 0; first < count; first += GROUP) {
    const rows = min(GROUP, count - first);
    const group = y + <usize>first * row;
    for (let o: usize = 0; o < full; o += 16) {
      let sum = f32x4.splat(0);
      let at = group + o;
      for (let k = 0; k < rows; k += BLOCK) {
        let block = f32x4.splat(0);
        for (let r = min(BLOCK, rows - k); r > 0; r--, at += row) block = f32x4.add(block, v128.load(at));
        sum = f32x4.add(sum, block);
      }
      grow(totals + (o << 1), sum);
    }
    for (let o = full; o < row; o += 4) {
      let sum: f32 = 0;
      let at = group + o;
      for (let k = 0; k < rows; k += BLOCK) {
        let block: f32 = 0;
        for (let r = min(BLOCK, rows - k); r > 0; r--, at += row) block += load<f32>(at);
        sum += block;
      }
      store<f64>(totals + (o << 1), load<f64>(totals + (o << 1)) + <f64>sum);
    }
  }
}

/** out = a + b. */
export function add(a: usize, b: usize, length: i32, out: usize): void {
  let o: usize = 0;
  for (; o < (<usize>(length & ~3)) << 2; o += 16) v128.store(out + o, f32x4.add(v128.load(a + o), v128.load(b + o)));
  if (length & 3) put(out + o, f32x4.add(get(a + o, length & 3), get(b + o, length & 3)), length & 3);
}

/** x times a number, in place. */
export function scale(x: usize, length: i32, by: f32): void {
  const s = f32x4.splat(by);
  const full = (<usize>(length & ~3)) << 2;
  let o: usize = 0;
  for (; o < full; o += 16) v128.store(x + o, f32x4.mul(s, v128.load(x + o)));
  const rest = length & 3;
  if (rest != 0) put(x + o, f32x4.mul(s, get(x + o, rest)), rest);
}

/** out = a b, coordinate by coordinate; += if `adds`. */
export function multiply(a: usize, b: usize, length: i32, adds: i32, out: usize): void {
  const full = (<usize>(length & ~3)) << 2;
  let o: usize = 0;
  for (; o < full; o += 16) {
    const x = f32x4.mul(v128.load(a + o), v128.load(b + o));
    v128.store(out + o, adds != 0 ? f32x4.add(v128.load(out + o), x) : x);
  }
  const rest = length & 3;
  if (rest == 0) return;
  const x = f32x4.mul(get(a + o, rest), get(b + o, rest));
  put(out + o, adds != 0 ? f32x4.add(get(out + o, rest), x) : x, rest);
}

/** out = g where act > 0, slope × g elsewhere. With g = act: the leaky ReLU itself; with another: its derivative times g. */
export function leaky(act: usize, g: usize, slope: f32, length: i32, out: usize): void {
  const s = f32x4.splat(slope);
  const zero = f32x4.splat(0);
  const full = (<usize>(length & ~3)) << 2;
  let o: usize = 0;
  for (; o < full; o += 16) {
    const x = v128.load(g + o);
    v128.store(out + o, v128.bitselect(x, f32x4.mul(s, x), f32x4.gt(v128.load(act + o), zero)));
  }
  const rest = length & 3;
  if (rest == 0) return;
  const x = get(g + o, rest);
  put(out + o, v128.bitselect(x, f32x4.mul(s, x), f32x4.gt(get(act + o, rest), zero)), rest);
}

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, full: usize, rest: i32): f32 {
  let s = f32x4.splat(0);
  let o: usize = 0;
  for (; o < full; o += 16) s = f32x4.add(s, f32x4.mul(v128.load(a + o), v128.load(b + o)));
  if (rest != 0) s = f32x4.add(s, f32x4.mul(get(a + o, rest), get(b + o, rest)));
  return sum4(s);
}

/** Rows over their lengths, out = x / max(‖x‖, 1e-12); `inverse`: one over that length, a float a row. */
export function unit(x: usize, count: i32, dim: i32, out: usize, inverse: usize): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  for (let r = 0; r < count; r++, x += row, out += row, inverse += 4) {
    const one = <f32>(1 / max(Math.sqrt(<f64>dot(x, x, full, rest)), 1e-12));
    store<f32>(inverse, one);
    const s = f32x4.splat(one);
    let o: usize = 0;
    for (; o < full; o += 16) v128.store(out + o, f32x4.mul(s, v128.load(x + o)));
    if (rest != 0) put(out + o, f32x4.mul(s, get(x + o, rest)), rest);
  }
}

/** From here on a row counts as zero: one over its length, in float32. */
const NOTHING: f32 = 9e11;

/** Back through `unit`: out = (g − ⟨g, x̂⟩ x̂) / ‖x‖; 0 for a row of zeros, at which the length has no derivative. */
export function unitBack(g: usize, unit: usize, inverse: usize, count: i32, dim: i32, out: usize): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  for (let r = 0; r < count; r++, g += row, unit += row, out += row, inverse += 4) {
    const one = load<f32>(inverse);
    const s = f32x4.splat(one);
    if (one > NOTHING) {
      memory.fill(out, 0, row);
      continue;
    }
    const along = f32x4.splat(dot(g, unit, full, rest));
    let o: usize = 0;
    for (; o < full; o += 16) {
      const x = f32x4.sub(v128.load(g + o), f32x4.mul(along, v128.load(unit + o)));
      v128.store(out + o, f32x4.mul(s, x));
    }
    if (rest != 0) {
      const x = f32x4.sub(get(g + o, rest), f32x4.mul(along, get(unit + o, rest)));
      put(out + o, f32x4.mul(s, x), rest);
    }
  }
}

/** Columns of one block into columns of another: out[r, to …] = x[r, from …]; += if `adds`. */
export function columns(
  x: usize,
  xWidth: i32,
  from: i32,
  count: i32,
  dim: i32,
  adds: i32,
  out: usize,
  outWidth: i32,
  to: i32,
): void {
  const xRow = (<usize>xWidth) << 2;
  const outRow = (<usize>outWidth) << 2;
  const bytes = (<usize>dim) << 2;
  x += (<usize>from) << 2;
  out += (<usize>to) << 2;
  for (let r = 0; r < count; r++, x += xRow, out += outRow) {
    if (adds == 0) memory.copy(out, x, bytes);
    else add(out, x, dim, out);
  }
}
