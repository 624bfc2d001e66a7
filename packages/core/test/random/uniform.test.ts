import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/index.js";
import { chiBounds, chiSquare, xoroshiro } from "./generator.js";

describe("uniform numbers", () => {
  it("are 27 bits of one word and 26 of the next, over 2⁵³", () => {
    const random = createRandom(4, 2);
    const word = xoroshiro(random.getState());
    for (let k = 0; k < 1000; k++) {
      const x = random.uniform();
      const bits = (BigInt(word() >>> 5) << 26n) | BigInt(word() >>> 6);
      expect(BigInt(x * 2 ** 53)).toBe(bits);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThan(1);
    }
  });

  it("have known values", () => {
    const random = createRandom(1);
    expect([random.uniform(), random.uniform(), random.uniform()]).toEqual([
      0.12601358504539562, 0.18686495940005565, 0.5795983364471953,
    ]);
  });

  const streams: readonly (readonly [string, () => () => number])[] = [
    [
      "of one stream",
      () => {
        const random = createRandom(11);
        return () => random.uniform();
      },
    ],
    [
      "the first of each stream",
      () => {
        let step = 1;
        return () => createRandom(5, step++).uniform();
      },
    ],
    [
      "in their low bits",
      () => {
        const random = createRandom(12);
        return () => (random.uniform() * 2 ** 30) % 1;
      },
    ],
  ];
  it.each(streams)("fill 64 cells evenly: %s", (_, make) => {
    const draw = make();
    const cells = new Float64Array(64);
    for (let k = 0; k < 64_000; k++) cells[Math.floor(draw() * 64)]! += 1;
    const { low, high } = chiBounds(63);
    expect(chiSquare(cells, 1000)).toBeGreaterThan(low);
    expect(chiSquare(cells, 1000)).toBeLessThan(high);
  });

  it("do not depend on the draw before, nor on those up to 8 before", () => {
    const random = createRandom(21);
    const n = 100_000;
    const x = Float64Array.from({ length: n }, () => random.uniform() - 0.5);
    for (let lag = 1; lag <= 8; lag++) {
      let sum = 0;
      for (let k = lag; k < n; k++) sum += x[k]! * x[k - lag]!;
      // Variance 1/12: the sum's standard deviation is √n / 12.
      expect(Math.abs(sum), `lag ${lag}`).toBeLessThan((5 * Math.sqrt(n)) / 12);
    }
  });
});
