/** Blackman & Vigna's xoroshiro128+ as they print it, in 64-bit arithmetic: nothing in common with the code under test. */
export function xoroshiro([high0, low0, high1, low1]: readonly number[]): () => number {
  const mask = (1n << 64n) - 1n;
  const word = (high = 0, low = 0): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (64n - k))) & mask;
  let s0 = word(high0, low0);
  let s1 = word(high1, low1);
  return () => {
    const drawn = Number((s0 + s1) & 0xffff_ffffn) | 0;
    s1 ^= s0;
    s0 = rotate(s0, 24n) ^ s1 ^ ((s1 << 16n) & mask);
    s1 = rotate(s1, 37n);
    return drawn;
  };
}

/** Pearson's χ² of counts against what is expected of each cell. */
export function chiSquare(counts: Iterable<number>, expected: number): number {
  let sum = 0;
  for (const count of counts) sum += (count - expected) ** 2 / expected;
  return sum;
}

/** Bounds that χ² with that many degrees of freedom leaves once in 10⁶ each (Wilson & Hilferty 1931). */
export function chiBounds(freedom: number): { low: number; high: number } {
  const at = (z: number): number => freedom * (1 - 2 / (9 * freedom) + z * Math.sqrt(2 / (9 * freedom))) ** 3;
  return { low: at(-4.753), high: at(4.753) };
}
