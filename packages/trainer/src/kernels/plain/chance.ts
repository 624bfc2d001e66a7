import type { Chance } from "../graph.js";

/* The twin of assembly/chance.ts. */

/** Murmur3's last mix. */
function mix(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** A number in [0, 2³²) of two numbers, the same for the same keys. */
export const chanceOf = (a: number, b: number, { first, second }: Chance): number =>
  mix((mix(a ^ first) + Math.imul(b, 0x9e3779b1) + second) | 0) >>> 0;
