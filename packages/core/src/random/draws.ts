import type { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Random } from "../context.js";
import { GradpoolError } from "../errors.js";

/** The draws of a generator, each made of its 32-bit words. */
export function draws(engine: ReturnType<typeof xoroshiro128plus>): Random {
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
