import type {
  Accumulators,
  ApartRows,
  Corrections,
  Kernels,
  OptimizedRows,
  TaskWeights,
  TouchedRows,
} from "../contract.js";
import { catchUp } from "./catch-up.js";
import { type Constants, updateRow } from "./update.js";

const f = Math.fround;

type OptimizerKernels = Pick<
  Kernels,
  "configure" | "correct" | "applyApart" | "applyTasks" | "applyValues" | "catchUp"
>;

export function optimizerKernels(): OptimizerKernels {
  const constants: Constants = {
    kind: "sgd",
    decay: 0,
    keep: 1,
    rate: 0,
    beta1c: 0,
    beta2: 0,
    beta2c: 0,
    epsilon: 0,
    momentum: 0,
    stepSize: 0,
    root: 0,
  };
  return {
    configure(h) {
      constants.kind = h.kind;
      constants.decay = f(h.decay);
      constants.keep = f(h.keep);
      constants.rate = f(h.rate);
      constants.beta1c = f(1 - h.beta1);
      constants.beta2 = f(h.beta2);
      constants.beta2c = f(1 - h.beta2);
      constants.epsilon = f(h.epsilon);
      constants.momentum = f(h.momentum);
    },
    correct(stepSize, root) {
      constants.stepSize = f(stepSize);
      constants.root = f(root);
    },
    applyApart: (rows, touched, of, weights, by) => applyApart(constants, rows, touched, of, weights, by),
    applyTasks(rows, touched, of, by, buffer, bound = Infinity) {
      applyTasks(constants, rows, touched, of, by, buffer, f(bound));
    },
    applyValues(rows, { slotIds, used, order }, values, scale = 1, bound = Infinity) {
      const { dim } = rows;
      const cut = bound !== Infinity;
      for (let k = 0; k < used; k++) {
        const slot = order === null ? k : (order[k] as number);
        const at = (slotIds[slot] as number) * dim;
        if (cut) limit(values, k * dim, values, k * dim, f(scale), f(bound), dim);
        updateRow(constants, rows, at, values, k * dim, cut ? 1 : f(scale));
      }
    },
    catchUp: (rows, lag, ids, count, buffer) => catchUp(constants, rows, lag, ids, count, buffer),
  };
}

function applyApart(
  constants: Constants,
  rows: ApartRows,
  { slotIds, used, order }: TouchedRows,
  { positions, tasks, sums }: Accumulators,
  weights: Float32Array,
  { sizes, roots, last }: Corrections,
): void {
  const { dim, counts } = rows;
  const own = { ...constants };
  for (let k = 0; k < used; k++) {
    const slot = order === null ? k : (order[k] as number);
    const id = slotIds[slot] as number;
    own.keep = constants.keep;
    for (let i = 0; i < tasks; i++) {
      const place = positions[slot * tasks + i] as number;
      if (place < 0) continue;
      const set = id * tasks + i;
      const step = (counts[set] as number) + 1;
      counts[set] = step;
      own.stepSize = f(constants.rate * (sizes[Math.min(step, last)] as number));
      own.root = roots[Math.min(step, last)] as number;
      updateRow(own, rows, id * dim, sums[i] as Float32Array, place * dim, weights[i] as number, set * dim);
      own.keep = 1;
    }
  }
}

function applyTasks(
  constants: Constants,
  rows: OptimizedRows,
  { slotIds, used, order }: TouchedRows,
  { positions, tasks, sums }: Accumulators,
  { weights, perRow }: TaskWeights,
  buffer: Float32Array,
  bound: number,
): void {
  const { dim } = rows;
  for (let k = 0; k < used; k++) {
    const slot = order === null ? k : (order[k] as number);
    const base = perRow ? k * tasks : 0;
    let source: Float32Array | null = null;
    let from = 0;
    let scale = 0;
    for (let i = 0; i < tasks; i++) {
      const place = positions[slot * tasks + i] as number;
      if (place < 0) continue;
      const next = sums[i] as Float32Array;
      const weight = weights[base + i] as number;
      if (source === null) {
        source = next;
        from = place * dim;
        scale = weight;
        continue;
      }
      if (source !== buffer) {
        for (let c = 0; c < dim; c++) buffer[c] = scale * (source[from + c] as number);
        source = buffer;
        from = 0;
        scale = 1;
      }
      for (let c = 0; c < dim; c++) buffer[c] = (buffer[c] as number) + f(weight * (next[place * dim + c] as number));
    }
    if (source === null) continue;
    if (bound !== Infinity) {
      limit(buffer, 0, source, from, scale, bound, dim);
      source = buffer;
      from = 0;
      scale = 1;
    }
    updateRow(constants, rows, (slotIds[slot] as number) * dim, source, from, scale);
  }
}

/** `scale` times a row, each coordinate within ± `bound`. */
function limit(
  to: Float32Array,
  at: number,
  row: Float32Array,
  from: number,
  scale: number,
  bound: number,
  dim: number,
): void {
  for (let c = 0; c < dim; c++) {
    const x = f(scale * (row[from + c] as number));
    to[at + c] = x > bound ? bound : x < -bound ? -bound : x;
  }
}
