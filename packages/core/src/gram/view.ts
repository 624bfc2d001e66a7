import type { GramSet } from "../gradients.js";
import type { Gram } from "./problem.js";

/**
 * A reader of groups as problems of the tasks that take part. With `reuse` what it returns is overwritten by a later
 * call: rows come by the ten thousand, and short-lived objects would cost more than the methods.
 */
export function groupView(
  set: GramSet,
  target: number,
  zeros: "drop" | "keep",
): (group: number, reuse: boolean) => Gram {
  const { tasks, present, norms, cosines } = set;
  const all = present.flatMap((here, i) => (here ? [i] : []));
  const count = all.length;
  const detail = cosines.length > 0;
  const allocate = (index: readonly number[]): Gram => {
    const size = index.length;
    return {
      size,
      index,
      target: index.indexOf(target),
      count,
      norms: new Float64Array(size),
      cosines: new Float64Array(detail ? size * size : 0),
    };
  };
  const whole = allocate(all);
  /** By the bits of those that take part. */
  const grams = new Map<number, Gram>();

  function problem(base: number, reuse: boolean): Gram {
    let size = count;
    let mask = 0;
    if (zeros === "drop") {
      size = 0;
      for (let a = 0; a < count; a++) {
        if ((norms[base + (all[a] as number)] as number) > 0) {
          mask |= 1 << a;
          size++;
        }
      }
    }
    if (size === count) return reuse ? whole : allocate(all);
    const held = reuse && count < 32 ? grams.get(mask) : undefined;
    if (held !== undefined) return held;
    const gram = allocate(all.filter((i) => (norms[base + i] as number) > 0));
    if (reuse && count < 32) grams.set(mask, gram);
    return gram;
  }

  return (group, reuse) => {
    const base = group * tasks;
    const gram = problem(base, reuse);
    const { size, index, norms: n, cosines: c } = gram;
    for (let a = 0; a < size; a++) {
      const i = index[a] as number;
      n[a] = norms[base + i] as number;
      if (!detail) continue;
      const row = (base + i) * tasks;
      for (let b = 0; b < size; b++) c[a * size + b] = cosines[row + (index[b] as number)] as number;
    }
    return gram;
  };
}
