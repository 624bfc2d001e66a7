import type { Random } from "@gradpool/core";

/**
 * A uniform integer in [0, bound) by Lemire's multiplication (2019, "Fast random integer generation in an interval",
 * algorithm 5): without bias, and without the division that `random.int` makes for each draw, which is most of a sampler's
 * time. The product is exact in a double for bounds up to 2²¹; larger ones go to `random.int`.
 */
export function below(random: Random, bound: number): number {
  if (bound > 2_097_152) return random.int(bound);
  for (;;) {
    const product = (random.next32() >>> 0) * bound;
    const result = Math.floor(product / 4_294_967_296);
    const low = product - result * 4_294_967_296;
    if (low >= bound || low >= 4_294_967_296 % bound) return result;
  }
}
