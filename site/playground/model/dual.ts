/** A number with its two partial derivatives: forward-mode differentiation in the plane, so that no gradient is written by hand. */
export interface Dual {
  readonly value: number;
  readonly dx: number;
  readonly dy: number;
}

const constant = (value: number): Dual => ({ value, dx: 0, dy: 0 });
export const variables = (x: number, y: number): readonly [Dual, Dual] => [
  { value: x, dx: 1, dy: 0 },
  { value: y, dx: 0, dy: 1 },
];

/** f(a) with f'(a). */
const chain = (a: Dual, value: number, slope: number): Dual => ({ value, dx: slope * a.dx, dy: slope * a.dy });

export const add = (a: Dual, b: Dual): Dual => ({ value: a.value + b.value, dx: a.dx + b.dx, dy: a.dy + b.dy });
export const multiply = (a: Dual, b: Dual): Dual => ({
  value: a.value * b.value,
  dx: a.dx * b.value + a.value * b.dx,
  dy: a.dy * b.value + a.value * b.dy,
});
/** scale · a + shift. */
export const affine = (a: Dual, scale: number, shift = 0): Dual => chain(a, scale * a.value + shift, scale);
export const square = (a: Dual): Dual => chain(a, a.value * a.value, 2 * a.value);
export const tanh = (a: Dual): Dual => {
  const value = Math.tanh(a.value);
  return chain(a, value, 1 - value * value);
};
export const log = (a: Dual): Dual => chain(a, Math.log(a.value), 1 / a.value);
export const abs = (a: Dual): Dual => chain(a, Math.abs(a.value), Math.sign(a.value));
/** max(a, low), flat below. */
export const atLeast = (a: Dual, low: number): Dual => (a.value > low ? a : constant(low));
