// Row-wise optimisers, with PyTorch's formulas in float32, fused with the weighted sum of the tasks' gradients.
// A row has up to two state rows of its own width: m and v (Adam), the sum of squares (Adagrad), the momentum (SGD).
import { get, put } from "./lanes";
import { ahead, touchSlots, touchSums } from "./touch";

const SGD = 0;
const ADAM = 1;
const ADAGRAD = 2;

let kind: i32 = SGD;
let decay: f32 = 0; // added to the gradient, times the weight
let keep: f32 = 1; // multiplies the weight: decoupled decay
let rate: f32 = 0;
let beta1c: f32 = 0; // 1 − β₁
let beta2: f32 = 0;
let beta2c: f32 = 0; // 1 − β₂
let epsilon: f32 = 0;
let momentum: f32 = 0;
let stepSize: f32 = 0; // lr / (1 − β₁ᵗ)
let root: f32 = 0; // 1 / √(1 − β₂ᵗ)

export function configure(
  kind_: i32,
  decay_: f32,
  keep_: f32,
  rate_: f32,
  beta1c_: f32,
  beta2_: f32,
  beta2c_: f32,
  epsilon_: f32,
  momentum_: f32,
): void {
  kind = kind_;
  decay = decay_;
  keep = keep_;
  rate = rate_;
  beta1c = beta1c_;
  beta2 = beta2_;
  beta2c = beta2c_;
  epsilon = epsilon_;
  momentum = momentum_;
}

/** Adam's bias correction of the step that comes. */
export function correct(stepSize_: f32, root_: f32): void {
  stepSize = stepSize_;
  root = root_;
}

// In each of the three rules all loads come before all stores: weights and state often lie a multiple of 4 kB apart, and
// a load behind a store of the same last twelve address bits waits for it.

// @ts-ignore: decorator
@inline
function adam(
  w: usize,
  m: usize,
  v: usize,
  g: usize,
  scale: v128,
  pull: v128,
  hold: v128,
  c1: v128,
  b2: v128,
  c2: v128,
  step: v128,
  inverse: v128,
  floor: v128,
  lanes: i32,
): void {
  const weight = get(w, lanes);
  const held = get(m, lanes);
  const square = get(v, lanes);
  const x = f32x4.add(f32x4.mul(scale, get(g, lanes)), f32x4.mul(pull, weight));
  const first = f32x4.add(held, f32x4.mul(c1, f32x4.sub(x, held)));
  const second = f32x4.add(f32x4.mul(b2, square), f32x4.mul(c2, f32x4.mul(x, x)));
  const below = f32x4.add(f32x4.mul(f32x4.sqrt(second), inverse), floor);
  const move = f32x4.div(f32x4.mul(step, first), below);
  put(m, first, lanes);
  put(v, second, lanes);
  put(w, f32x4.sub(f32x4.mul(hold, weight), move), lanes);
}

// @ts-ignore: decorator
@inline
function adagrad(w: usize, s: usize, g: usize, scale: v128, pull: v128, hold: v128, lanes: i32): void {
  const weight = get(w, lanes);
  const held = get(s, lanes);
  const x = f32x4.add(f32x4.mul(scale, get(g, lanes)), f32x4.mul(pull, weight));
  const sum = f32x4.add(held, f32x4.mul(x, x));
  const below = f32x4.add(f32x4.sqrt(sum), f32x4.splat(epsilon));
  const move = f32x4.div(f32x4.mul(f32x4.splat(rate), x), below);
  put(s, sum, lanes);
  put(w, f32x4.sub(f32x4.mul(hold, weight), move), lanes);
}

// @ts-ignore: decorator
@inline
function sgd(w: usize, b: usize, g: usize, scale: v128, pull: v128, hold: v128, lanes: i32): void {
  const weight = get(w, lanes);
  let x = f32x4.add(f32x4.mul(scale, get(g, lanes)), f32x4.mul(pull, weight));
  if (momentum != 0) {
    x = f32x4.add(f32x4.mul(f32x4.splat(momentum), get(b, lanes)), x);
    put(b, x, lanes);
  }
  put(w, f32x4.sub(f32x4.mul(hold, weight), f32x4.mul(f32x4.splat(rate), x)), lanes);
}

function updateRow(w: usize, first: usize, second: usize, g: usize, scale: f32, dim: i32): void {
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  const s = f32x4.splat(scale);
  const pull = f32x4.splat(decay);
  const hold = f32x4.splat(keep);
  let o: usize = 0;
  if (kind == ADAM) {
    const c1 = f32x4.splat(beta1c);
    const b2 = f32x4.splat(beta2);
    const c2 = f32x4.splat(beta2c);
    const step = f32x4.splat(stepSize);
    const inverse = f32x4.splat(root);
    const floor = f32x4.splat(epsilon);
    for (; o < full; o += 16)
      adam(w + o, first + o, second + o, g + o, s, pull, hold, c1, b2, c2, step, inverse, floor, 4);
    if (rest != 0) adam(w + o, first + o, second + o, g + o, s, pull, hold, c1, b2, c2, step, inverse, floor, rest);
  } else if (kind == ADAGRAD) {
    for (; o < full; o += 16) adagrad(w + o, first + o, g + o, s, pull, hold, 4);
    if (rest != 0) adagrad(w + o, first + o, g + o, s, pull, hold, rest);
  } else {
    for (; o < full; o += 16) sgd(w + o, first + o, g + o, s, pull, hold, 4);
    if (rest != 0) sgd(w + o, first + o, g + o, s, pull, hold, rest);
  }
}

