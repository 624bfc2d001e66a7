import { type Combined, type FloatArray, GradpoolError } from "@gradpool/core";
import type { Tensor, TensorOps } from "@gradpool/models";
import { type JoinedGradients, joinParts } from "../gradients/join.js";
import type { GradientPart } from "../gradients/part.js";
import { trouble } from "./failure.js";

/** Numbers that crossed between the device and the host. */
export interface Crossings {
  toHost: number;
  toDevice: number;
}

/** One variable that the pool sees. */
export interface Shared {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
}

export interface DeviceGradients {
  readonly gradients: JoinedGradients;
  /** Per task present: 0 where all of its gradients are finite, else NaN. On the device. */
  trouble(): Tensor;
  /** The combined gradient of each variable, on the device. `doubtful`: nothing on the host shows that they are finite. */
  resolve(combined: Combined): { readonly combined: readonly Tensor[]; readonly doubtful: boolean };
}

/** Several tasks' gradients of some variables as one matrix on the device, [tasks present, size]. */
interface Block {
  /** By place: pools keep state under it, and tfjs gives an unnamed variable another name in every model. */
  readonly name: string;
  /** What errors call it. */
  readonly said: string;
  readonly variables: readonly number[];
  readonly size: number;
  readonly rows: Tensor;
  /** Largest |coordinate| per row: rows are divided by it before they are multiplied, so that no square over- or underflows. */
  readonly scale: Tensor;
}

/** Combinations that stay below it do not overflow, rounding included. */
const safe = 1e38;

/** Coordinates that one product in float32 adds up: over two million it loses three digits. Longer sums go on in float64. */
const stretch = 2 ** 14;

/** Inner products of the rows [n, size], one n × n matrix for each stretch of coordinates. */
function products(tf: TensorOps, rows: Tensor, size: number): Tensor[] {
  const [n = 0] = rows.shape;
  const whole = Math.floor(size / stretch);
  const ofEach = (own: Tensor, count: number): Tensor =>
    tf.reshape(tf.matMul(own as never, own as never, false, true), [count * n * n]);
  if (size <= stretch) return [ofEach(rows, 1)];
  const cut = tf.reshape(tf.slice(rows, [0, 0], [n, whole * stretch]), [n, whole, stretch]);
  const out = [ofEach(tf.transpose(cut, [1, 0, 2]), whole)];
  if (whole * stretch < size) out.push(ofEach(tf.slice(rows, [0, whole * stretch], [n, size - whole * stretch]), 1));
  return out;
}

/** The tasks' gradients of all shared variables as blocks: one of all of them, or one each. */
function blocksOf(
  tf: TensorOps,
  shared: readonly Shared[],
  present: readonly (readonly (Tensor | null)[])[],
  together: boolean,
): readonly Block[] {
  const sizeOf = (k: number): number => (shared[k] as Shared).size;
  const flat = (gradient: Tensor | null | undefined, size: number): Tensor =>
    gradient === null || gradient === undefined ? tf.zeros([size]) : tf.reshape(gradient, [size]);
  const blockOf = (name: string, said: string, variables: readonly number[]): Block => {
    const rows = tf.stack(
      present.map((own) =>
        joined(
          tf,
          variables.map((k) => flat(own[k], sizeOf(k))),
        ),
      ),
    );
    const size = variables.reduce((sum, k) => sum + sizeOf(k), 0);
    return { name, said, variables, size, rows, scale: tf.max(tf.abs(rows), 1, true) };
  };
  if (!together) return shared.map(({ name }, k) => blockOf(`shared${k}`, name, [k]));
  return [blockOf("shared", "shared", [...shared.keys()])];
}

const joined = (tf: TensorOps, parts: Tensor[]): Tensor =>
  parts.length === 1 ? (parts[0] as Tensor) : tf.concat(parts);

/** The products of a block's scaled rows, one n × n matrix for each stretch, and behind them the n scales: all blocks as one vector. */
function scaledProducts(tf: TensorOps, blocks: readonly Block[], n: number): Tensor {
  return tf.tidy(() =>
    joined(
      tf,
      blocks.flatMap(({ rows, scale, size }) => [
        ...products(tf, tf.divNoNan(rows, scale), size),
        tf.reshape(scale, [n]),
      ]),
    ),
  );
}

/**
 * What {@link scaledProducts} has brought to the host, as raw inner products in float64, T × T per block (absent tasks keep 0), and the scales by
 * block and task present. `here`: the tasks that are present.
 */
