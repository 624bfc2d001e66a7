import type { Kernels } from "../contract.js";

/* The twin of assembly/gram.ts: the same float operations in the same order. */

export const gramKernels: Pick<Kernels, "gram" | "rowNorms"> = {
  gram({ positions, tasks, sums, used, dim }, { normsOnly, ranks }, out) {
    for (let slot = 0; slot < used; slot++) {
      const base = ranks === null ? 0 : (ranks[slot] as number) * tasks * tasks;
      for (let i = 0; i < tasks; i++) {
        const pi = positions[slot * tasks + i] as number;
        if (pi < 0) continue;
        const a = sums[i] as Float32Array;
        for (let j = normsOnly ? i : 0; j <= i; j++) {
          const pj = positions[slot * tasks + j] as number;
          if (pj < 0) continue;
          const cell = base + i * tasks + j;
          out[cell] = (out[cell] as number) + dot(a, pi * dim, sums[j] as Float32Array, pj * dim, dim);
        }
      }
    }
  },
  rowNorms({ positions, tasks, sums, used, dim }, ranks, out) {
    for (let slot = 0; slot < used; slot++) {
      const rank = ranks === null ? slot : (ranks[slot] as number);
      for (let i = 0; i < tasks; i++) {
        const place = positions[slot * tasks + i] as number;
        const a = sums[i] as Float32Array;
        out[rank * tasks + i] = place < 0 ? 0 : Math.sqrt(dot(a, place * dim, a, place * dim, dim));
      }
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
