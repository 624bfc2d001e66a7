// Sparse products over the nodes of a graph, in compressed rows: row r has the columns `indices[e]` with the values
// `values[e]`, offsets[r] ≤ e < offsets[r + 1]. `dim` floats a node, nodes next to each other.
import { get, put, upper } from "./lanes";

// @ts-ignore: decorator
@inline
function step(sum: v128, value: v128, at: usize): v128 {
  return f32x4.add(sum, f32x4.mul(value, v128.load(at)));
}

// @ts-ignore: decorator
@inline
function finish(sum: v128, base: usize, o: usize, scale: v128, out: usize, lanes: i32): void {
  if (base != 0) sum = f32x4.add(sum, get(base + o, lanes));
  put(out + o, f32x4.mul(scale, sum), lanes);
}

/** 32 coordinates from byte `o` on: eight sums in registers while the row's edges pass by. */
// @ts-ignore: decorator
@inline
function wide(
  indices: usize,
  end: usize,
  values: usize,
  x: usize,
  row: usize,
  base: usize,
  o: usize,
  scale: v128,
  out: usize,
): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  let e = f32x4.splat(0);
  let f = f32x4.splat(0);
  let g = f32x4.splat(0);
  let h = f32x4.splat(0);
  for (; indices < end; indices += 4, values += 4) {
    const value = v128.load32_splat(values);
    const at = x + <usize>load<u32>(indices) * row + o;
    a = step(a, value, at);
    b = step(b, value, at + 16);
    c = step(c, value, at + 32);
    d = step(d, value, at + 48);
    e = step(e, value, at + 64);
    f = step(f, value, at + 80);
    g = step(g, value, at + 96);
    h = step(h, value, at + 112);
  }
  finish(a, base, o, scale, out, 4);
  finish(b, base, o + 16, scale, out, 4);
  finish(c, base, o + 32, scale, out, 4);
  finish(d, base, o + 48, scale, out, 4);
  finish(e, base, o + 64, scale, out, 4);
  finish(f, base, o + 80, scale, out, 4);
  finish(g, base, o + 96, scale, out, 4);
  finish(h, base, o + 112, scale, out, 4);
}

/**
 * Long sums keep their digits: BLOCK edges are added up in float32, so are the blocks of a GROUP, and groups in float64. What is lost is
 * below 1e-6 of the terms' magnitudes, whatever the degree; shorter rows are added up as they come.
 */
/** In bytes of the edges. */
export const BLOCK: usize = 4 * 32;
const GROUP: usize = 4 * 256;

// @ts-ignore: decorator
@inline
function low(total: v128, sum: v128): v128 {
  return f64x2.add(total, f64x2.promote_low_f32x4(sum));
}

// @ts-ignore: decorator
@inline
function high(total: v128, sum: v128): v128 {
  return f64x2.add(total, f64x2.promote_low_f32x4(upper(sum)));
}

/** Two pairs of float64 as four floats. */
// @ts-ignore: decorator
@inline
function join(first: v128, second: v128): v128 {
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(second), 0, 1, 4, 5);
}

/** As `wide`, for a row of many edges. Sixteen coordinates: a line of the cache. */
export function longWide(
  indices: usize,
  end: usize,
  values: usize,
  x: usize,
  row: usize,
  base: usize,
  o: usize,
  scale: v128,
  out: usize,
): void {
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  while (indices < end) {
    const stop = min(end, indices + GROUP);
    let e = f32x4.splat(0);
    let f = e;
    let g = e;
    let h = e;
    while (indices < stop) {
      const pause = min(stop, indices + BLOCK);
      let p = f32x4.splat(0);
      let q = p;
      let r = p;
      let s = p;
      for (; indices < pause; indices += 4, values += 4) {
        const value = v128.load32_splat(values);
        const at = x + <usize>load<u32>(indices) * row + o;
        p = step(p, value, at);
        q = step(q, value, at + 16);
        r = step(r, value, at + 32);
        s = step(s, value, at + 48);
      }
      e = f32x4.add(e, p);
      f = f32x4.add(f, q);
      g = f32x4.add(g, r);
      h = f32x4.add(h, s);
    }
    a0 = low(a0, e);
    a1 = high(a1, e);
    b0 = low(b0, f);
    b1 = high(b1, f);
    c0 = low(c0, g);
    c1 = high(c1, g);
    d0 = low(d0, h);
    d1 = high(d1, h);
  }
  finish(join(a0, a1), base, o, scale, out, 4);
  finish(join(b0, b1), base, o + 16, scale, out, 4);
  finish(join(c0, c1), base, o + 32, scale, out, 4);
  finish(join(d0, d1), base, o + 48, scale, out, 4);
}

