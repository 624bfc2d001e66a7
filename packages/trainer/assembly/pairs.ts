// Scores of pairs by a network: what a user and an item bring to its first layers is known, and all else is done for some items at a
// time, in caches. Sums, and the order in which biases come to them, are those of the same network made of products and additions.
import { product } from "./layers";

/** Items at a time. */
const ITEMS = 64;

/** The plan: words, as src/tensor/pairs.ts writes them. */
// @ts-ignore: decorator
@inline
function word(plan: usize, k: usize): u32 {
  return load<u32>(plan + (k << 2));
}

/** out = max(x + row, 0), the same row for all; `relu` 0: x + row. */
function shifted(x: usize, row: usize, count: i32, width: i32, relu: bool, out: usize): void {
  const bytes = (<usize>width) << 2;
  const full = (<usize>(width & ~3)) << 2;
  const zero = f32x4.splat(0);
  for (let r = 0; r < count; r++, x += bytes, out += bytes) {
    let o: usize = 0;
    for (; o < full; o += 16) {
      const sum = f32x4.add(v128.load(x + o), v128.load(row + o));
      v128.store(out + o, relu ? f32x4.max(sum, zero) : sum);
    }
    for (; o < bytes; o += 4) {
      const sum = load<f32>(x + o) + load<f32>(row + o);
      store<f32>(out + o, relu ? max<f32>(sum, 0) : sum);
    }
  }
}

/** y = (y + z) + row, then relu. */
function joined(y: usize, z: usize, row: usize, count: i32, width: i32, relu: bool): void {
  const bytes = (<usize>width) << 2;
  const full = (<usize>(width & ~3)) << 2;
  const zero = f32x4.splat(0);
  for (let r = 0; r < count; r++, y += bytes, z += bytes) {
    let o: usize = 0;
    for (; o < full; o += 16) {
      const sum = f32x4.add(f32x4.add(v128.load(y + o), v128.load(z + o)), v128.load(row + o));
      v128.store(y + o, relu ? f32x4.max(sum, zero) : sum);
    }
    for (; o < bytes; o += 4) {
      const sum = load<f32>(y + o) + load<f32>(z + o) + load<f32>(row + o);
      store<f32>(y + o, relu ? max<f32>(sum, 0) : sum);
    }
  }
}

/**
 * Scores of all items for one user, to `out`. `first`: what the user brings to the deep part's first layer; `user`: their factors;
 * `scratch`: dim × (the tower's first width) floats, and three times ITEMS × the widest layer.
 */
export function scorePairs(plan: usize, first: usize, user: usize, scratch: usize, out: usize): void {
  const items = <i32>word(plan, 0);
  const dim = <i32>word(plan, 1);
  const firstWidth = <i32>word(plan, 2);
  const firstItems = word(plan, 3);
  const factors = word(plan, 4);
  const productWeight = word(plan, 5);
  const deepWeight = word(plan, 6);
  const topBias = word(plan, 7);
  const top = <i32>word(plan, 8);
  const widest = word(plan, 9);
  const deepLayers = <i32>word(plan, 10);
  const topLayers = <i32>word(plan, 11);
  const layers: usize = plan + 48;

  // items · (diag(user) W): the user's own weight.
  const own = scratch;
  for (let d = 0; d < dim; d++) {
    const by = load<f32>(user + ((<usize>d) << 2));
    const row = (<usize>(d * top)) << 2;
    for (let o: usize = 0; o < (<usize>top) << 2; o += 4)
      store<f32>(own + row + o, by * load<f32>(productWeight + row + o));
  }
  const size = (<usize>ITEMS * widest) << 2;
  const room = own + ((<usize>(dim * top)) << 2);
  for (let i = 0; i < items; i += ITEMS) {
    const count = min(ITEMS, items - i);
    let a = room;
    let b = room + size;
    const y = room + 2 * size;
    let width = firstWidth;
    shifted(firstItems + ((<usize>i * firstWidth) << 2), first, count, width, true, a);
    let layer = layers;
    for (let k = 0; k < deepLayers; k++, layer += 12) {
      const wide = <i32>word(layer, 2);
      product(a, count, width, word(layer, 0), wide, 0, 0, b);
      shifted(b, word(layer, 1), count, wide, true, b);
      const other = a;
      a = b;
      b = other;
      width = wide;
    }
    product(factors + ((<usize>i * dim) << 2), count, dim, own, top, 0, 0, y);
    product(a, count, width, deepWeight, top, 0, 0, b);
    joined(y, b, topBias, count, top, topLayers > 0);
    let from = y;
    let to = a;
    width = top;
    for (let k = 0; k < topLayers; k++, layer += 12) {
      const wide = <i32>word(layer, 2);
      product(from, count, width, word(layer, 0), wide, 0, 0, to);
      shifted(to, word(layer, 1), count, wide, k + 1 < topLayers, to);
      const other = from;
      from = to;
      to = k == 0 ? b : other;
      width = wide;
    }
    memory.copy(out + ((<usize>i) << 2), from, (<usize>count) << 2);
  }
}
