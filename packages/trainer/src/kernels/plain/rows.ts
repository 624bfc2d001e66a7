import type { Kernels } from "../contract.js";

/* The twins of assembly/rows.ts and assembly/gram.ts: the same float operations in the same order. */

/** to[at …] = scale × from, or += where the row is not new; false if a sum is not finite. Float32Arrays round on store. */
function accumulateRow(
  to: Float32Array,
  at: number,
  from: Float32Array,
  start: number,
  dim: number,
  scale: number,
  fresh: boolean,
): boolean {
  let bad = 0;
  for (let c = 0; c < dim; c++) {
    const x = Math.fround(scale * (from[start + c] as number));
    const s = fresh ? x : Math.fround((to[at + c] as number) + x);
    to[at + c] = s;
    bad += s - s;
  }
  return bad === 0;
}

export const rowKernels: Pick<
  Kernels,
  "gather" | "gatherPooled" | "scatter" | "scatterPooled" | "gram" | "rowNorms" | "expand"
> = {
  gather(table, ids, count, dim, out) {
    for (let k = 0; k < count; k++) {
      const from = (ids[k] as number) * dim;
      const to = k * dim;
      for (let c = 0; c < dim; c++) out[to + c] = table[from + c] as number;
    }
  },
  gatherPooled(table, ids, offsets, count, dim, mean, out) {
    for (let r = 0; r < count; r++) {
      const start = offsets[r] as number;
      const end = offsets[r + 1] as number;
      const scale = mean ? Math.fround(1 / (end - start)) : 1;
      const to = r * dim;
      out.fill(0, to, to + dim);
      for (let o = start; o < end; o++) accumulateRow(out, to, table, (ids[o] as number) * dim, dim, scale, false);
    }
  },
  scatter(gradient, slots, count, dim, positions, tasks, task, accumulator, used, scale) {
    const factor = Math.fround(scale);
    let finite = true;
    for (let k = 0; k < count; k++) {
      const cell = (slots[k] as number) * tasks + task;
      let place = positions[cell] as number;
      const fresh = place < 0;
      if (fresh) {
        place = used++;
        positions[cell] = place;
      }
      if (!accumulateRow(accumulator, place * dim, gradient, k * dim, dim, factor, fresh)) finite = false;
    }
    return finite ? used : -1;
  },
  scatterPooled(gradient, slots, offsets, count, dim, mean, positions, tasks, task, accumulator, used, scale) {
    let finite = true;
    for (let r = 0; r < count; r++) {
      const start = offsets[r] as number;
      const end = offsets[r + 1] as number;
      const factor = mean ? Math.fround(Math.fround(scale) / (end - start)) : Math.fround(scale);
      for (let o = start; o < end; o++) {
        const cell = (slots[o] as number) * tasks + task;
        let place = positions[cell] as number;
        const fresh = place < 0;
        if (fresh) {
          place = used++;
          positions[cell] = place;
        }
        if (!accumulateRow(accumulator, place * dim, gradient, r * dim, dim, factor, fresh)) finite = false;
      }
    }
    return finite ? used : -1;
  },
  gram(positions, used, tasks, accumulators, dim, normsOnly, ranks, perRow, out) {
    for (let slot = 0; slot < used; slot++) {
      const rank = ranks === null ? slot : (ranks[slot] as number);
      const base = perRow ? rank * tasks * tasks : 0;
      for (let i = 0; i < tasks; i++) {
        const pi = positions[slot * tasks + i] as number;
        if (pi < 0) continue;
        const a = accumulators[i] as Float32Array;
        for (let j = normsOnly ? i : 0; j <= i; j++) {
          const pj = positions[slot * tasks + j] as number;
          if (pj < 0) continue;
          const cell = base + i * tasks + j;
          out[cell] = (out[cell] as number) + dot(a, pi * dim, accumulators[j] as Float32Array, pj * dim, dim);
        }
      }
    }
  },
  rowNorms(positions, used, tasks, accumulators, dim, ranks, out) {
    for (let slot = 0; slot < used; slot++) {
      const rank = ranks === null ? slot : (ranks[slot] as number);
      for (let i = 0; i < tasks; i++) {
        const place = positions[slot * tasks + i] as number;
        const a = accumulators[i] as Float32Array;
        out[rank * tasks + i] = place < 0 ? 0 : Math.sqrt(dot(a, place * dim, a, place * dim, dim));
      }
    }
  },
  expand(positions, tasks, task, used, accumulator, dim, order, out) {
    for (let k = 0; k < used; k++) {
      const slot = order === null ? k : (order[k] as number);
      const place = positions[slot * tasks + task] as number;
      for (let c = 0; c < dim; c++) out[k * dim + c] = place < 0 ? 0 : (accumulator[place * dim + c] as number);
    }
  },
};

/** The kernel's order of summation: two pairs of sums, s and t, for every other vector of four. */
function dot(a: Float32Array, ia: number, b: Float32Array, ib: number, dim: number): number {
  let s0 = 0;
  let s1 = 0;
  let t0 = 0;
  let t1 = 0;
  for (let c = 0; c < dim; c += 4) {
    const odd = (c & 4) !== 0 || c + 4 > dim;
    let x = odd ? t0 : s0;
    let y = odd ? t1 : s1;
    const product = (lane: number): number =>
      c + lane < dim ? (a[ia + c + lane] as number) * (b[ib + c + lane] as number) : 0;
    x = x + product(0) + product(2);
    y = y + product(1) + product(3);
    if (odd) {
      t0 = x;
      t1 = y;
    } else {
      s0 = x;
      s1 = y;
    }
  }
  return s0 + t0 + (s1 + t1);
}
