// The pool's weights on the tasks' gradients, where the optimiser does not follow at once.
import { get } from "./lanes";
import { combine } from "./optimizer";

/**
 * Σᵢ weightsᵢ gᵢ of each slot, over the tasks that touched it; zeros where none did. `weights`: `tasks` floats for all slots, or
 * (`perRow` ≠ 0) for each in the order of `order`. The slot's sum is row places[slot] of `out` (0: row slot), which may be
 * the accumulator of the first task, in place.
 */
export function combineRows(
  positions: usize,
  used: i32,
  order: usize,
  tasks: i32,
  accumulators: usize,
  weights: usize,
  perRow: i32,
  dim: i32,
  places: usize,
  out: usize,
): void {
  const row = (<usize>dim) << 2;
  const full = (<usize>(dim & ~3)) << 2;
  const rest = dim & 3;
  for (let k = 0; k < used; k++) {
    const slot = order == 0 ? k : load<i32>(order + ((<usize>k) << 2));
    const held = positions + ((<usize>(slot * tasks)) << 2);
    const place = places == 0 ? slot : load<i32>(places + ((<usize>slot) << 2));
    const to = out + <usize>place * row;
    let fresh = true;
    for (let i = 0; i < tasks; i++) {
      const at = load<i32>(held + ((<usize>i) << 2));
      if (at < 0) continue;
      const from = load<usize>(accumulators + ((<usize>i) << 2)) + <usize>at * row;
      combine(to, from, load<f32>(weights + ((<usize>i) << 2)), fresh, full, rest);
      fresh = false;
    }
    if (fresh) memory.fill(to, 0, row);
    if (perRow != 0) weights += (<usize>tasks) << 2;
  }
}

/** 1 if no coordinate is infinite or NaN. */
export function finite(x: usize, length: i32): i32 {
  let bad = f32x4.splat(0);
  let o: usize = 0;
  const full = (<usize>(length & ~3)) << 2;
  for (; o < full; o += 16) {
    const v = v128.load(x + o);
    bad = f32x4.add(bad, f32x4.sub(v, v));
  }
  const rest = length & 3;
  if (rest != 0) {
    const v = get(x + o, rest);
    bad = f32x4.add(bad, f32x4.sub(v, v));
  }
  return v128.any_true(f32x4.ne(bad, bad)) ? 0 : 1;
}
