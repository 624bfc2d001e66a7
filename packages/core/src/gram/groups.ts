import { GradpoolError } from "../errors.js";
import type { GramSet, Granularity, GroupBlock } from "../gradients.js";

const fineness: Record<Granularity, number> = { model: 0, parameter: 1, row: 2 };

/** The finest of some granularities. */
export function finest(granularities: readonly Granularity[]): Granularity {
  return granularities.reduce((best, next) => (fineness[next] > fineness[best] ? next : best), "model");
}

/** For each group of `set`, the group of the coarser `granularity` that holds it. */
export function parents(set: GramSet, granularity: Granularity): Int32Array {
  const parent = new Int32Array(set.size);
  if (granularity === set.granularity) return parent.map((_, g) => g);
  if (fineness[granularity] > fineness[set.granularity]) {
    throw new GradpoolError({
      code: "unsupported",
      what: `a Gram per ${set.granularity} cannot be split per ${granularity}`,
      where: "gram",
      remedy: `ask for the Gram per ${granularity}`,
    });
  }
  if (granularity === "model") return parent;
  let group = 0;
  set.blocks.forEach((block, b) => {
    parent.fill(b, group, group + block.count);
    group += block.count;
  });
  return parent;
}

/** The blocks of the groups that a coarser granularity leaves. */
export function coarseBlocks(set: GramSet, granularity: Granularity): readonly GroupBlock[] {
  if (granularity === set.granularity) return set.blocks;
  if (granularity === "model") return [{ parameter: null, count: 1 }];
  return set.blocks.map(({ parameter }) => ({ parameter, count: 1 }));
}
