import type { Block, Chance, GraphOps, Matrix, Propagation } from "./contract.js";
import type { GraphMatrix } from "./matrix.js";

type Numbers = Float64Array;

/** {@link Block} on an array of its own. */
function block(): Block {
  let values: Numbers = new Float64Array(0);
  let rows = 0;
  let width = 0;
  const own: Block = {
    get rows() {
      return rows;
    },
    get width() {
      return width;
    },
    get values() {
      return values;
    },
    shape(r, w) {
      if (r * w > values.length) values = new Float64Array(r * w);
      rows = r;
      width = w;
      return own;
    },
  };
  return own;
}

/** The reference of {@link GraphOps}: plain TypeScript in float64. The trainer's must agree with it. */
export function plainGraphOps(matrix: GraphMatrix): GraphOps {
  const nodes = matrix.offsets.length - 1;
  return { nodes, block, productBlock: block, ...sparse(matrix), ...rowsOf, ...layers };
}

function sparse({ offsets, indices, values, back }: GraphMatrix): Pick<GraphOps, "propagate" | "spread"> {
  const nodes = offsets.length - 1;
  return {
    propagate(x, out, { base, scale = 1, only = null, transposed = false }: Propagation = {}) {
      const { width } = x;
      const edge = transposed ? back : values;
      out.shape(only?.count ?? nodes, width);
      for (let k = 0; k < out.rows; k++) {
        const node = only === null ? k : (only.ids[k] as number);
        for (let c = 0; c < width; c++) {
          let sum = 0;
          for (let e = offsets[node] as number; e < (offsets[node + 1] as number); e++)
            sum += (edge[e] as number) * (x.values[(indices[e] as number) * width + c] as number);
          if (base !== undefined) sum += base.values[node * width + c] as number;
          out.values[k * width + c] = scale * sum;
        }
      }
    },
    spread(g, only, out) {
      const { width } = g;
      for (let k = 0; k < only.count; k++) {
        const node = only.ids[k] as number;
        for (let e = offsets[node] as number; e < (offsets[node + 1] as number); e++) {
          for (let c = 0; c < width; c++) {
            const cell = (indices[e] as number) * width + c;
            out.values[cell] =
              (out.values[cell] as number) + (values[e] as number) * (g.values[k * width + c] as number);
          }
        }
      }
    },
  };
}

/** Writes f(k) to every place. */
function each(out: Block, f: (k: number) => number): void {
  const { values, rows, width } = out;
  for (let k = 0; k < rows * width; k++) values[k] = f(k);
}

const at = (x: Block, k: number): number => x.values[k] as number;

const rowsOf: Pick<GraphOps, "copy" | "gather" | "addRows" | "fill" | "scale" | "paste" | "cut" | "drop"> = {
  copy: (x, out) => each(out.shape(x.rows, x.width), (k) => at(x, k)),
  gather(x, only, out) {
    const { width } = x;
    out.shape(only.count, width);
    each(out, (k) => at(x, (only.ids[Math.floor(k / width)] as number) * width + (k % width)));
  },
  addRows(g, only, out) {
    const { width } = g;
    for (let k = 0; k < only.count * width; k++) {
      const cell = (only.ids[Math.floor(k / width)] as number) * width + (k % width);
      out.values[cell] = at(out, cell) + at(g, k);
    }
  },
  fill: (out, value) => each(out, () => value),
  scale: (x, by) => each(x, (k) => by * at(x, k)),
  paste(x, out, to) {
    for (let k = 0; k < x.rows * x.width; k++)
      out.values[Math.floor(k / x.width) * out.width + to + (k % x.width)] = at(x, k);
  },
  cut(x, from, out) {
    each(out, (k) => at(x, Math.floor(k / out.width) * x.width + from + (k % out.width)));
  },
  drop(x, only, chance) {
    each(x, (k) => {
      const row = Math.floor(k / x.width);
      return isDropped(only?.ids[row] ?? row, k % x.width, chance) ? 0 : chance.scale * at(x, k);
    });
  },
};

const layers: Pick<GraphOps, "add" | "multiply" | "product" | "outer" | "columnSums" | "leaky" | "unit" | "unitBack"> =
  {
    add: (a, b, out) => each(out.shape(a.rows, a.width), (k) => at(a, k) + at(b, k)),
    multiply(a, b, out, adds = false) {
      each(out.shape(a.rows, a.width), (k) => (adds ? at(out, k) : 0) + at(a, k) * at(b, k));
    },
    product(x, { values, transposed }: Matrix, out, start) {
      const inner = x.width;
      each(out, (k) => {
        const [r, c] = [Math.floor(k / out.width), k % out.width];
        let sum = start === undefined ? 0 : start === "add" ? at(out, k) : (start[c] as number);
        for (let i = 0; i < inner; i++)
          sum += at(x, r * inner + i) * (values[transposed ? c * inner + i : i * out.width + c] as number);
        return sum;
      });
    },
    outer(y, x, out) {
      for (let r = 0; r < y.rows; r++) {
        for (let i = 0; i < y.width; i++) {
          for (let j = 0; j < x.width; j++) {
            const cell = i * x.width + j;
            out[cell] = (out[cell] as number) + at(y, r * y.width + i) * at(x, r * x.width + j);
          }
        }
      }
    },
    columnSums(y, out) {
      for (let k = 0; k < y.rows * y.width; k++) out[k % y.width] = (out[k % y.width] as number) + at(y, k);
    },
    leaky(act, g, slope, out) {
      each(out.shape(g.rows, g.width), (k) => (at(act, k) > 0 ? at(g, k) : slope * at(g, k)));
    },
    unit(x, out, inverse) {
      const { rows, width } = x;
      each(inverse.shape(rows, 1), (r) => {
        let square = 0;
        for (let c = 0; c < width; c++) square += at(x, r * width + c) ** 2;
        return 1 / Math.max(Math.sqrt(square), 1e-12);
      });
      each(out.shape(rows, width), (k) => at(inverse, Math.floor(k / width)) * at(x, k));
    },
    unitBack(g, unit, inverse, out) {
      const { rows, width } = g;
      const along = new Float64Array(rows);
      for (let k = 0; k < rows * width; k++) {
        const r = Math.floor(k / width);
        along[r] = (along[r] as number) + at(g, k) * at(unit, k);
      }
      each(out.shape(rows, width), (k) => {
        const r = Math.floor(k / width);
        return at(inverse, r) > 9e11 ? 0 : at(inverse, r) * (at(g, k) - (along[r] as number) * at(unit, k));
      });
    },
  };

/** Murmur3's last mix. */
function mix(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** Is this place dropped? The same answer for the same chance, whoever asks. */
function isDropped(node: number, column: number, { first, second, threshold }: Chance): boolean {
  return mix((mix(node ^ first) + Math.imul(column, 0x9e3779b1) + second) | 0) >>> 0 < threshold;
}