// @ts-ignore: decorator
@inline
export function combine(to: usize, from: usize, scale: f32, fresh: bool, full: usize, rest: i32): void {
  const s = f32x4.splat(scale);
  let o: usize = 0;
  for (; o < full; o += 16) {
    const x = f32x4.mul(s, v128.load(from + o));
    v128.store(to + o, fresh ? x : f32x4.add(v128.load(to + o), x));
  }
  if (rest != 0) {
    const x = f32x4.mul(s, get(from + o, rest));
    put(to + o, fresh ? x : f32x4.add(get(to + o, rest), x), rest);
  }
}

// @ts-ignore: decorator
@inline
function within(x: v128, bound: f32): v128 {
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(bound)), f32x4.splat(-bound));
}

/** `scale` times a row, each coordinate within ± `bound`. `to` may be `from`. A pass of its own, over what is near: rows without a limit do without. */
function limit(to: usize, from: usize, scale: f32, bound: f32, full: usize, rest: i32): void {
  const s = f32x4.splat(scale);
  let o: usize = 0;
  for (; o < full; o += 16) v128.store(to + o, within(f32x4.mul(s, v128.load(from + o)), bound));
  if (rest != 0) put(to + o, within(f32x4.mul(s, get(from + o, rest)), bound), rest);
}

/**
 * One optimiser step on each slot's row, its gradient Σᵢ weightsᵢ gᵢ over the tasks that touched it. `weights`: `tasks`
 * floats for all rows, or (`perRow` ≠ 0) for each row in the order of `order`. `buffer`: one row. `bound`: what each coordinate is cut to.
 */
export function applyTasks(
  table: usize,
  first: usize,
  second: usize,
  slotIds: usize,
  used: i32,
  order: usize,
  positions: usize,
  tasks: i32,
  accumulators: usize,
  weights: usize,
  perRow: i32,
  dim: i32,
  buffer: usize,
  bound: f32,
): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  const block = ahead(row);
  let touched = 0;
  for (let k = 0; k < used; k++) {
    if (k == touched) {
      touched = min(k + block, used);
      touchSlots(table, first, second, slotIds, order, k, touched, row);
      touchSums(positions, tasks, accumulators, order, k, touched, row);
    }
    const slot = order == 0 ? k : load<i32>(order + ((<usize>k) << 2));
    const places = positions + ((<usize>(slot * tasks)) << 2);
    let gradient: usize = 0;
    let scale: f32 = 0;
    for (let i = 0; i < tasks; i++) {
      const place = load<i32>(places + ((<usize>i) << 2));
      if (place < 0) continue;
      const from = load<usize>(accumulators + ((<usize>i) << 2)) + <usize>place * row;
      const weight = load<f32>(weights + ((<usize>i) << 2));
      if (gradient == 0) {
        gradient = from;
        scale = weight;
        continue;
      }
      if (gradient != buffer) {
        combine(buffer, gradient, scale, true, full, rest);
        gradient = buffer;
        scale = 1;
      }
      combine(buffer, from, weight, false, full, rest);
    }
    if (perRow != 0) weights += (<usize>tasks) << 2;
    const at = <usize>load<u32>(slotIds + ((<usize>slot) << 2)) * row;
    if (gradient == 0) continue;
    if (bound != Infinity) {
      limit(buffer, gradient, scale, bound, full, rest);
      gradient = buffer;
      scale = 1;
    }
    updateRow(table + at, first + at, second + at, gradient, scale, dim);
  }
}

/**
 * As applyTasks with weights of whole tasks, but each task moves the rows that it touched by an Adam of its own: for each row of the table
 * `first` and `second` hold `tasks` rows, `counts` as many step counters. `sizes`, `roots`: corrections of a task's n-th step in a row,
 * without the rate, up to the `last`, from which on they stay.
 */
