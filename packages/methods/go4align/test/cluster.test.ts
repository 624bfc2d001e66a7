import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cluster } from "../src/cluster.js";

/** Every way to put n things into at most k groups. */
function* partitions(n: number, k: number, at: number[] = []): Generator<number[]> {
  if (at.length === n) return yield at;
  const used = Math.max(-1, ...at) + 1;
  for (let group = 0; group <= Math.min(used, k - 1); group++) yield* partitions(n, k, [...at, group]);
}

function meansOf(x: readonly number[], groups: readonly number[]): number[] {
  return groups.map((group) => {
    const own = x.filter((_, i) => groups[i] === group);
    return own.reduce((a, b) => a + b, 0) / own.length;
  });
}

const cost = (x: readonly number[], means: readonly number[]): number =>
  x.reduce((sum, value, i) => sum + (value - (means[i] as number)) ** 2, 0);

describe("groups of numbers", () => {
  it("are as near to their means as those of any partition, for up to six numbers", () => {
    const numbers = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 4 }), (x, wanted) => {
        const k = Math.min(wanted, x.length);
        const found = cost(x, cluster(x, k));
        const best = Math.min(...[...partitions(x.length, k)].map((groups) => cost(x, meansOf(x, groups))));
        expect(found).toBeLessThanOrEqual(best + 1e-9);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("are cut at the leftmost place where cuts are equally good", () => {
    expect(cluster([1, 2, 3], 2)).toEqual([1, 2.5, 2.5]);
  });
});
