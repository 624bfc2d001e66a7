import type { FloatArray, GramSet, Granularity, GroupBlock } from "../gradients.js";
import { accumulateGram, largest } from "../gram/accumulate.js";
import { allocateGramSet, unitRows } from "../gram/unit.js";
import { blocksOf, type Stored } from "./stored.js";

/** Norms and cosines per parameter or row, in one pass over the coordinates. */
export function computeGram(
  stored: readonly Stored[],
  tasks: number,
  present: readonly boolean[],
  granularity: Granularity,
  detail: "norms" | "gram",
): GramSet {
  const blocks = blocksOf(stored, granularity);
  const set = allocateGramSet(granularity, tasks, present, blocks, detail);
  const raw = new Float64Array(tasks * tasks);
  const everybody = present.every(Boolean);
  let group = 0;
  stored.forEach(({ info, values }, k) => {
    const count = (blocks[k] as GroupBlock).count;
    const width = count === 0 ? 0 : info.size / count;
    const nothing = new Float64Array(everybody ? 0 : info.size);
    const rows = everybody ? values : values.map((row, i) => (present[i] === true ? row : nothing));
    for (let g = 0; g < count; g++, group++) {
      const start = g * width;
      const end = start + width;
      raw.fill(0);
      accumulateGram(rows, start, end, raw, detail === "norms");
      if (!unitRows(raw, tasks, group, set) || underflows(rows, start, end, group, set)) {
        scaledGram(rows, start, end, group, set);
      }
    }
  });
  return set;
}

/** True if a row whose squares add up to 0 is not a zero row. */
function underflows(rows: readonly FloatArray[], start: number, end: number, group: number, set: GramSet): boolean {
  for (let i = 0; i < rows.length; i++) {
    if (set.norms[group * rows.length + i] === 0 && largest(rows[i] as FloatArray, start, end) > 0) return true;
  }
  return false;
}

/** The Gram of a group whose squares overflow, underflow or are not finite: each row is divided by its largest entry. */
function scaledGram(values: readonly FloatArray[], start: number, end: number, group: number, set: GramSet): void {
  const tasks = values.length;
  const scale = values.map((row) => largest(row, start, end));
  const rows = values.map((row, task) => {
    const most = scale[task] as number;
    const usable = most > 0 && most < Infinity;
    return Float64Array.from(row.subarray(start, end), (x) => (usable ? x / most : 0));
  });
  const raw = new Float64Array(tasks * tasks);
  accumulateGram(rows, 0, end - start, raw, set.cosines.length === 0);
  unitRows(raw, tasks, group, set);
  for (let i = 0; i < tasks; i++) {
    const at = group * tasks + i;
    const most = scale[i] as number;
    set.norms[at] = Number.isFinite(most) ? (set.norms[at] as number) * most : most;
  }
}
