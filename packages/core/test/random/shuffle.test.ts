import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/index.js";
import { chiBounds, chiSquare } from "./generator.js";

describe("shuffling", () => {
  it("keeps what is there, in the same array", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 50 }), fc.nat(), (values, seed) => {
        const array = [...values];
        expect(createRandom(seed).shuffle(array)).toBe(array);
        expect([...array].sort((a, b) => a - b)).toEqual([...values].sort((a, b) => a - b));
        const typed = Int32Array.from(values);
        expect(createRandom(seed).shuffle(typed)).toBe(typed);
        expect([...typed]).toEqual(array);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it("draws nothing for nothing and for one", () => {
    const random = createRandom(1);
    const before = random.getState();
    random.shuffle([]);
    random.shuffle([7]);
    expect(random.getState()).toEqual(before);
  });

  it("comes to each of the 24 orders of four as often", () => {
    const random = createRandom(3);
    const orders = new Map<string, number>();
    for (let k = 0; k < 24_000; k++) {
      const order = random.shuffle([0, 1, 2, 3]).join("");
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    const { low, high } = chiBounds(23);
    expect(chiSquare(orders.values(), 1000)).toBeGreaterThan(low);
    expect(chiSquare(orders.values(), 1000)).toBeLessThan(high);
  });

  it("takes each of 16 entries to each of 16 places as often", () => {
    const random = createRandom(5);
    const cells = new Float64Array(256);
    for (let k = 0; k < 16_000; k++) {
      const order = random.shuffle(Int32Array.from({ length: 16 }, (_, i) => i));
      order.forEach((entry, place) => (cells[16 * place + entry]! += 1));
    }
    // Rows and columns add up: 15 × 15 degrees of freedom.
    expect(chiSquare(cells, 1000)).toBeLessThan(chiBounds(225).high);
  });

  it("has known answers", () => {
    expect(createRandom(7, 3).shuffle([0, 1, 2, 3, 4, 5, 6, 7])).toEqual([5, 2, 7, 4, 0, 3, 1, 6]);
  });
});