/** One vector of a row of many edges, or what is left of it. */
function longNarrow(
  indices: usize,
  end: usize,
  values: usize,
  x: usize,
  row: usize,
  base: usize,
  o: usize,
  scale: v128,
  out: usize,
  lanes: i32,
): void {
  let first = f64x2.splat(0);
  let second = first;
  while (indices < end) {
    const stop = min(end, indices + GROUP);
    let sum = f32x4.splat(0);
    while (indices < stop) {
      const pause = min(stop, indices + BLOCK);
      let block = f32x4.splat(0);
      for (; indices < pause; indices += 4, values += 4) {
        const at = x + <usize>load<u32>(indices) * row + o;
        block = f32x4.add(block, f32x4.mul(v128.load32_splat(values), get(at, lanes)));
      }
      sum = f32x4.add(sum, block);
    }
    first = low(first, sum);
    second = high(second, sum);
  }
  finish(join(first, second), base, o, scale, out, lanes);
}

/** One vector of a row, or what is left of it. */
// @ts-ignore: decorator
@inline
function narrow(
  indices: usize,
  end: usize,
  values: usize,
  x: usize,
  row: usize,
  base: usize,
  o: usize,
  scale: v128,
  out: usize,
  lanes: i32,
): void {
  let sum = f32x4.splat(0);
  for (; indices < end; indices += 4, values += 4) {
    const at = x + <usize>load<u32>(indices) * row + o;
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(values), get(at, lanes)));
  }
  finish(sum, base, o, scale, out, lanes);
}

/**
 * out = scale × (S x + base), the base last. `nodes` 0: all rows, of
 * which there are `count`; else the k-th row of `out` is that of node nodes[k]. `base` 0: none.
 */
export function propagate(
  offsets: usize,
  indices: usize,
  values: usize,
  nodes: usize,
  count: i32,
  x: usize,
  dim: i32,
  base: usize,
  scale: f32,
  out: usize,
): void {
  const row = (<usize>dim) << 2;
  const blocks = (<usize>(dim & ~31)) << 2;
  const lines = (<usize>(dim & ~15)) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  const s = f32x4.splat(scale);
  for (let k = 0; k < count; k++, out += row) {
    const node = nodes == 0 ? <usize>k : <usize>load<u32>(nodes + ((<usize>k) << 2));
    const first = (<usize>load<u32>(offsets + (node << 2))) << 2;
    const end = indices + ((<usize>load<u32>(offsets + (node << 2), 4)) << 2);
    const start = indices + first;
    const weights = values + first;
    const own = base == 0 ? 0 : base + node * row;
    let o: usize = 0;
    if (end - start > BLOCK) {
      for (; o < lines; o += 64) longWide(start, end, weights, x, row, own, o, s, out);
      for (; o < full; o += 16) longNarrow(start, end, weights, x, row, own, o, s, out, 4);
      if (rest != 0) longNarrow(start, end, weights, x, row, own, o, s, out, rest);
      continue;
    }
    for (; o < blocks; o += 128) wide(start, end, weights, x, row, own, o, s, out);
    for (; o < full; o += 16) narrow(start, end, weights, x, row, own, o, s, out, 4);
    if (rest != 0) narrow(start, end, weights, x, row, own, o, s, out, rest);
  }
}

function isZero(g: usize, full: usize, rest: i32): bool {
  const zero = f32x4.splat(0);
  let o: usize = 0;
  for (; o < full; o += 16) if (v128.any_true(f32x4.ne(v128.load(g + o), zero))) return false;
  return rest == 0 || !v128.any_true(f32x4.ne(get(g + o, rest), zero));
}

/**
 * out += Sᵀ g, where g has rows for `nodes` only (the k-th row is that of nodes[k]): each row is added, times the edge's value,
 * to all that its node has an edge to. Costs these nodes' edges, not all, and nothing for rows of zeros: those of other tasks.
 */
