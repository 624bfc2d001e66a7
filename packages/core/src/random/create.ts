import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { Random, RandomState } from "../context.js";
import { GradpoolError } from "../errors.js";
import { draws } from "./draws.js";

/** MurmurHash3's finaliser: every bit of the input reaches every bit of the output. */
function scramble(word: number): number {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/**
 * A generator for `seed` and a path of stream numbers: `createRandom(seed, epoch, step)` gives every step a stream of
 * its own, so that a resumed run draws what an unbroken one draws. (xoroshiro128+, from the package pure-rand.)
 */
export function createRandom(seed: number, ...streams: readonly number[]): Random {
  const words: number[] = [0x9e3779b9, 0x7f4a7c15, 0xf39cc060, 0x5cedc834];
  let salt = 0;
  for (const value of [seed, ...streams]) {
    if (!Number.isFinite(value)) {
      throw new GradpoolError({
        code: "invalid-input",
        what: `seed or stream is ${value}`,
        where: "createRandom",
        remedy: "give finite numbers",
      });
    }
    const low = value | 0;
    const high = Math.floor(value / 4_294_967_296) | 0;
    for (let k = 0; k < 4; k++) {
      salt = (salt + 0x9e3779b9) | 0;
      words[k] = scramble((words[k] as number) ^ scramble(low + salt) ^ scramble(high - salt));
    }
  }
  if (!words.some((word) => word !== 0)) words[0] = 1;
  return draws(xoroshiro128plusFromState(words));
}

/** The generator that `random.getState()` was taken from, at that point. */
export function restoreRandom(state: RandomState): Random {
  const words = state.length === 4 && state.every((word) => word === (word | 0));
  if (!words || state.every((word) => word === 0)) {
    throw new GradpoolError({
      code: "invalid-input",
      what: `generator state is ${JSON.stringify(state)}`,
      where: "restoreRandom",
      remedy: "give the four integers of random.getState()",
    });
  }
  return draws(xoroshiro128plusFromState(state));
}
