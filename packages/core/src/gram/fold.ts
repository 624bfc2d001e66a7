import type { GramSet, Granularity, GroupMixing } from "../gradients.js";
import { coarseBlocks, parents } from "./groups.js";
import { mixRows } from "./mix-rows.js";
import { allocateGramSet, unitRows } from "./unit.js";

/**
 * The Grams at a coarser granularity, after each group's rows were mixed: Σ over the groups C G Cᵀ. Without `mixing`
 * it adds the Grams up: partial Grams of shards, or tables' rows into whole models.
 */
export function foldGrams(set: GramSet, granularity: Granularity, mixing?: GroupMixing): GramSet {
  if (mixing === undefined && granularity === set.granularity) return set;
  const { tasks } = set;
  const detail = set.cosines.length > 0 ? "gram" : "norms";
  const rows = mixing === undefined ? set : mixRows(set, mixing);
  if (granularity === set.granularity) return rows;
  const parent = parents(set, granularity);
  const out = allocateGramSet(granularity, tasks, set.present, coarseBlocks(set, granularity), detail);
  const scale = new Float64Array(out.size * tasks);
  for (let g = 0; g < set.size; g++) {
    for (let i = 0; i < tasks; i++) {
      const at = (parent[g] as number) * tasks + i;
      scale[at] = Math.max(scale[at] as number, rows.norms[g * tasks + i] as number);
    }
  }
  const raw = new Float64Array(out.size * tasks * tasks);
  for (let g = 0; g < set.size; g++) {
    const p = parent[g] as number;
    for (let i = 0; i < tasks; i++) {
      const si = scale[p * tasks + i] as number;
      const a = si > 0 ? (rows.norms[g * tasks + i] as number) / si : 0;
      if (a === 0) continue;
      for (let j = detail === "gram" ? 0 : i; j <= i; j++) {
        const sj = scale[p * tasks + j] as number;
        const b = sj > 0 ? (rows.norms[g * tasks + j] as number) / sj : 0;
        const c = i === j ? 1 : (rows.cosines[(g * tasks + i) * tasks + j] as number);
        const at = (p * tasks + i) * tasks + j;
        raw[at] = (raw[at] as number) + a * b * c;
      }
    }
  }
  for (let p = 0; p < out.size; p++) {
    unitRows(raw, tasks, p, out, p * tasks * tasks);
    for (let i = 0; i < tasks; i++) {
      const at = p * tasks + i;
      out.norms[at] = (out.norms[at] as number) * (scale[at] as number);
    }
  }
  return out;
}
