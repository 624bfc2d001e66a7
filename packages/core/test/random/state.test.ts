import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom, type Random, restoreRandom } from "../../src/index.js";

const draws: readonly ((random: Random) => unknown)[] = [
  (random) => random.next32(),
  (random) => random.uniform(),
  (random) => random.normal(),
  (random) => random.int(1000),
  (random) => random.shuffle([1, 2, 3, 4, 5]).join(),
];

describe("the state of a generator", () => {
  it("brings back every draw that was to come, through JSON, wherever it is taken", () => {
    const order = fc.array(fc.nat(draws.length - 1), { maxLength: 30 });
    fc.assert(
      fc.property(fc.integer(), order, order, (seed, before, after) => {
        const random = createRandom(seed, 3);
        for (const k of before) draws[k]?.(random);
        const restored = restoreRandom(JSON.parse(JSON.stringify(random.getState())) as number[]);
        for (const k of after) expect(draws[k]?.(restored)).toBe(draws[k]?.(random));
        expect(restored.getState()).toEqual(random.getState());
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it("is a copy: neither draws nor writing to it change what was taken or what is drawn", () => {
    const random = createRandom(6);
    const taken = random.getState() as number[];
    const kept = [...taken];
    const first = random.uniform();
    expect(taken).toEqual(kept);
    const twin = createRandom(6);
    (twin.getState() as number[]).fill(9);
    expect(twin.uniform()).toBe(first);
    const restored = restoreRandom(taken);
    taken.fill(0);
    expect(restored.uniform()).toBe(first);
  });

  it.each([[[1, 2]], [[1, 2, 3, 4, 5]], [[1, 2, 3, 4.5]], [[1, 2, 3, NaN]], [[1, 2, 3, 2 ** 32]]])(
    "is refused when it is %j",
    (state) => {
      expect(() => restoreRandom(state)).toThrow(`generator state is ${JSON.stringify(state)}`);
    },
  );

  it("is refused when it is all zeros, from which xoroshiro128+ never leaves: normal numbers would never come", () => {
    expect(() => restoreRandom([0, 0, 0, 0])).toThrow(
      "generator state is [0,0,0,0] (restoreRandom): give the four integers of random.getState()",
    );
  });
});
