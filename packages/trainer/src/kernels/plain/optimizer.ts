import type { Hyperparameters, Kernels } from "../contract.js";

/* The twin of assembly/optimizer.ts: float32 operations through Math.fround, in the same order. */

const f = Math.fround;
const none = new Float32Array(0);

type OptimizerKernels = Pick<Kernels, "configure" | "correct" | "applyTasks" | "applyValues" | "catchUp">;

export function optimizerKernels(): OptimizerKernels {
  let kind: Hyperparameters["kind"] = "sgd";
  let decay = 0;
  let keep = 1;
  let rate = 0;
  let beta1c = 0;
  let beta2 = 0;
  let beta2c = 0;
  let epsilon = 0;
  let momentum = 0;
  let stepSize = 0;
  let root = 0;

  function updateRow(
    w: Float32Array,
    first: Float32Array,
    second: Float32Array,
    at: number,
    g: Float32Array,
    from: number,
    scale: number,
    dim: number,
  ): void {
    for (let c = 0; c < dim; c++) {
      const p = at + c;
      const weight = w[p] as number;
      let x = f(f(scale * (g[from + c] as number)) + f(decay * weight));
      let move: number;
      if (kind === "adam") {
        const m = first[p] as number;
        const m1 = f(m + f(beta1c * f(x - m)));
        first[p] = m1;
        const v1 = f(f(beta2 * (second[p] as number)) + f(beta2c * f(x * x)));
        second[p] = v1;
        move = f(f(stepSize * m1) / f(f(f(Math.sqrt(v1)) * root) + epsilon));
      } else if (kind === "adagrad") {
        const sum = f((first[p] as number) + f(x * x));
        first[p] = sum;
        move = f(f(rate * x) / f(f(Math.sqrt(sum)) + epsilon));
      } else {
        if (momentum !== 0) {
          x = f(f(momentum * (first[p] as number)) + x);
          first[p] = x;
        }
        move = f(rate * x);
      }
      w[p] = f(f(keep * weight) - move);
    }
  }

  return {
    configure(h) {
      kind = h.kind;
      decay = f(h.decay);
      keep = f(h.keep);
      rate = f(h.rate);
      beta1c = f(1 - h.beta1);
      beta2 = f(h.beta2);
      beta2c = f(1 - h.beta2);
      epsilon = f(h.epsilon);
      momentum = f(h.momentum);
    },
    correct(stepSize_, root_) {
      stepSize = f(stepSize_);
      root = f(root_);
    },
    applyTasks(
      table,
      first,
      second,
      slotIds,
      used,
      order,
      positions,
      tasks,
      accumulators,
      weights,
      perRow,
      dim,
      buffer,
    ) {
      for (let k = 0; k < used; k++) {
        const slot = order === null ? k : (order[k] as number);
        const base = perRow ? k * tasks : 0;
        let source: Float32Array | null = null;
        let from = 0;
        let scale = 0;
        for (let i = 0; i < tasks; i++) {
          const place = positions[slot * tasks + i] as number;
          if (place < 0) continue;
          const next = accumulators[i] as Float32Array;
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
          for (let c = 0; c < dim; c++)
            buffer[c] = (buffer[c] as number) + f(weight * (next[place * dim + c] as number));
        }
        if (source === null) continue;
        updateRow(table, first ?? none, second ?? none, (slotIds[slot] as number) * dim, source, from, scale, dim);
      }
    },
    applyValues(table, first, second, slotIds, used, order, values, dim) {
      for (let k = 0; k < used; k++) {
        const slot = order === null ? k : (order[k] as number);
        updateRow(table, first ?? none, second ?? none, (slotIds[slot] as number) * dim, values, k * dim, 1, dim);
      }
    },
    catchUp(table, first, second, last, ids, count, until, stepSizes, roots, dim, buffer) {
      buffer.fill(0, 0, dim);
      const copy = new Float32Array(dim);
      const scaleRow = (row: Float32Array | null, at: number, factor: number): void => {
        if (row === null) return;
        const rounded = f(factor);
        for (let c = 0; c < dim; c++) row[at + c] = (row[at + c] as number) * rounded;
      };
      for (let k = 0; k < count; k++) {
        const id = ids === null ? k : (ids[k] as number);
        const from = last[id] as number;
        if (from >= until) continue;
        last[id] = until;
        const at = id * dim;
        let s = from + 1;
        while (s <= until) {
          stepSize = stepSizes[s] as number;
          root = roots[s] as number;
          for (let c = 0; c < dim; c++) copy[c] = keep * (table[at + c] as number);
          updateRow(table, first ?? none, second ?? none, at, buffer, 0, 1, dim);
          s++;
          if (decay === 0 && s > 10 && copy.every((x, c) => Object.is(x, table[at + c]))) break;
        }
        const left = until - s + 1;
        if (left <= 0) continue;
        if (kind === "adam") {
          scaleRow(first, at, Math.pow(1 - beta1c, left));
          scaleRow(second, at, Math.pow(beta2, left));
        } else if (kind === "sgd" && momentum !== 0) scaleRow(first, at, Math.pow(momentum, left));
        if (keep !== 1) scaleRow(table, at, Math.pow(keep, left));
      }
    },
  };
}
