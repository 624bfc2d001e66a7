const zero = 48;
const powers = Float64Array.from({ length: 23 }, (_, k) => 10 ** k);
const inverses = Float64Array.from({ length: 23 }, (_, k) => 10 ** -k);
const power = (k: number): number => powers[k] as number;
/** Two digits for each number below 100. */
const pairs = Uint8Array.from({ length: 200 }, (_, k) => zero + (k % 2 === 0 ? Math.floor(k / 20) : (k >> 1) % 10));

/** So many digits of a whole number below 2³¹, which end before `end`. */
function putDigits(out: Uint8Array, end: number, digits: number, count: number): void {
  let left = digits;
  let at = end;
  for (let more = count; more >= 2; more -= 2) {
    const next = (left / 100) | 0;
    const pair = 2 * (left - 100 * next);
    out[--at] = pairs[pair + 1] as number;
    out[--at] = pairs[pair] as number;
    left = next;
  }
  if (count % 2 === 1) out[at - 1] = zero + left;
}

/** A whole number from 0 to below 2³¹, from `at` on; where it ends. */
function putWhole(out: Uint8Array, at: number, value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  putDigits(out, at + count, value, count);
  return at + count;
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
  // Whole numbers up to there are their own seven digits; what is larger or very small is rare.
  if (!(size >= 1e-5 && size < 1e7)) return putText(out, from, String(value));
  let at = from;
  if (value < 0) out[at++] = 45;
  // Digits are counted from the first that is not 0.
  let places = 6;
  if (size < 1) for (places = 7; size * power(places - 6) < 1;) places++;
  else while (size >= power(7 - places)) places--;
  const last = places + 2;
  let digits = rounded(size, places);
  while (places < last && !isNear(digits * (inverses[places] as number), size)) digits = rounded(size, ++places);
  for (let next = (digits / 10) | 0; places > 0 && digits === 10 * next; next = (digits / 10) | 0) {
    digits = next;
    places--;
  }
  const whole = (digits / power(places)) | 0;
  at = putWhole(out, at, whole);
  if (places === 0) return at;
  out[at] = 46;
  putDigits(out, at + 1 + places, digits - whole * power(places), places);
  return at + 1 + places;
}

/** size × 10^places, nine digits at most: an int32. */
const rounded = (size: number, places: number): number => (size * power(places) + 0.5) | 0;

const above = 1 + 2 ** -40;
const below = 1 - 2 ** -40;

/** Whether it rounds to this float32, and what lies a little beside it too: readers round once or twice, and it is itself rounded. */
const isNear = (value: number, float: number): boolean =>
  Math.fround(value * above) === float && Math.fround(value * below) === float;
