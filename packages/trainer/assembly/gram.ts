// Inner products of the tasks' gradients over touched rows, in float64. Tasks that did not touch a row are skipped.
import { get, sum2, upper } from "./lanes";

// @ts-ignore: decorator
@inline
function products(a: usize, b: usize, lanes: i32, low: v128): v128 {
  const x = get(a, lanes);
  const y = get(b, lanes);
  return f64x2.add(
    f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y))),
    f64x2.mul(f64x2.promote_low_f32x4(upper(x)), f64x2.promote_low_f32x4(upper(y))),
  );
}

/** ⟨a, b⟩: lanes 0 and 2 of each vector add up in one sum, lanes 1 and 3 in the other; two vectors at a time. */
function dot(a: usize, b: usize, dim: i32): f64 {
  let s = f64x2.splat(0);
  let t = f64x2.splat(0);
  const pairs = (<usize>(dim & ~7)) << 2;
  let o: usize = 0;
  for (; o < pairs; o += 32) {
    s = products(a + o, b + o, 4, s);
    t = products(a + o + 16, b + o + 16, 4, t);
  }
  if (dim & 4) {
    s = products(a + o, b + o, 4, s);
    o += 16;
  }
  if (dim & 3) t = products(a + o, b + o, dim & 3, t);
  return sum2(f64x2.add(s, t));
}

// @ts-ignore: decorator
@inline
function squares(a: usize, lanes: i32, sum: v128): v128 {
  const x = get(a, lanes);
  const low = f64x2.promote_low_f32x4(x);
  const high = f64x2.promote_low_f32x4(upper(x));
  return f64x2.add(f64x2.add(sum, f64x2.mul(low, low)), f64x2.mul(high, high));
}

/** ⟨a, a⟩: `dot` with each coordinate read and widened once. Most rows were touched by one task, and need nothing else. */
function square(a: usize, dim: i32): f64 {
  let s = f64x2.splat(0);
  let t = f64x2.splat(0);
  const pairs = (<usize>(dim & ~7)) << 2;
  let o: usize = 0;
  for (; o < pairs; o += 32) {
    s = squares(a + o, 4, s);
    t = squares(a + o + 16, 4, t);
  }
  if (dim & 4) {
    s = squares(a + o, 4, s);
    o += 16;
  }
  if (dim & 3) t = squares(a + o, dim & 3, t);
  return sum2(f64x2.add(s, t));
}

/**
 * Adds each slot's inner products to `out` (tasks × tasks, lower triangle). `perRow` ≠ 0: each slot has a matrix of its
 * own, at the place that `ranks` gives it (0: slot by slot). `accumulators`: a pointer per task; `positions`: tasks per
 * slot. Slots are visited in their own order, in which the accumulators were filled, whatever that of the results.
 */
export function gram(
  positions: usize,
  used: i32,
  tasks: i32,
  accumulators: usize,
  dim: i32,
  normsOnly: i32,
  ranks: usize,
  perRow: i32,
  out: usize,
): void {
  const row = (<usize>dim) << 2;
  const matrix = perRow == 0 ? 0 : (<usize>(tasks * tasks)) << 3;
  let places = positions;
  for (let slot = 0; slot < used; slot++, places += (<usize>tasks) << 2) {
    const rank = ranks == 0 ? slot : load<i32>(ranks + ((<usize>slot) << 2));
    const mine = out + <usize>rank * matrix;
    for (let i = 0; i < tasks; i++) {
      const pi = load<i32>(places + ((<usize>i) << 2));
      if (pi < 0) continue;
      const a = load<usize>(accumulators + ((<usize>i) << 2)) + <usize>pi * row;
      const cells = mine + ((<usize>(i * tasks)) << 3);
      if (normsOnly == 0) {
        for (let j = 0; j < i; j++) {
          const pj = load<i32>(places + ((<usize>j) << 2));
          if (pj < 0) continue;
          const cell = cells + ((<usize>j) << 3);
          const b = load<usize>(accumulators + ((<usize>j) << 2)) + <usize>pj * row;
          store<f64>(cell, load<f64>(cell) + dot(a, b, dim));
        }
      }
      const cell = cells + ((<usize>i) << 3);
      store<f64>(cell, load<f64>(cell) + square(a, dim));
    }
  }
}

