import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/index.js";
import { chiBounds, chiSquare, xoroshiro } from "./generator.js";

describe("seeds and streams", () => {
  it.each([
    [[0], [-1306407468, 1218039908, 519231732, 1944247533]],
    [[1], [-1943875730, -2044794351, -1314709491, -1708948709]],
    [[-1], [1268694257, 711992205, -2144453102, -122304732]],
    [[2 ** 32], [1020007618, -1047801859, 1669972707, -1289402905]],
    [[2 ** 53 - 1], [-1030606943, -1191257223, 1697331369, 233277945]],
    [
      [7, 3],
      [-1671805545, -1546055734, 988637334, 100908676],
    ],
    [
      [3, 7],
      [-486178178, 1973725220, 1795872984, -1745005250],
    ],
    [
      [7, 3, 0],
      [-603987346, 64221416, -159889595, -864487453],
    ],
  ])("%j starts from the state that every release has started from", (path, state) => {
    const [seed = 0, ...streams] = path;
    expect(createRandom(seed, ...streams).getState()).toEqual(state);
  });

  it("draw xoroshiro128+ from there, to the last bit", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.array(fc.nat(1e6), { maxLength: 3 }), (seed, streams) => {
        const random = createRandom(seed, ...streams);
        const reference = xoroshiro(random.getState());
        for (let k = 0; k < 100; k++) expect(random.next32()).toBe(reference());
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it("never start in the same state: seeds against seeds, streams, and streams of streams", () => {
    const seen = new Set<string>();
    const paths: number[][] = [];
    for (let a = 0; a < 100; a++) {
      paths.push([a], [-1 - a], [a * 2 ** 32 + 2 ** 40]);
      for (let b = 0; b < 100; b++) paths.push([a, b], [a, 0, b + 1], [a, b, 0, 0]);
    }
    for (const [seed = 0, ...streams] of paths)
      seen.add(
        createRandom(seed, ...streams)
          .getState()
          .join(),
      );
    expect(seen.size).toBe(paths.length);
  });

  it("turn over every bit of a first draw in half of the neighbouring streams", () => {
    const neighbours: readonly (readonly [string, (k: number) => readonly [number, number], number])[] = [
      ["the next step", (k) => [5, k], 1],
      ["the next seed", (k) => [k, 5], 1],
    ];
    for (const [name, path] of neighbours) {
      const flips = new Float64Array(32);
      const runs = 20_000;
      for (let k = 0; k < runs; k++) {
        const bits = createRandom(...path(k)).next32() ^ createRandom(...path(k + 1)).next32();
        for (let b = 0; b < 32; b++) flips[b]! += (bits >>> b) & 1;
      }
      // Six standard deviations: one bit of 10⁷ such tests lies outside.
      flips.forEach((count, b) =>
        expect(Math.abs(count - runs / 2), `${name}, bit ${b}`).toBeLessThan(3 * Math.sqrt(runs)),
      );
    }
  });

  it("are independent: pairs of draws of neighbouring streams fill a square evenly", () => {
    const pairs: readonly (readonly [string, (k: number) => readonly [number[], number[]]])[] = [
      [
        "step and next step",
        (k) => [
          [11, k],
          [11, k + 1],
        ],
      ],
      ["seed and next seed", (k) => [[k], [k + 1]]],
      [
        "seed and step swapped",
        (k) => [
          [3, k + 4],
          [k + 4, 3],
        ],
      ],
      [
        "stream and stream of it",
        (k) => [
          [3, k],
          [3, k, 0],
        ],
      ],
    ];
    for (const [name, of] of pairs) {
      const cells = new Float64Array(256);
      const runs = 51_200;
      for (let k = 0; k < runs; k++) {
        const [x = 0, y = 0] = of(k).map(([seed = 0, ...streams]) => createRandom(seed, ...streams).uniform());
        cells[16 * Math.floor(16 * x) + Math.floor(16 * y)]! += 1;
      }
      const chi = chiSquare(cells, runs / 256);
      const { low, high } = chiBounds(255);
      expect(chi, name).toBeGreaterThan(low);
      expect(chi, name).toBeLessThan(high);
    }
  });

  it("do not disturb each other when they draw in turns", () => {
    const alone = [1, 2].map((step) => {
      const random = createRandom(9, step);
      return Array.from({ length: 50 }, () => random.normal());
    });
    const [a, b] = [createRandom(9, 1), createRandom(9, 2)];
    const turns = Array.from({ length: 50 }, () => [a.normal(), b.normal()]);
    expect(turns.map(([x]) => x)).toEqual(alone[0]);
    expect(turns.map(([, y]) => y)).toEqual(alone[1]);
  });

  it.each([NaN, Infinity, -Infinity])("refuse %d", (bad) => {
    expect(() => createRandom(bad)).toThrow(`seed or stream is ${bad} (createRandom): give finite numbers`);
    expect(() => createRandom(1, 2, bad)).toThrow(`seed or stream is ${bad}`);
  });
});
