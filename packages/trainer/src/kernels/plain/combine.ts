import type { Kernels } from "../contract.js";

/* The twin of assembly/combine.ts: the same float operations in the same order. */

const f = Math.fround;

export const combineKernels: Pick<Kernels, "combine" | "finite"> = {
  combine({ positions, tasks, sums, used, dim }, { weights, perRow }, order, places, out) {
    for (let k = 0; k < used; k++) {
      const slot = order === null ? k : (order[k] as number);
      const to = (places === null ? slot : (places[slot] as number)) * dim;
      let fresh = true;
      for (let i = 0; i < tasks; i++) {
        const place = positions[slot * tasks + i] as number;
        if (place < 0) continue;
        const from = sums[i] as Float32Array;
        const weight = weights[(perRow ? k * tasks : 0) + i] as number;
        for (let c = 0; c < dim; c++) {
          const x = f(weight * (from[place * dim + c] as number));
          out[to + c] = fresh ? x : (out[to + c] as number) + x;
        }
        fresh = false;
      }
      if (fresh) out.fill(0, to, to + dim);
    }
  },
  finite(x, length) {
    for (let k = 0; k < length; k++) if (!Number.isFinite(x[k])) return false;
    return true;
  },
};