/**
 * The inner products of each slot, one after the other, for those tasks that touched it: a part of `gram` that threads can share.
 * `out`: room for tasks · (tasks + 1) / 2 numbers per slot. Most rows are touched by one task: what is written is written without gaps,
 * in the order in which `addGram` adds it.
 */
export function gramTerms(
  positions: usize,
  used: i32,
  tasks: i32,
  accumulators: usize,
  dim: i32,
  normsOnly: i32,
  out: usize,
): void {
  const row = (<usize>dim) << 2;
  let places = positions;
  let cell = out;
  for (let slot = 0; slot < used; slot++, places += (<usize>tasks) << 2) {
    for (let i = 0; i < tasks; i++) {
      const pi = load<i32>(places + ((<usize>i) << 2));
      if (pi < 0) continue;
      const a = load<usize>(accumulators + ((<usize>i) << 2)) + <usize>pi * row;
      if (normsOnly == 0) {
        for (let j = 0; j < i; j++) {
          const pj = load<i32>(places + ((<usize>j) << 2));
          if (pj < 0) continue;
          store<f64>(cell, dot(a, load<usize>(accumulators + ((<usize>j) << 2)) + <usize>pj * row, dim));
          cell += 8;
        }
      }
      store<f64>(cell, square(a, dim));
      cell += 8;
    }
  }
}

/** Adds what one `gramTerms` wrote to `out`, slot by slot: the additions of `gram`, in its order. */
export function addGram(positions: usize, used: i32, tasks: i32, normsOnly: i32, terms: usize, out: usize): void {
  let places = positions;
  let term = terms;
  for (let slot = 0; slot < used; slot++, places += (<usize>tasks) << 2) {
    for (let i = 0; i < tasks; i++) {
      if (load<i32>(places + ((<usize>i) << 2)) < 0) continue;
      const cells = out + ((<usize>(i * tasks)) << 3);
      if (normsOnly == 0) {
        for (let j = 0; j < i; j++) {
          if (load<i32>(places + ((<usize>j) << 2)) < 0) continue;
          const cell = cells + ((<usize>j) << 3);
          store<f64>(cell, load<f64>(cell) + load<f64>(term));
          term += 8;
        }
      }
      const cell = cells + ((<usize>i) << 3);
      store<f64>(cell, load<f64>(cell) + load<f64>(term));
      term += 8;
    }
  }
}

/** ‖gradient‖ of each slot and task, at the place that `ranks` gives the slot; 0 where the task did not touch it. */
export function rowNorms(
  positions: usize,
  used: i32,
  tasks: i32,
  accumulators: usize,
  dim: i32,
  ranks: usize,
  out: usize,
): void {
  const row = (<usize>dim) << 2;
  const width = (<usize>tasks) << 3;
  let place = positions;
  for (let slot = 0; slot < used; slot++) {
    const rank = ranks == 0 ? slot : load<i32>(ranks + ((<usize>slot) << 2));
    let cell = out + <usize>rank * width;
    for (let i = 0; i < tasks; i++, cell += 8, place += 4) {
      const at = load<i32>(place);
      const a = load<usize>(accumulators + ((<usize>i) << 2)) + <usize>at * row;
      store<f64>(cell, at < 0 ? 0 : sqrt<f64>(square(a, dim)));
    }
  }
}

/** Rows of one accumulator in slot order (or in `order`), zeros where the task did not touch the row. */
export function expand(
  positions: usize,
  stride: i32,
  used: i32,
  accumulator: usize,
  dim: i32,
  order: usize,
  out: usize,
): void {
  const row = (<usize>dim) << 2;
  for (let k = 0; k < used; k++, out += row) {
    const slot = order == 0 ? k : load<i32>(order + ((<usize>k) << 2));
    const place = load<i32>(positions + <usize>slot * <usize>stride);
    if (place < 0) memory.fill(out, 0, row);
    else memory.copy(out, accumulator + <usize>place * row, row);
  }
}
