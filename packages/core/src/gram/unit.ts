import type { GramSet, Granularity, GroupBlock } from "../gradients.js";

/**
 * Norms and cosines from a raw Gram matrix (T × T, row-major, of which the lower triangle is read; it begins at `from`),
 * written into the group of a set; cosines only where the set has room for them. Returns false if a diagonal entry is not
 * a normal number, so that the caller can scale and try again.
 */
export function unitRows(raw: ArrayLike<number>, tasks: number, group: number, set: GramSet, from = 0): boolean {
  const { norms, cosines } = set;
  let safe = true;
  for (let i = 0; i < tasks; i++) {
    const square = raw[from + i * tasks + i] as number;
    if (!(square < 1e300) || (square !== 0 && square < 1e-290)) safe = false;
    norms[group * tasks + i] = Math.sqrt(square);
  }
  if (cosines.length === 0) return safe;
  const base = group * tasks * tasks;
  for (let i = 0; i < tasks; i++) {
    const ni = norms[group * tasks + i] as number;
    cosines[base + i * tasks + i] = ni > 0 ? 1 : 0;
    for (let j = 0; j < i; j++) {
      const scale = ni * (norms[group * tasks + j] as number);
      const cosine = scale > 0 ? Math.max(-1, Math.min(1, (raw[from + i * tasks + j] as number) / scale)) : 0;
      cosines[base + i * tasks + j] = cosine;
      cosines[base + j * tasks + i] = cosine;
    }
  }
  return safe;
}

/** An empty set with the same blocks, to be filled. */
export function allocateGramSet(
  granularity: Granularity,
  tasks: number,
  present: readonly boolean[],
  blocks: readonly GroupBlock[],
  detail: "norms" | "gram",
): GramSet {
  const size = blocks.reduce((sum, block) => sum + block.count, 0);
  return {
    granularity,
    tasks,
    present,
    blocks,
    size,
    norms: new Float64Array(size * tasks),
    cosines: new Float64Array(detail === "gram" ? size * tasks * tasks : 0),
  };
}
