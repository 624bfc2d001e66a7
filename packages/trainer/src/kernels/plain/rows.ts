import type { Kernels } from "../contract.js";

/* The twins of assembly/rows.ts: the same float operations in the same order. */

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

/** to[at …] += scale × from, in float64. */
function addWide(to: Float64Array, at: number, from: Float32Array, start: number, dim: number, scale: number): void {
  for (let c = 0; c < dim; c++) to[at + c] = (to[at + c] as number) + scale * (from[start + c] as number);
}

/** What an entry's gradient is multiplied by. */
const weighed = (each: number, weights: Float32Array | undefined, entry: number): number =>
  weights === undefined ? each : Math.fround(each * (weights[entry] as number));

/** Rows that a pooled lookup adds up in float32; a longer one is added up in float64. */
const mostPooledInFloat32 = 1024;

type RowKernels = Pick<
  Kernels,
  "gather" | "gatherPooled" | "addPooled" | "scatter" | "scatterPooled" | "scatterWide" | "tally" | "expand"
>;

export const rowKernels: RowKernels = {
  gather(table, ids, count, dim, out) {
    for (let k = 0; k < count; k++) {
      const from = (ids[k] as number) * dim;
      const to = k * dim;
      for (let c = 0; c < dim; c++) out[to + c] = table[from + c] as number;
    }
  },
  gatherPooled(table, ids, { offsets, mean }, count, dim, out) {
    for (let r = 0; r < count; r++) {
      const start = offsets[r] as number;
      const end = offsets[r + 1] as number;
      const scale = mean ? Math.fround(1 / (end - start)) : 1;
      const to = r * dim;
      if (end - start > mostPooledInFloat32) {
        for (let c = 0; c < dim; c++) {
          let sum = 0;
          for (let o = start; o < end; o++) sum += table[(ids[o] as number) * dim + c] as number;
          out[to + c] = scale * sum;
        }
        continue;
      }
      out.fill(0, to, to + dim);
      for (let o = start; o < end; o++) accumulateRow(out, to, table, (ids[o] as number) * dim, dim, scale, false);
    }
  },
  addPooled(table, ids, { offsets, weights }, count, dim, out) {
    const of = weights as Float32Array;
    for (let r = 0; r < count; r++) {
      const start = offsets[r] as number;
      const end = offsets[r + 1] as number;
      const to = r * dim;
      if (end - start > mostPooledInFloat32) {
        for (let c = 0; c < dim; c++) {
          let sum = out[to + c] as number;
          for (let o = start; o < end; o++) sum += (of[o] as number) * (table[(ids[o] as number) * dim + c] as number);
          out[to + c] = sum;
        }
        continue;
      }
      for (let o = start; o < end; o++)
        accumulateRow(out, to, table, (ids[o] as number) * dim, dim, of[o] as number, false);
    }
  },
  scatter({ gradient, slots, count, dim, scale }, { positions, tasks, task, sum, used: held }) {
    const factor = Math.fround(scale);
    let used = held;
    let finite = true;
    for (let k = 0; k < count; k++) {
      const cell = (slots[k] as number) * tasks + task;
      let place = positions[cell] as number;
      const fresh = place < 0;
      if (fresh) {
        place = used++;
        positions[cell] = place;
      }
      if (!accumulateRow(sum, place * dim, gradient, k * dim, dim, factor, fresh)) finite = false;
    }
    return finite ? used : -1;
  },
  scatterPooled(
    { gradient, slots, count, dim, scale },
    { offsets, mean, weights },
    { positions, tasks, task, sum, used: held },
  ) {
    let used = held;
    let finite = true;
    for (let r = 0; r < count; r++) {
      const start = offsets[r] as number;
      const end = offsets[r + 1] as number;
      const each = mean ? Math.fround(Math.fround(scale) / (end - start)) : Math.fround(scale);
      for (let o = start; o < end; o++) {
        const factor = weighed(each, weights, o);
        const cell = (slots[o] as number) * tasks + task;
        let place = positions[cell] as number;
        const fresh = place < 0;
        if (fresh) {
          place = used++;
          positions[cell] = place;
        }
        if (!accumulateRow(sum, place * dim, gradient, r * dim, dim, factor, fresh)) finite = false;
      }
    }
    return finite ? used : -1;
  },
  tally(slots, count, counts) {
    let most = 0;
    for (let k = 0; k < count; k++) {
      const slot = slots[k] as number;
      const next = (counts[slot] as number) + 1;
      counts[slot] = next;
      most = Math.max(most, next);
    }
    return most;
  },
  scatterWide({ gradient, slots, count, dim, scale }, pooling, { positions, tasks, task, sum, used: held }, wide) {
    let used = held;
    let finite = true;
    for (let r = 0; r < count; r++) {
      const start = pooling === null ? r : (pooling.offsets[r] as number);
      const end = pooling === null ? r + 1 : (pooling.offsets[r + 1] as number);
      const each = pooling?.mean ? Math.fround(Math.fround(scale) / (end - start)) : Math.fround(scale);
      for (let o = start; o < end; o++) {
        const factor = weighed(each, pooling?.weights, o);
        const slot = slots[o] as number;
        const cell = slot * tasks + task;
        let place = positions[cell] as number;
        const fresh = place < 0;
        if (fresh) {
          place = used++;
          positions[cell] = place;
        }
        const row = wide.places[slot] as number;
        if (row >= 0) addWide(wide.sums, row * dim, gradient, r * dim, dim, factor);
        else if (!accumulateRow(sum, place * dim, gradient, r * dim, dim, factor, fresh)) finite = false;
      }
    }
    return finite ? used : -1;
  },
  expand({ positions, tasks, sums, used, dim }, task, order, out) {
    const sum = sums[task] as Float32Array;
    for (let k = 0; k < used; k++) {
      const slot = order === null ? k : (order[k] as number);
      const place = positions[slot * tasks + task] as number;
      for (let c = 0; c < dim; c++) out[k * dim + c] = place < 0 ? 0 : (sum[place * dim + c] as number);
    }
  },
};
