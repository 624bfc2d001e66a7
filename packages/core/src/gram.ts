import { GradpoolError } from "./errors.js";
import type { Granularity, GroupMixing } from "./pool.js";

/** Groups that belong together: one parameter (or the whole model, `parameter: null`). */
export interface GroupBlock {
  readonly parameter: string | null;
  /** Row granularity, tables only: the row id of each group. */
  readonly ids?: Int32Array;
  readonly count: number;
}

/**
 * The Gram matrices of all groups of one granularity, in unit-row form: G[i,j] = nᵢ nⱼ c[i,j]. Norms and cosines keep
 * their accuracy where G itself would square the ratio of the row scales.
 */
export interface GramSet {
  readonly granularity: Granularity;
  /** T. */
  readonly tasks: number;
  readonly present: readonly boolean[];
  readonly blocks: readonly GroupBlock[];
  /** Number of groups: the sum of the blocks' counts. */
  readonly size: number;
  /** size × T. */
  readonly norms: Float64Array;
  /** size × T × T; 1 on the diagonal, 0 in the row and column of a zero gradient. Empty when only norms were asked for. */
  readonly cosines: Float64Array;
}

/** One group's problem, over the tasks that take part in it. */
export interface Gram {
  /** Number of tasks that take part. */
  readonly size: number;
  /** Their places among all T tasks, ascending. */
  readonly index: readonly number[];
  /** Position of the target among them, or -1 if it takes no part. */
  readonly target: number;
  /** Tasks present in the step, zero gradients included: the T of a mean over tasks. */
  readonly count: number;
  /** size. */
  readonly norms: Float64Array;
  /** size × size; empty for a pool that needs norms only. */
  readonly cosines: Float64Array;
}

/** ⟨gᵢ, gⱼ⟩. */
export function inner(gram: Gram, i: number, j: number): number {
  return (gram.norms[i] as number) * (gram.norms[j] as number) * (gram.cosines[i * gram.size + j] as number);
}

/**
 * Norms and cosines from a raw Gram matrix (T × T, row-major), written into `norms` and `cosines` at group `group`.
 * Returns false if a diagonal entry is not a normal number, so that the caller can scale and try again.
 */
export function unitRows(raw: ArrayLike<number>, tasks: number, group: number, set: GramSet): boolean {
  const { norms, cosines } = set;
  let safe = true;
  for (let i = 0; i < tasks; i++) {
    const square = raw[i * tasks + i] as number;
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
      const cosine = scale > 0 ? Math.max(-1, Math.min(1, (raw[i * tasks + j] as number) / scale)) : 0;
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

function coarseBlocks(set: GramSet, granularity: Granularity): readonly GroupBlock[] {
  if (granularity === set.granularity) return set.blocks;
  if (granularity === "model") return [{ parameter: null, count: 1 }];
  return set.blocks.map(({ parameter }) => ({ parameter, count: 1 }));
}

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
    unitRows(raw.subarray(p * tasks * tasks, (p + 1) * tasks * tasks), tasks, p, out);
    for (let i = 0; i < tasks; i++) {
      const at = p * tasks + i;
      out.norms[at] = (out.norms[at] as number) * (scale[at] as number);
    }
  }
  return out;
}

/** Norms and cosines of the rows Σⱼ C[i,j] gⱼ of every group. */
function mixRows(set: GramSet, mixing: GroupMixing): GramSet {
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