export function spread(
  offsets: usize,
  indices: usize,
  values: usize,
  nodes: usize,
  count: i32,
  g: usize,
  dim: i32,
  out: usize,
): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  for (let k = 0; k < count; k++, g += row) {
    if (isZero(g, full, rest)) continue;
    const cell = offsets + ((<usize>load<u32>(nodes + ((<usize>k) << 2))) << 2);
    const end = (<usize>load<u32>(cell, 4)) << 2;
    for (let e = (<usize>load<u32>(cell)) << 2; e < end; e += 4) {
      const value = v128.load32_splat(values + e);
      const to = out + <usize>load<u32>(indices + e) * row;
      let o: usize = 0;
      for (; o < full; o += 16) v128.store(to + o, step(v128.load(to + o), value, g + o));
      if (rest != 0) put(to + o, f32x4.add(get(to + o, rest), f32x4.mul(value, get(g + o, rest))), rest);
    }
  }
}

/** hits[node] += 1 for each edge of `nodes` to it, but those of rows of zeros: what `spread` would add. Returns the largest count. */
export function reach(
  offsets: usize,
  indices: usize,
  nodes: usize,
  count: i32,
  g: usize,
  dim: i32,
  hits: usize,
): i32 {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  let most = 0;
  for (let k = 0; k < count; k++, g += row) {
    if (isZero(g, full, rest)) continue;
    const cell = offsets + ((<usize>load<u32>(nodes + ((<usize>k) << 2))) << 2);
    const end = (<usize>load<u32>(cell, 4)) << 2;
    for (let e = (<usize>load<u32>(cell)) << 2; e < end; e += 4) {
      const at = hits + ((<usize>load<u32>(indices + e)) << 2);
      const next = load<i32>(at) + 1;
      store<i32>(at, next);
      most = max(most, next);
    }
  }
  return most;
}

/** As `spread`, but what goes to nodes with a place ≥ 0 in `places` is added to that row of `sums`, in float64. */
export function spreadWide(
  offsets: usize,
  indices: usize,
  values: usize,
  nodes: usize,
  count: i32,
  g: usize,
  dim: i32,
  out: usize,
  places: usize,
  sums: usize,
): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  for (let k = 0; k < count; k++, g += row) {
    if (isZero(g, full, rest)) continue;
    const cell = offsets + ((<usize>load<u32>(nodes + ((<usize>k) << 2))) << 2);
    const end = (<usize>load<u32>(cell, 4)) << 2;
    for (let e = (<usize>load<u32>(cell)) << 2; e < end; e += 4) {
      const value = v128.load32_splat(values + e);
      const node = <usize>load<u32>(indices + e);
      const place = load<i32>(places + (node << 2));
      let o: usize = 0;
      if (place < 0) {
        const to = out + node * row;
        for (; o < full; o += 16) v128.store(to + o, step(v128.load(to + o), value, g + o));
        if (rest != 0) put(to + o, f32x4.add(get(to + o, rest), f32x4.mul(value, get(g + o, rest))), rest);
        continue;
      }
      const to = sums + <usize>place * (row << 1);
      for (; o < full; o += 16) {
        const x = f32x4.mul(value, v128.load(g + o));
        v128.store(to + (o << 1), low(v128.load(to + (o << 1)), x));
        v128.store(to + (o << 1), high(v128.load(to + (o << 1), 16), x), 16);
      }
      for (; o < row; o += 4) {
        const at = to + (o << 1);
        store<f64>(at, load<f64>(at) + <f64>(load<f32>(values + e) * load<f32>(g + o)));
      }
    }
  }
}

/** out[n] += (scale × times[k]) × x[n] for each n = nodes[k]; `times` are floats. */
export function addScaled(x: usize, nodes: usize, times: usize, count: i32, dim: i32, scale: f32, out: usize): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  const end = nodes + ((<usize>count) << 2);
  for (; nodes < end; nodes += 4, times += 4) {
    const s = f32x4.splat(scale * load<f32>(times));
    const at = <usize>load<u32>(nodes) * row;
    let o = at;
    for (; o < at + full; o += 16) v128.store(out + o, step(v128.load(out + o), s, x + o));
    if (rest != 0) put(out + o, f32x4.add(get(out + o, rest), f32x4.mul(s, get(x + o, rest))), rest);
  }
}