function gramOf(
  numbers: Float32Array,
  blocks: readonly Block[],
  here: readonly number[],
  tasks: number,
): { readonly gram: Float64Array; readonly scales: readonly Float32Array[] } {
  const n = here.length;
  const gram = new Float64Array(blocks.length * tasks * tasks);
  let from = 0;
  const scales = blocks.map(({ size }, b) => {
    const sums = new Float64Array(n * n);
    const end = from + Math.ceil(size / stretch) * n * n;
    for (let k = 0; from < end; from++, k = (k + 1) % (n * n))
      sums[k] = (sums[k] as number) + (numbers[from] as number);
    const scale = numbers.slice(from, from + n);
    from += n;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const value = (sums[i * n + j] as number) * (scale[i] as number) * (scale[j] as number);
        gram[(b * tasks + (here[i] as number)) * tasks + (here[j] as number)] = value;
      }
    }
    return scale;
  });
  return { gram, scales };
}

/**
 * Task gradients that stay where they are. A Gram is one product of a matrix with its transpose there, of which the T × T
 * numbers (and T scales) are read, T × T for every 2^14 coordinates; a combination is one product with the weights. `together`: all variables in one matrix, for
 * pools of model granularity; else one per variable.
 */
export function deviceGradients(
  tf: TensorOps,
  shared: readonly Shared[],
  perTask: readonly (readonly (Tensor | null)[] | null)[],
  together: boolean,
  crossed: Crossings,
): DeviceGradients {
  const present = perTask.map((gradients) => gradients !== null);
  const here = present.flatMap((p, t) => (p ? [t] : []));
  const tasks = present.length;
  const blocks = blocksOf(
    tf,
    shared,
    perTask.flatMap((gradients) => (gradients === null ? [] : [gradients])),
    together,
  );
  /** By block and task present, once the Gram has brought them here. */
  let scales: readonly Float32Array[] = [];

  function read(tensor: Tensor): Float32Array {
    crossed.toHost += tensor.size;
    return tensor.dataSync() as Float32Array;
  }

  function gram(): Float64Array {
    const made = scaledProducts(tf, blocks, here.length);
    const found = gramOf(read(made), blocks, here, tasks);
    made.dispose();
    scales = found.scales;
    return found.gram;
  }

  const part: GradientPart = {
    tasks,
    parameters: blocks.map(({ name, size }) => ({ name, kind: "dense", size, width: 1 })),
    gram,
    values(name) {
      const block = blocks.find((candidate) => candidate.name === name) as Block;
      const numbers = read(block.rows);
      return present.map((p, t): FloatArray => {
        const row = here.indexOf(t);
        return p ? numbers.subarray(row * block.size, (row + 1) * block.size) : new Float32Array(block.size);
      });
    },
  };
  const gradients = joinParts([part], present);

  /** One block's combined gradient, and whether it may have overflowed. */
  function combine(
    { name, said, size, rows }: Block,
    b: number,
    combined: Combined,
  ): { vector: Tensor; doubtful: boolean } {
    const cut = gradients.weightsOf(combined, name);
    if (cut === null) {
      const values = requireCoordinates(combined.value(name), said, size);
      crossed.toDevice += size;
      return { vector: tf.tensor1d(values), doubtful: false };
    }
    const weights = here.map((t) => cut.weights[t] as number);
    crossed.toDevice += weights.length;
    const largest = weights.reduce((sum, weight, k) => sum + Math.abs(weight) * (scales[b]?.[k] ?? Infinity), 0);
    return {
      vector: tf.reshape(tf.matMul(tf.tensor2d([weights]), rows as never), [size]),
      doubtful: !(largest < safe),
    };
  }

  return {
    gradients,
    trouble: () => tf.addN(blocks.map(({ rows }) => trouble(tf, rows, true))),
    resolve(combined) {
      const out: Tensor[] = [];
      let doubtful = false;
      for (const [b, block] of blocks.entries()) {
        const one = combine(block, b, combined);
        doubtful ||= one.doubtful;
        const sizes = block.variables.map((k) => (shared[k] as Shared).size);
        const pieces = sizes.length === 1 ? [one.vector] : tf.split(one.vector, sizes);
        block.variables.forEach((k, p) => (out[k] = tf.reshape(pieces[p] as Tensor, [...(shared[k] as Shared).shape])));
      }
      return { combined: out, doubtful };
    },
  };
}

/** A pool's own coordinates, as the device takes them. */
function requireCoordinates(values: FloatArray, parameter: string, size: number): Float32Array {
  const out = Float32Array.from(values);
  const bad = out.findIndex((value) => !Number.isFinite(value));
  if (out.length === size && bad < 0) return out;
  const short = out.length !== size;
  throw new GradpoolError({
    code: short ? "shape" : "non-finite",
    what: short ? `the pool's gradient has ${out.length} coordinates` : `the pool's gradient holds ${values[bad]}`,
    where: `pooledOptimizer, parameter ${parameter}`,
    remedy: short ? `answer with ${size}` : "look at the pool: all tasks' gradients are finite",
  });
}
