// Dense layers over blocks of rows: products with small matrices, activations, unit rows. Each coordinate of a product is a sum
// in one order, whatever the tile that it falls into.
import { get, put, sum4 } from "./lanes";

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

/** Rows whose products are added up in registers before they join the total: long sums keep their digits. */
const BLOCK = 256;

function corner(y: usize, yRow: usize, x: usize, xRow: usize, count: i32, out: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(0);
  let d0 = f32x4.splat(0);
  let d1 = f32x4.splat(0);
  for (let r = 0; r < count; r++, y += yRow, x += xRow) {
    const left = v128.load(x);
    const next = v128.load(x, 16);
    const p = v128.load32_splat(y);
    a0 = times(a0, p, left);
    a1 = times(a1, p, next);
    const q = v128.load32_splat(y, 4);
    b0 = times(b0, q, left);
    b1 = times(b1, q, next);
    const s = v128.load32_splat(y, 8);
    c0 = times(c0, s, left);
    c1 = times(c1, s, next);
    const t = v128.load32_splat(y, 12);
    d0 = times(d0, t, left);
    d1 = times(d1, t, next);
  }
  grow(out, a0, a1);
  grow(out + xRow, b0, b1);
  grow(out + 2 * xRow, c0, c1);
  grow(out + 3 * xRow, d0, d1);
}

// @ts-ignore: decorator
@inline
function grow(out: usize, a: v128, b: v128): void {
  v128.store(out, f32x4.add(v128.load(out), a));
  v128.store(out, f32x4.add(v128.load(out, 16), b), 16);
}

/** out += yᵀ x, with y [count, m], x [count, n] and out [m, n]: a weight's gradient. */
export function outer(y: usize, count: i32, m: i32, x: usize, n: i32, out: usize): void {
  const yRow = (<usize>m) << 2;
  const xRow = (<usize>n) << 2;
  for (let first = 0; first < count; first += BLOCK) {
    const rows = min(BLOCK, count - first);
    const ys = y + <usize>first * yRow;
    const xs = x + <usize>first * xRow;
    for (let i = 0; i < m; i++) {
      const tiled = i < (m & ~3) ? n & ~7 : 0;
      if (tiled > 0 && (i & 3) == 0) {
        for (let j = 0; j < tiled; j += 8) {
          const at = (<usize>j) << 2;
          corner(ys + ((<usize>i) << 2), yRow, xs + at, xRow, rows, out + <usize>i * xRow + at);
        }
      }
      for (let j = tiled; j < n; j++) {
        let sum: f32 = 0;
        let a = ys + ((<usize>i) << 2);
        let b = xs + ((<usize>j) << 2);
        for (let r = 0; r < rows; r++, a += yRow, b += xRow) sum += load<f32>(a) * load<f32>(b);
        const cell = out + <usize>i * xRow + ((<usize>j) << 2);
        store<f32>(cell, load<f32>(cell) + sum);
      }
    }
  }
}

/** out += the sum of the rows: a bias' gradient. */
export function columnSums(y: usize, count: i32, m: i32, out: usize): void {
  const row = (<usize>m) << 2;
  for (let first = 0; first < count; first += BLOCK) {
    const rows = min(BLOCK, count - first);
    for (let o: usize = 0; o < row; o += 16) {
      const lanes = <i32>(min<usize>(16, row - o) >> 2);
      let sum = f32x4.splat(0);
      let at = y + <usize>first * row + o;
      for (let r = 0; r < rows; r++, at += row) sum = f32x4.add(sum, get(at, lanes));
      put(out + o, f32x4.add(get(out + o, lanes), sum), lanes);
    }
  }
}

/** out = a + b. */
export function add(a: usize, b: usize, length: i32, out: usize): void {
  let o: usize = 0;
  for (; o < (<usize>(length & ~3)) << 2; o += 16) v128.store(out + o, f32x4.add(v128.load(a + o), v128.load(b + o)));
  if (length & 3) put(out + o, f32x4.add(get(a + o, length & 3), get(b + o, length & 3)), length & 3);
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
