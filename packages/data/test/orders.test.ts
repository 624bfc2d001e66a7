import { createRandom } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import { below } from "../src/samplers/draw.js";
import { shuffledOrders } from "../src/samplers/orders.js";

const shuffler = (epoch: number) => createRandom(5, 1, epoch);

const inOrder = (order: Int32Array): void => order.forEach((_, k) => (order[k] = k));

/** Fisher and Yates, in one go. */
function whole(length: number, epoch: number): number[] {
  const random = shuffler(epoch);
  const order = Array.from({ length }, (_, k) => k);
  for (let k = length - 1; k > 0; k--) {
    const other = below(random, k + 1);
    [order[k], order[other]] = [order[other] as number, order[k] as number];
  }
  return order;
}

describe("orders that are shuffled a part at a time", () => {
  it.each([1, 2, 17, 100])("of %i rows are those of one shuffle each, however far the part had come", (length) => {
    const orders = shuffledOrders(length, inOrder, shuffler);
    for (let epoch = 0; epoch < 6; epoch++) {
      const order = orders.start(epoch);
      for (let part = 0; part < epoch; part++) orders.advance(Math.ceil(length / 4));
      expect([...order]).toEqual(whole(length, epoch));
    }
  });

  it("begin with any epoch, and again with one that is over", () => {
    const orders = shuffledOrders(50, inOrder, shuffler);
    for (const epoch of [3, 4, 4, 0, 7]) {
      expect([...orders.start(epoch)]).toEqual(whole(50, epoch));
      orders.advance(20);
    }
  });
});
