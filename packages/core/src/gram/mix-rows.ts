import { GradpoolError } from "../errors.js";
import type { GramSet, GroupMixing } from "../gradients.js";
import { unitRows } from "./unit.js";

/** Norms and cosines of the rows Σⱼ C[i,j] gⱼ of every group. */
export function mixRows(set: GramSet, mixing: GroupMixing): GramSet {
  const { tasks, size } = set;
  const out = { ...set, norms: new Float64Array(set.norms.length), cosines: set.cosines.slice() };
  if (mixing.diagonal) {
    for (let k = 0; k < size * tasks; k++)
      out.norms[k] = Math.abs(mixing.matrices[k] as number) * (set.norms[k] as number);
    for (let k = 0; k < set.cosines.length; k++) {
      const row = Math.floor(k / tasks);
      const column = row - (row % tasks) + (k % tasks);
      const sign = Math.sign(mixing.matrices[row] as number) * Math.sign(mixing.matrices[column] as number);
      out.cosines[k] = (set.cosines[k] as number) * sign;
    }
    return out;
  }
  if (set.cosines.length === 0) {
    throw new GradpoolError({
      code: "unsupported",
      what: "rows cannot be mixed with norms alone",
      where: "gram",
      remedy: 'ask for the Gram with detail "gram"',
    });
  }
  const k = new Float64Array(tasks * tasks);
  const raw = new Float64Array(tasks * tasks);
  const scale = new Float64Array(tasks);
  for (let g = 0; g < size; g++) {
    const base = g * tasks * tasks;
    for (let i = 0; i < tasks; i++) {
      let most = 0;
      for (let j = 0; j < tasks; j++) {
        const at = i * tasks + j;
        const value = (mixing.matrices[base + at] as number) * (set.norms[g * tasks + j] as number);
        k[at] = value;
        most = Math.max(most, Math.abs(value));
      }
      scale[i] = most;
      if (most > 0) for (let j = 0; j < tasks; j++) k[i * tasks + j] = (k[i * tasks + j] as number) / most;
    }
    for (let i = 0; i < tasks; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let a = 0; a < tasks; a++) {
          const kia = k[i * tasks + a] as number;
          if (kia === 0) continue;
          let row = 0;
          for (let b = 0; b < tasks; b++)
            row += (k[j * tasks + b] as number) * (set.cosines[base + a * tasks + b] as number);
          sum += kia * row;
        }
        raw[i * tasks + j] = i === j ? Math.max(0, sum) : sum;
      }
    }
    unitRows(raw, tasks, g, out);
    for (let i = 0; i < tasks; i++)
      out.norms[g * tasks + i] = (out.norms[g * tasks + i] as number) * (scale[i] as number);
  }
  return out;
}
