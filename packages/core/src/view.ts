import type { Gram, GramSet } from "./gram.js";

/**
 * A reader of groups as problems of the tasks that take part. With `reuse` its arrays are overwritten by the next call
 * that asks for as many tasks: rows come by the ten thousand, and short-lived arrays would cost more than the methods.
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
  const indices = new Map<number, readonly number[]>();
  const buffers: { norms: Float64Array; cosines: Float64Array }[] = [];
  const allocate = (size: number) => ({
    norms: new Float64Array(size),
    cosines: new Float64Array(detail ? size * size : 0),
  });

  function participants(base: number): readonly number[] {
    if (zeros === "keep") return all;
    let mask = 0;
    let size = 0;
    for (let a = 0; a < count; a++) {
      if ((norms[base + (all[a] as number)] as number) > 0) {
        mask |= 1 << a;
        size++;
      }
    }
    if (size === count) return all;
    const held = count < 32 ? indices.get(mask) : undefined;
    if (held !== undefined) return held;
    const index = all.filter((i) => (norms[base + i] as number) > 0);
    if (count < 32) indices.set(mask, index);
    return index;
  }

  return (group, reuse) => {
    const base = group * tasks;
    const index = participants(base);
    const size = index.length;
    const { norms: n, cosines: c } = reuse ? (buffers[size] ??= allocate(size)) : allocate(size);
    for (let a = 0; a < size; a++) {
      const i = index[a] as number;
      n[a] = norms[base + i] as number;
      if (!detail) continue;
      const row = (base + i) * tasks;
      for (let b = 0; b < size; b++) c[a * size + b] = cosines[row + (index[b] as number)] as number;
    }
    return { size, index, target: index.indexOf(target), count, norms: n, cosines: c };
  };
}
