import type { Random } from "@gradpool/core";
import { below } from "./draw.js";

/** The orders in which epochs visit rows, each from the epoch's number alone. Arrays are written over by the next. */
export interface Orders {
  /** Goes to an epoch at once. */
  start(epoch: number): Int32Array;
  /** Does some more of what the next epoch needs, so that nobody waits for all of it. */
  advance(steps: number): void;
}

/** Orders that are made in one go. */
export function ordersBy(length: number, arrange: (order: Int32Array, epoch: number) => void): Orders {
  const order = new Int32Array(length);
  return {
    start(epoch) {
      arrange(order, epoch);
      return order;
    },
    advance: () => undefined,
  };
}

/**
 * Shuffles of the rows that `inOrder` writes: while batches of one are drawn, the next is made step by step. Holds two of them.
 */
export function shuffledOrders(
  length: number,
  inOrder: (order: Int32Array) => void,
  shuffler: (epoch: number) => Random,
): Orders {
  let order = new Int32Array(length);
  let coming = new Int32Array(length);
  let comes = -1;
  let left = 0;
  let random: Random;

  function begin(epoch: number): void {
    comes = epoch;
    random = shuffler(epoch);
    left = length - 1;
    inOrder(coming);
  }

  function advance(steps: number): void {
    const stop = Math.max(0, left - steps);
    for (; left > stop; left--) {
      const other = below(random, left + 1);
      const held = coming[left] as number;
      coming[left] = coming[other] as number;
      coming[other] = held;
    }
  }

  return {
    start(epoch) {
      if (epoch !== comes) begin(epoch);
      advance(length);
      [order, coming] = [coming, order];
      begin(epoch + 1);
      return order;
    },
    advance,
  };
}
