/** How many bits the largest of some codes needs. */
export const widthOf = (largest: number): number => 32 - Math.clz32(largest);

/**
 * Codes below 2²⁴ in Parquet's mixture of runs and packed groups of eight (RLE_DICTIONARY, levels): a run where eight or more in
 * a row are the same. Written from `at` on; where it ends. `out` has room for {@link hybridRoom} bytes.
 */
export function putHybrid(out: Uint8Array, from: number, codes: Int32Array, width: number): number {
  const count = codes.length;
  let at = from;
  for (let k = 0; k < count;) {
    const run = runAt(codes, k);
    if (run >= 8) {
      at = putVarint(out, at, run * 2);
      for (let bits = 0; bits < width; bits += 8) out[at++] = ((codes[k] as number) >>> bits) & 255;
      k += run;
      continue;
    }
    let end = k + 8;
    while (end < count && !sameEight(codes, end)) end += 8;
    at = putVarint(out, at, ((end - k) / 8) * 2 + 1);
    at = putPacked(out, at, codes, k, end, width);
    k = end;
  }
  return at;
}

export const hybridRoom = (count: number, width: number): number => (Math.ceil(count / 8) + 1) * (width + 6);

function runAt(codes: Int32Array, from: number): number {
  const code = codes[from];
  let end = from + 1;
  while (end < codes.length && codes[end] === code) end++;
  return end - from;
}

function sameEight(codes: Int32Array, from: number): boolean {
  if (from + 8 > codes.length) return false;
  for (let k = from + 1; k < from + 8; k++) if (codes[k] !== codes[from]) return false;
  return true;
}

/** Least significant bit first; what goes beyond the end counts as 0. */
function putPacked(out: Uint8Array, from: number, codes: Int32Array, first: number, end: number, width: number) {
  let at = from;
  let bits = 0;
  let held = 0;
  for (let k = first; k < end; k++) {
    held |= (codes[k] ?? 0) << bits;
    bits += width;
    for (; bits >= 8; bits -= 8) {
      out[at++] = held & 255;
      held >>>= 8;
    }
  }
  return at;
}

function putVarint(out: Uint8Array, from: number, value: number): number {
  let at = from;
  let left = value;
  for (; left >= 0x80; left >>>= 7) out[at++] = (left & 0x7f) | 0x80;
  out[at++] = left;
  return at;
}
