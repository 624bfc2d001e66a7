import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { GradpoolError } from "./errors.js";

/** Four 32-bit words: plain data that restores a generator exactly. */
export type RandomState = readonly number[];

/** A seeded generator whose state can be saved and restored; every draw advances it. */
export interface Random {
  /** 32 random bits as a signed integer. */
  next32(): number;
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal (Marsaglia's polar method; draws nothing ahead, so the state is the whole state). */
  normal(): number;
  /** Uniform integer in [0, bound), without modulo bias; 1 ≤ bound ≤ 2³². */
  int(bound: number): number;
  /** Fisher–Yates in place; returns the same array. */
  shuffle<A extends { length: number; [index: number]: number }>(values: A): A;
  getState(): RandomState;
}

/** MurmurHash3's finaliser: every bit of the input reaches every bit of the output. */
function scramble(word: number): number {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

function wrap(engine: ReturnType<typeof xoroshiro128plus>): Random {
  const uniform = (): number => {
    const high = engine.next() >>> 5;
    const low = engine.next() >>> 6;
    return (high * 67_108_864 + low) / 9_007_199_254_740_992;
  };
  const int = (bound: number): number => {
    if (!Number.isInteger(bound) || bound < 1 || bound > 4_294_967_296) {
      throw new GradpoolError({
        code: "invalid-input",
        what: `bound is ${bound}`,
        where: "random.int",
        remedy: "give an integer from 1 to 2^32",
      });
    }
    const limit = 4_294_967_296 - (4_294_967_296 % bound);
    let draw = engine.next() >>> 0;
    while (draw >= limit) draw = engine.next() >>> 0;
    return draw % bound;
  };
  return {
    next32: () => engine.next(),
    uniform,
    normal() {
      for (;;) {
        const u = 2 * uniform() - 1;
        const v = 2 * uniform() - 1;
        const s = u * u + v * v;
        if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
      }
    },
    int,
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = int(i + 1);
        const held = values[i] as number;
        values[i] = values[j] as number;
        values[j] = held;
      }
      return values;
    },
    getState: () => [...engine.getState()],
  };
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
  return wrap(xoroshiro128plusFromState(words));
}

/** The generator that `random.getState()` was taken from, at that point. */
export function restoreRandom(state: RandomState): Random {
  if (state.length !== 4 || state.some((word) => !Number.isInteger(word))) {
    throw new GradpoolError({
      code: "invalid-input",
      what: `generator state is ${JSON.stringify(state)}`,
      where: "restoreRandom",
      remedy: "give the four integers of random.getState()",
    });
  }
  return wrap(xoroshiro128plusFromState(state));
}
