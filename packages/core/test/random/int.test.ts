import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/index.js";
import { chiBounds, chiSquare } from "./generator.js";

describe("uniform integers", () => {
  it("lie in [0, bound) for every bound up to 2³²", () => {
    const bounds = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 2 ** 32 }));
    fc.assert(
      fc.property(bounds, fc.nat(), (bound, seed) => {
        const random = createRandom(seed);
        for (let k = 0; k < 20; k++) {
          const x = random.int(bound);
          expect(Number.isInteger(x) && x >= 0 && x < bound).toBe(true);
        }
      }),
      { numRuns: 500, seed: 1 },
    );
    expect(createRandom(1).int(1)).toBe(0);
  });

  it("reach the whole range of 2³²", () => {
    const random = createRandom(2);
    const word = createRandom(2);
    for (let k = 0; k < 100; k++) expect(random.int(2 ** 32)).toBe(word.next32() >>> 0);
  });

  it("have no modulo bias: of 3 · 2³⁰ values the first third comes no more often than the others", () => {
    const random = createRandom(3);
    const thirds = new Float64Array(3);
    for (let k = 0; k < 30_000; k++) thirds[Math.floor(random.int(3 * 2 ** 30) / 2 ** 30)]! += 1;
    // With the bias the first third would hold half of them.
    expect(chiSquare(thirds, 10_000)).toBeLessThan(27.6);
  });

  it.each([2, 3, 10, 64, 1000])("are even over %d values", (bound) => {
    const random = createRandom(4, bound);
    const counts = new Float64Array(bound);
    for (let k = 0; k < 100 * bound; k++) counts[random.int(bound)]! += 1;
    expect(chiSquare(counts, 100)).toBeLessThan(bound > 3 ? chiBounds(bound - 1).high : 27.6);
  });

  it("have known values", () => {
    const random = createRandom(7, 3);
    expect(Array.from({ length: 8 }, () => random.int(1000))).toEqual([238, 95, 455, 435, 588, 424, 117, 556]);
  });

  it.each([0, -1, 1.5, 2 ** 32 + 1, NaN, Infinity])("refuse the bound %d", (bound) => {
    expect(() => createRandom(1).int(bound)).toThrow(`bound is ${bound} (random.int): give an integer from 1 to 2^32`);
  });
});
