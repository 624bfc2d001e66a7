// The products of graph.ts where rows of the other nodes are read from planes: 16 columns of all nodes, then the next 16. What one
// plane's products read is a quarter of what 64 columns side by side take, and stays in the cache. Same sums in the same order.
import { BLOCK, longWide } from "./graph";
import { upper } from "./lanes";

/** Bytes of a node in a plane: a cache line. */
const LINE: usize = 64;

// @ts-ignore: decorator
@inline
function add(sum: v128, value: v128, x: v128): v128 {
  return f32x4.add(sum, f32x4.mul(value, x));
}

// @ts-ignore: decorator
@inline
function finish(sum: v128, base: usize, o: usize, scale: v128): v128 {
  return f32x4.mul(scale, base == 0 ? sum : f32x4.add(sum, v128.load(base + o)));
}

/** Row k of x, `dim` floats, is node k's (`nodes` 0), written, or node nodes[k]'s, added. `plane`: bytes of one. */
export function toPlanes(x: usize, nodes: usize, count: i32, dim: i32, plane: usize, out: usize): void {
  const row = (<usize>dim) << 2;
  for (let k = 0; k < count; k++, x += row) {
    const node = nodes == 0 ? <usize>k : <usize>load<u32>(nodes + ((<usize>k) << 2));
    let to = out + node * LINE;
    for (let o: usize = 0; o < row; o += LINE, to += plane) {
      for (let c: usize = 0; c < LINE; c += 16) {
        const value = v128.load(x + o + c);
        v128.store(to + c, nodes == 0 ? value : f32x4.add(v128.load(to + c), value));
      }
    }
  }
}

/**
 * As `propagate`, x in planes of `plane` bytes. `under`, `into`: bytes of a plane of `base` and of `out`, or 0: they have rows of
 * `dim` floats.
 */
export function propagatePlanes(
  offsets: usize,
  indices: usize,
  values: usize,
  nodes: usize,
  count: i32,
  x: usize,
  plane: usize,
  dim: i32,
  base: usize,
  under: usize,
  scale: f32,
  out: usize,
  into: usize,
): void {
  const row = (<usize>dim) << 2;
  const wide = under == 0 ? row : LINE;
  const s = f32x4.splat(scale);
  const next = into == 0 ? row : LINE;
  for (let o: usize = 0; o < row; o += LINE, x += plane, base += base == 0 ? 0 : under == 0 ? LINE : under, out += into == 0 ? LINE : into) {
    let to = out;
    for (let k = 0; k < count; k++, to += next) {
      const node = nodes == 0 ? <usize>k : <usize>load<u32>(nodes + ((<usize>k) << 2));
      let e = (<usize>load<u32>(offsets + (node << 2))) << 2;
      const end = (<usize>load<u32>(offsets + (node << 2), 4)) << 2;
      const own = base == 0 ? 0 : base + node * wide;
      if (end - e > BLOCK) {
        longWide(indices + e, indices + end, values + e, x, LINE, own, 0, s, to);
        continue;
      }
      let a = f32x4.splat(0);
      let b = f32x4.splat(0);
      let c = f32x4.splat(0);
      let d = f32x4.splat(0);
      for (; e < end; e += 4) {
        const value = v128.load32_splat(values + e);
        const at = x + (<usize>load<u32>(indices + e)) * LINE;
        a = add(a, value, v128.load(at));
        b = add(b, value, v128.load(at, 16));
        c = add(c, value, v128.load(at, 32));
        d = add(d, value, v128.load(at, 48));
      }
      v128.store(to, finish(a, own, 0, s));
      v128.store(to, finish(b, own, 16, s), 16);
      v128.store(to, finish(c, own, 32, s), 32);
      v128.store(to, finish(d, own, 48, s), 48);
    }
  }
}

// @ts-ignore: decorator
@inline
function grow(to: usize, x: v128): void {
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(x)));
  v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(upper(x))), 16);
}

/** As `spread`, or with `places` ≠ 0 as `spreadWide`, into planes: the columns of bytes `begin` to `end` of a row. */
export function spreadPlanes(
  offsets: usize,
  indices: usize,
  values: usize,
  nodes: usize,
  count: i32,
  g: usize,
  dim: i32,
  out: usize,
  plane: usize,
  places: usize,
  sums: usize,
  begin: usize,
  end: usize,
): void {
  const row = (<usize>dim) << 2;
  const zero = f32x4.splat(0);
  out += (begin / LINE) * plane;
  sums += begin << 1;
  for (let o = begin; o < end; o += LINE, out += plane, sums += LINE << 1) {
    let from = g + o;
    for (let k = 0; k < count; k++, from += row) {
      const a = v128.load(from);
      const b = v128.load(from, 16);
      const c = v128.load(from, 32);
      const d = v128.load(from, 48);
      const some = v128.or(v128.or(f32x4.ne(a, zero), f32x4.ne(b, zero)), v128.or(f32x4.ne(c, zero), f32x4.ne(d, zero)));
      if (!v128.any_true(some)) continue;
      const cell = offsets + ((<usize>load<u32>(nodes + ((<usize>k) << 2))) << 2);
      const last = (<usize>load<u32>(cell, 4)) << 2;
      for (let e = (<usize>load<u32>(cell)) << 2; e < last; e += 4) {
        const value = v128.load32_splat(values + e);
        const node = <usize>load<u32>(indices + e);
        const place = places == 0 ? -1 : load<i32>(places + (node << 2));
        if (place >= 0) {
          const total = sums + <usize>place * (row << 1);
          grow(total, f32x4.mul(value, a));
          grow(total + 32, f32x4.mul(value, b));
          grow(total + 64, f32x4.mul(value, c));
          grow(total + 96, f32x4.mul(value, d));
          continue;
        }
        const to = out + node * LINE;
        v128.store(to, add(v128.load(to), value, a));
        v128.store(to, add(v128.load(to, 16), value, b), 16);
        v128.store(to, add(v128.load(to, 32), value, c), 32);
        v128.store(to, add(v128.load(to, 48), value, d), 48);
      }
    }
  }
}
