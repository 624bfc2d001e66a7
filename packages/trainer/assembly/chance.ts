// Dropout without a generator: whether a place is dropped is a function of two keys (seed and step are in them) and the place.
// A resumed run drops the same places, and so does a backward pass.

// @ts-ignore: decorator
@inline
function mix(h: u32): u32 {
  h ^= h >>> 16;
  h *= 0x85ebca6b;
  h ^= h >>> 13;
  h *= 0xc2b2ae35;
  return h ^ (h >>> 16);
}

// @ts-ignore: decorator
@inline
function chance(a: u32, b: u32, first: u32, second: u32): u32 {
  return mix(mix(a ^ first) + b * 0x9e3779b1 + second);
}

/** out = x × scale, or 0 where the place's chance is below `threshold`. `nodes` 0: row k is node k. */
export function drop(
  x: usize,
  nodes: usize,
  count: i32,
  dim: i32,
  first: u32,
  second: u32,
  threshold: u32,
  scale: f32,
  out: usize,
): void {
  for (let k = 0; k < count; k++) {
    const node = nodes == 0 ? <u32>k : load<u32>(nodes + ((<usize>k) << 2));
    for (let c = 0; c < dim; c++, x += 4, out += 4) {
      const kept = chance(node, <u32>c, first, second) >= threshold;
      store<f32>(out, kept ? load<f32>(x) * scale : 0);
    }
  }
}

/** The same for edges: both directions of an edge have one chance, so that a symmetric matrix stays symmetric. */
export function dropEdges(
  offsets: usize,
  indices: usize,
  values: usize,
  count: i32,
  first: u32,
  second: u32,
  threshold: u32,
  scale: f32,
  out: usize,
): void {
  for (let node: u32 = 0; node < <u32>count; node++) {
    const cell = offsets + ((<usize>node) << 2);
    const end = (<usize>load<u32>(cell, 4)) << 2;
    for (let e = (<usize>load<u32>(cell)) << 2; e < end; e += 4) {
      const other = load<u32>(indices + e);
      const kept = chance(min(node, other), max(node, other), first, second) >= threshold;
      store<f32>(out + e, kept ? load<f32>(values + e) * scale : 0);
    }
  }
}
