// Sparse products over the nodes of a graph, in compressed rows: row r has the columns `indices[e]` with the values
// `values[e]`, offsets[r] ≤ e < offsets[r + 1]. `dim` floats a node, nodes next to each other.
import { get, put } from "./lanes";

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
 * out = scale × (S x + base), each coordinate's sum in the order of the row's edges, the base last. `nodes` 0: all rows, of
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