export function applyApart(
  table: usize,
  first: usize,
  second: usize,
  counts: usize,
  slotIds: usize,
  used: i32,
  order: usize,
  positions: usize,
  tasks: i32,
  accumulators: usize,
  weights: usize,
  sizes: usize,
  roots: usize,
  last: i32,
  dim: i32,
): void {
  const row = (<usize>dim) << 2;
  const held = keep;
  const block = ahead(row);
  let touched = 0;
  for (let k = 0; k < used; k++) {
    if (k == touched) {
      touched = min(k + block, used);
      touchSlots(table, 0, 0, slotIds, order, k, touched, row);
      touchSums(positions, tasks, accumulators, order, k, touched, row);
    }
    const slot = order == 0 ? k : load<i32>(order + ((<usize>k) << 2));
    const places = positions + ((<usize>(slot * tasks)) << 2);
    const id = <usize>load<u32>(slotIds + ((<usize>slot) << 2));
    // The weights decay once, with the first task that moves them.
    keep = held;
    for (let i = 0; i < tasks; i++) {
      const place = load<i32>(places + ((<usize>i) << 2));
      if (place < 0) continue;
      const own = id * <usize>tasks + <usize>i;
      const step = load<i32>(counts + (own << 2)) + 1;
      store<i32>(counts + (own << 2), step);
      const at = (<usize>min(step, last)) << 2;
      stepSize = rate * load<f32>(sizes + at);
      root = load<f32>(roots + at);
      const from = load<usize>(accumulators + ((<usize>i) << 2)) + <usize>place * row;
      updateRow(table + id * row, first + own * row, second + own * row, from, load<f32>(weights + ((<usize>i) << 2)), dim);
      keep = 1;
    }
  }
  keep = held;
}

/**
 * One optimiser step on each slot's row, its gradient `scale` times the next row of `values` (in the order of `order`), each coordinate cut to
 * ± `bound`: that is written over them.
 */
export function applyValues(
  table: usize,
  first: usize,
  second: usize,
  slotIds: usize,
  used: i32,
  order: usize,
  values: usize,
  dim: i32,
  scale: f32,
  bound: f32,
): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const cut = bound != Infinity;
  const block = ahead(row);
  let touched = 0;
  for (let k = 0; k < used; k++, values += row) {
    if (k == touched) {
      touched = min(k + block, used);
      touchSlots(table, first, second, slotIds, order, k, touched, row);
    }
    const slot = order == 0 ? k : load<i32>(order + ((<usize>k) << 2));
    const at = <usize>load<u32>(slotIds + ((<usize>slot) << 2)) * row;
    if (cut) limit(values, values, scale, bound, full, dim & 3);
    updateRow(table + at, first + at, second + at, values, cut ? 1 : scale, dim);
  }
}

/** True if no coordinate of the row differs from `copy` any more. */
function same(row: usize, copy: usize, bytes: usize): bool {
  for (let o: usize = 0; o < bytes; o += 4) if (load<u32>(row + o) != load<u32>(copy + o)) return false;
  return true;
}

function scaleRow(row: usize, factor: f32, dim: i32): void {
  const end = row + ((<usize>dim) << 2);
  for (; row < end; row += 4) store<f32>(row, load<f32>(row) * factor);
}

/**
 * What a dense optimiser would have done to each row since the step in `last` (its own step included), up to step
 * `until`: steps with a gradient of zero. `rates[s − base]` and `roots[s − base]` are Adam's corrections of step s. Once a
 * step leaves the weights as they are (and nothing but decaying moments is left to happen), the rest is done in closed
 * form. `ids` 0: rows 0 … count − 1. `buffer`: two rows, the first all zeros.
 */
export function catchUp(
  table: usize,
  first: usize,
  second: usize,
  last: usize,
  ids: usize,
  count: i32,
  until: i32,
  rates: usize,
  roots: usize,
  dim: i32,
  buffer: usize,
): void {
  const row = (<usize>dim) << 2;
  const copy = buffer + row;
  memory.fill(buffer, 0, row);
  const block = ahead(row);
  let touched = 0;
  for (let k = 0; k < count; k++) {
    if (ids != 0 && k == touched) {
      touched = min(k + block, count);
      touchSlots(table, first, second, ids, 0, k, touched, row);
    }
    const id = ids == 0 ? <u32>k : load<u32>(ids + ((<usize>k) << 2));
    const cell = last + ((<usize>id) << 2);
    const from = load<i32>(cell);
    if (from >= until) continue;
    store<i32>(cell, until);
    const at = <usize>id * row;
    const w = table + at;
    let s = from + 1;
    // A row that was never touched has no moments: without decay of the gradient, nothing but the weights' own shrinks.
    while (s <= until) {
      stepSize = load<f32>(rates + ((<usize>s) << 2));
      root = load<f32>(roots + ((<usize>s) << 2));
      memory.copy(copy, w, row);
      if (keep != 1) scaleRow(copy, keep, dim);
      updateRow(w, first + at, second + at, buffer, 1, dim);
      s++;
      // From step 10 on, a zero gradient's moves shrink from step to step (the moments decay faster than the bias
      // correction grows), so that a step that moves nothing is the last that could have.
      if (decay == 0 && s > 10 && same(w, copy, row)) break;
    }
    const left = until - s + 1;
    if (left <= 0) continue;
    if (kind == ADAM) {
      scaleRow(first + at, <f32>NativeMath.pow(1 - <f64>beta1c, left), dim);
      scaleRow(second + at, <f32>NativeMath.pow(<f64>beta2, left), dim);
    } else if (kind == SGD && momentum != 0) {
      scaleRow(first + at, <f32>NativeMath.pow(<f64>momentum, left), dim);
    }
    if (keep != 1) scaleRow(w, <f32>NativeMath.pow(<f64>keep, left), dim);
  }
}
