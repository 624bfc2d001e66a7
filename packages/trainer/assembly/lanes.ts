// Vectors of four float32, of which the last of a row may be cut off. `lanes` is a constant 4 in every main loop, so
// that only the tail pays for the test.

// @ts-ignore: decorator
@inline
export function get(at: usize, lanes: i32): v128 {
  return lanes == 4 ? v128.load(at) : getSome(at, lanes);
}

// @ts-ignore: decorator
@inline
export function put(at: usize, x: v128, lanes: i32): void {
  if (lanes == 4) v128.store(at, x);
  else putSome(at, x, lanes);
}

function getSome(at: usize, lanes: i32): v128 {
  let x = f32x4.splat(0);
  x = f32x4.replace_lane(x, 0, load<f32>(at));
  if (lanes > 1) x = f32x4.replace_lane(x, 1, load<f32>(at, 4));
  if (lanes > 2) x = f32x4.replace_lane(x, 2, load<f32>(at, 8));
  return x;
}

function putSome(at: usize, x: v128, lanes: i32): void {
  store<f32>(at, f32x4.extract_lane(x, 0));
  if (lanes > 1) store<f32>(at, f32x4.extract_lane(x, 1), 4);
  if (lanes > 2) store<f32>(at, f32x4.extract_lane(x, 2), 8);
}

/** The two upper lanes, moved down. */
// @ts-ignore: decorator
@inline
export function upper(x: v128): v128 {
  return v128.shuffle<i32>(x, x, 2, 3, 2, 3);
}

/** The four lanes added: (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function sum4(x: v128): f32 {
  const y = f32x4.add(x, upper(x));
  return f32x4.extract_lane(y, 0) + f32x4.extract_lane(y, 1);
}

/** The two lanes added. */
// @ts-ignore: decorator
@inline
export function sum2(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}
