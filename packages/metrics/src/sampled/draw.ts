import { createRandom } from "@gradpool/core";

/** Keeps these draws apart from every other use of a seed, those of training first of all. */
const stream = 0x5a3b1e;

/** Draws negatives for a user's relevant items, one set after the other. */
export interface NegativeSampler {
  /** How many each relevant item of the user is ranked among: `wanted`, or all that there are. */
  readonly count: number;
  /** Writes `count` different items at `at`. */
  draw(into: Int32Array, at: number): void;
}

/**
 * Uniform draws without repetition from the items that the user is not known to have chosen. They depend on the seed, the
 * user and `wanted` alone: not on who else is ranked, nor on the model. `known` may name an item twice.
 */
export function negativeSampler(
  seed: number,
  user: number,
  wanted: number,
  itemCount: number,
  known: Int32Array,
): NegativeSampler {
  const random = createRandom(seed, stream, user, wanted);
  const taken = new Set<number>(known);
  const free = itemCount - taken.size;
  const count = Math.min(wanted, free);
  // Where most of what is free is wanted, drawing until something new comes takes long: then a list of it is shuffled.
  if (free <= 2 * count) {
    const all = Int32Array.from(
      (function* () {
        for (let item = 0; item < itemCount; item++) if (!taken.has(item)) yield item;
      })(),
    );
    return {
      count,
      draw: (into, at) => {
        for (let k = 0; k < count; k++) {
          const other = k + random.int(free - k);
          const item = all[other]!;
          all[other] = all[k]!;
          all[k] = item;
          into[at + k] = item;
        }
      },
    };
  }
  return {
    count,
    draw: (into, at) => {
      const drawn = new Set<number>();
      while (drawn.size < count) {
        const item = random.int(itemCount);
        if (taken.has(item) || drawn.has(item)) continue;
        into[at + drawn.size] = item;
        drawn.add(item);
      }
    },
  };
}
