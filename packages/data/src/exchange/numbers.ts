const zero = 48;
const powers = Float64Array.from({ length: 23 }, (_, k) => 10 ** k);
const power = (k: number): number => powers[k] as number;

/** Digits of a whole number below 2³¹, from `at` on; where they end. */
export function putWhole(out: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let limit = 10; value >= limit; limit *= 10) end++;
  let left = value | 0;
  for (let k = end - 1; k >= at; k--) {
    const next = (left / 10) | 0;
    out[k] = zero + left - 10 * next;
    left = next;
  }
  return end;
}

export const widestNumber = 32;

function putText(out: Uint8Array, at: number, text: string): number {
  for (let k = 0; k < text.length; k++) out[at + k] = text.charCodeAt(k);
  return at + text.length;
}

/** As JavaScript writes it. */
export const putDouble = (out: Uint8Array, at: number, value: number): number => putText(out, at, String(value));

/**
 * A float32 in 7, 8 or 9 digits, the fewest that are read as the same again, as float32 or as float64 and rounded. Nine always are.
 */
export function putFloat(out: Uint8Array, from: number, value: number): number {
  const size = Math.abs(value);
  if (!(size >= 1e-5 && size < 1e9)) return putText(out, from, String(value));
  let at = from;
  if (value < 0) out[at++] = 45;
  // Digits are counted from the first that is not 0.
  let exponent = 0;
  while (size >= power(exponent + 1)) exponent++;
  let leading = 0;
  if (size < 1) while (size * power(leading + 1) < 1) leading++;
  let places = size < 1 ? 7 + leading : 6 - exponent;
  const last = places + 2;
  let digits = Math.round(shifted(size, places));
  while (places < last && !isNear(unshifted(digits, places), size)) {
    places++;
    digits = Math.round(shifted(size, places));
  }
  if (places <= 0) return putWhole(out, at, Math.round(size));
  // At most nine digits: an int32.
  let left = digits | 0;
  while (places > 0 && left % 10 === 0) {
    left = (left / 10) | 0;
    places--;
  }
  return putFraction(out, at, left, places);
}

const above = 1 + 2 ** -40;
const below = 1 - 2 ** -40;

/** Whether it rounds to this float32, and what lies a little beside it too: readers round once or twice. */
const isNear = (value: number, float: number): boolean =>
  Math.fround(value * above) === float && Math.fround(value * below) === float;

const shifted = (size: number, places: number): number => (places >= 0 ? size * power(places) : size / power(-places));
const unshifted = (digits: number, places: number): number =>
  places >= 0 ? digits / power(places) : digits * power(-places);

/** digits / 10^places. */
function putFraction(out: Uint8Array, from: number, digits: number, places: number): number {
  const whole = (digits / power(places)) | 0;
  const at = putWhole(out, from, whole);
  if (places === 0) return at;
  out[at] = 46;
  let left = (digits - whole * power(places)) | 0;
  for (let k = at + places; k > at; k--) {
    const next = (left / 10) | 0;
    out[k] = zero + left - 10 * next;
    left = next;
  }
  return at + places + 1;
}
