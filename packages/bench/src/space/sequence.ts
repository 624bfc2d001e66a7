import { createRandom } from "@gradpool/core";
import { type Point, type Space, valueAt } from "./space.js";

/**
 * The first `count` points of Halton's sequence in d dimensions: coordinate i of point k is k's digits in the i-th prime base, mirrored
 * behind the point, Σⱼ π(dⱼ) b^−(j+1). The seed permutes the digits (π, one for each base) and moves each coordinate. Every coordinate
 * alone is evenly spread, of any number of points, and each beginning of the sequence is even, too. Source: Halton 1960; scrambled as by
 * Braaten & Weller 1979.
 */
export function evenPoints(count: number, dimensions: number, seed: number): readonly (readonly number[])[] {
  const random = createRandom(seed, 0x73656172);
  const columns = firstPrimes(dimensions).map((base) => {
    const digits = random.shuffle(Int32Array.from({ length: base }, (_, digit) => digit));
    const move = random.uniform();
    return Array.from({ length: count }, (_, k) => (mirrored(k + 1, base, digits) + move) % 1);
  });
  return Array.from({ length: count }, (_, k) => columns.map((column) => column[k] as number));
}

/** The number behind the point whose digits are those of k, mirrored and permuted. */
function mirrored(k: number, base: number, digits: Int32Array): number {
  let value = 0;
  let place = 1 / base;
  // Leading zeros are digits as well, permuted like all others: as many as double precision tells apart.
  for (let rest = k; place > 2 ** -52; place /= base) {
    value += place * (digits[rest % base] as number);
    rest = Math.floor(rest / base);
  }
  return value;
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}

/** Points of a space, each once: where lists are short, the sequence is followed until there are enough, or no more are to be had. */
export function sampled(space: Space, count: number, seed: number): readonly Point[] {
  const entries = Object.entries(space);
  if (entries.length === 0) return [{}];
  const found = new Map<string, Point>();
  const tries = evenPoints(20 * count, entries.length, seed);
  for (const at of tries) {
    const point = Object.fromEntries(
      entries.map(([name, dimension], i) => [name, valueAt(dimension, at[i] as number)]),
    );
    found.set(JSON.stringify(point), point);
    if (found.size === count) break;
  }
  return [...found.values()];
}
