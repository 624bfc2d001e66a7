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

/** Appends a term to a stream of them: its count, and room for `most`. */
// @ts-ignore: decorator
@inline
function append(stream: usize, term: f64): void {
  const count = load<i32>(stream) + 1;
  store<i32>(stream, count);
  store<f64>(stream + ((<usize>count) << 3), term);
}

/**
 * The inner products of each slot for those tasks that touched it: a part of `gram` that threads can share. Each pair of tasks i ≥ j (or each
 * task) has a stream of its own in `out`, one after the other, of 1 + `used` numbers: how many terms there are, and these in the order of the slots.
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
  const stream = (<usize>(used + 1)) << 3;
  const streams = normsOnly == 0 ? (tasks * (tasks + 1)) / 2 : tasks;
  for (let k = 0; k < streams; k++) store<f64>(out + <usize>k * stream, 0);
  let places = positions;
  for (let slot = 0; slot < used; slot++, places += (<usize>tasks) << 2) {
    let to = out;
    for (let i = 0; i < tasks; i++) {
      const pi = load<i32>(places + ((<usize>i) << 2));
      const next = to + (normsOnly == 0 ? <usize>(i + 1) : 1) * stream;
      if (pi >= 0) {
        const a = load<usize>(accumulators + ((<usize>i) << 2)) + <usize>pi * row;
        if (normsOnly == 0) {
          for (let j = 0; j < i; j++, to += stream) {
            const pj = load<i32>(places + ((<usize>j) << 2));
            if (pj >= 0) append(to, dot(a, load<usize>(accumulators + ((<usize>j) << 2)) + <usize>pj * row, dim));
          }
        }
        append(to, square(a, dim));
      }
      to = next;
    }
  }
}

/** `sum` + the terms of a stream from the n-th on. */
// @ts-ignore: decorator
@inline
function addStream(stream: usize, from: i32, sum: f64): f64 {
  const end = stream + ((<usize>load<i32>(stream)) << 3);
  for (let at = stream + ((<usize>from) << 3); at < end; at += 8) sum += load<f64>(at, 8);
  return sum;
}

/**
 * Adds what one `gramTerms` wrote to `out`, each cell's terms in the order of the slots: the additions of `gram`, in its order. Two streams at a time, since
 * an addition waits for the one before it.
 */
export function addGram(used: i32, tasks: i32, normsOnly: i32, terms: usize, out: usize): void {
  const stream = (<usize>(used + 1)) << 3;
  let first = 0;
  let held: usize = 0;
  for (let i = 0; i < tasks; i++) {
    for (let j = normsOnly == 0 ? 0 : i; j <= i; j++, terms += stream) {
      const cell = out + ((<usize>(i * tasks + j)) << 3);
      if (held == 0) {
        held = terms;
        first = i * tasks + j;
        continue;
      }
      const other = out + ((<usize>first) << 3);
      const both = min(load<i32>(held), load<i32>(terms));
      let a = load<f64>(other);
      let b = load<f64>(cell);
      for (let n: usize = 8; n <= (<usize>both) << 3; n += 8) {
        a += load<f64>(held + n);
        b += load<f64>(terms + n);
      }
      store<f64>(other, addStream(held, both, a));
      store<f64>(cell, addStream(terms, both, b));
      held = 0;
    }
  }
  if (held == 0) return;
  const cell = out + ((<usize>first) << 3);
  store<f64>(cell, addStream(held, 0, load<f64>(cell)));
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
